#include "src/cli/produce/producer.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "src/aws/json.h"
#include "src/base/base64.h"

namespace millrace::cli {
namespace {

constexpr size_t kRequestBytesMax = 4 << 20;  // Firehose's limit; Kinesis takes 5 MiB
constexpr size_t kRecordBytesMax = 1 << 20;   // data and key
constexpr auto kFirstPause = std::chrono::milliseconds(20);
constexpr auto kLongestPause = std::chrono::milliseconds(2000);

struct Work {
    std::vector<std::string> entries;  // each the JSON of one record of the request
    std::vector<uint32_t> bytes;       // of its data
    double fraction = -1;
};

// Requests between the reader and the senders. A failure on either side ends both.
class WorkQueue {
  public:
    explicit WorkQueue(size_t waiting_max) : waiting_max_(waiting_max) {}

    bool put(Work work) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return ended_ || waiting_.size() < waiting_max_; });
        if (ended_) return false;
        waiting_.push_back(std::move(work));
        any_.notify_one();
        return true;
    }
    bool take(Work& work) {
        std::unique_lock lock(mutex_);
        any_.wait(lock, [&] { return ended_ || closed_ || !waiting_.empty(); });
        if (ended_ || waiting_.empty()) return false;
        work = std::move(waiting_.front());
        waiting_.pop_front();
        room_.notify_one();
        return true;
    }
    void close() {  // no more puts; takes drain it
        std::lock_guard lock(mutex_);
        closed_ = true;
        any_.notify_all();
    }
    void fail(Error error) {
        std::lock_guard lock(mutex_);
        if (!ended_) error_ = std::move(error);
        ended_ = true;
        any_.notify_all();
        room_.notify_all();
    }
    bool failed() {
        std::lock_guard lock(mutex_);
        return ended_;
    }
    Error error() {
        std::lock_guard lock(mutex_);
        return error_;
    }

  private:
    const size_t waiting_max_;
    std::mutex mutex_;
    std::condition_variable any_;
    std::condition_variable room_;
    std::deque<Work> waiting_;
    bool closed_ = false;
    bool ended_ = false;
    Error error_;
};

std::string entry_of(const Record& record, Destination destination) {
    std::string entry;
    entry.reserve(base64_encoded_size(record.data.size()) + record.partition_key.size() + 40);
    entry = "{\"Data\":\"";
    const size_t at = entry.size();
    entry.resize(at + base64_encoded_size(record.data.size()));
    base64_encode(record.data, entry.data() + at);
    entry += '"';
    if (destination == Destination::kinesis_stream) {
        entry += ",\"PartitionKey\":\"";
        aws::append_json_escaped(record.partition_key, entry);
        entry += '"';
    }
    return entry + "}";
}

// Keeps to the rate on average over the run, so that a late start of the server is made up for.
class Pace {
  public:
    explicit Pace(uint64_t records_per_s) : records_per_s_(records_per_s), begin_(std::chrono::steady_clock::now()) {}
    void wait_for(uint64_t records) const {
        if (records_per_s_ == 0) return;
        std::this_thread::sleep_until(begin_ + std::chrono::microseconds(records * 1'000'000 / records_per_s_));
    }

  private:
    uint64_t records_per_s_;
    std::chrono::steady_clock::time_point begin_;
};

void read_all(const ProducerOptions& options, RecordSource& source, WorkQueue& queue) {
    // At low rates a request is what falls due in a tenth of a second, so that records do not wait to fill one.
    uint64_t records_max = options.records_per_request_max;
    if (options.records_per_s) {
        records_max = std::clamp<uint64_t>(options.records_per_s / 10, 1, options.records_per_request_max);
    }
    const Pace pace(options.records_per_s);
    Work work;
    size_t work_bytes = 0;
    uint64_t given = 0;
    Record record;
    while (true) {
        Result<bool> more = source.next(record);
        if (!more.ok()) return queue.fail(std::move(more).error());
        if (*more && record.data.size() + record.partition_key.size() > kRecordBytesMax) {
            return queue.fail({ErrorCode::invalid_argument,
                               "record " + std::to_string(given + work.entries.size() + 1) + " is larger than 1 MiB"});
        }
        const size_t bytes = *more ? record.data.size() + record.partition_key.size() : 0;
        if (!work.entries.empty() &&
            (!*more || work.entries.size() == records_max || work_bytes + bytes > kRequestBytesMax)) {
            pace.wait_for(given);
            given += work.entries.size();
            work.fraction = source.fraction();
            if (!queue.put(std::move(work))) return;
            work = {};
            work_bytes = 0;
        }
        if (!*more) return queue.close();
        work.bytes.push_back(static_cast<uint32_t>(record.data.size()));
        work.entries.push_back(entry_of(record, options.destination));
        work_bytes += bytes;
    }
}

// Which entries of a 200 were refused: those with an ErrorCode. False where the body is not what it should be.
bool refused_entries(const std::string& body, Destination destination, size_t count, std::vector<size_t>& refused,
                     std::string& reason) {
    const bool kinesis = destination == Destination::kinesis_stream;
    boost::system::error_code error;
    boost::json::value value = boost::json::parse(body, error);
    if (error || !value.is_object()) return false;
    const boost::json::value* results = value.as_object().if_contains(kinesis ? "Records" : "RequestResponses");
    if (!results || !results->is_array() || results->as_array().size() != count) return false;
    for (size_t i = 0; i < count; ++i) {
        const boost::json::value& result = results->as_array()[i];
        if (!result.is_object()) return false;
        const boost::json::value* code = result.as_object().if_contains("ErrorCode");
        if (!code || code->is_null()) continue;
        refused.push_back(i);
        const boost::json::value* message = result.as_object().if_contains("ErrorMessage");
        reason = code->is_string() ? std::string(code->as_string()) : "error";
        if (message && message->is_string()) reason += ": " + std::string(message->as_string());
    }
    return true;
}

class Sender {
  public:
    Sender(const ProducerOptions& options, WorkQueue& queue, std::mutex& report_mutex, ProducerReport& report,
           const std::function<void(uint64_t, double)>& progress)
        : options_(options),
          queue_(queue),
          report_mutex_(report_mutex),
          report_(report),
          progress_(progress),
          api_(options.endpoint, options.credentials, options.region) {}

    void run() {
        Work work;
        while (queue_.take(work)) {
            Status status = send(work);
            if (!status.ok()) return queue_.fail(std::move(status).error());
        }
    }

  private:
    Status send(Work& work) {
        const bool kinesis = options_.destination == Destination::kinesis_stream;
        const JsonService& service = kinesis ? kKinesis : kFirehose;
        auto pause = kFirstPause;
        std::string reason;
        for (uint32_t attempt = 0; attempt < options_.attempts_max; ++attempt) {
            if (attempt > 0) {
                if (queue_.failed()) return {ErrorCode::cancelled, "another connection failed"};
                std::this_thread::sleep_for(pause);
                pause = std::min<std::chrono::milliseconds>(pause * 2, kLongestPause);
            }
            Result<ApiAnswer> answer = api_.call(service, kinesis ? "PutRecords" : "PutRecordBatch", body_of(work));
            std::vector<size_t> refused;
            if (!answer.ok()) {
                reason = answer.error().message;
            } else if (answer->ok()) {
                if (!refused_entries(answer->body, options_.destination, work.entries.size(), refused, reason)) {
                    return {ErrorCode::corruption,
                            "the server's answer is not understood: " + answer->body.substr(0, 200)};
                }
                acknowledge(work, refused);
                if (work.entries.empty()) return {};
                continue;
            } else {
                reason =
                    "HTTP " + std::to_string(answer->status) + " " + answer->error + " " + answer->body.substr(0, 300);
                // The caller's mistakes do not mend themselves; throttling and faults may.
                if (answer->status < 500 && answer->error.find("Throttl") == std::string::npos &&
                    answer->error.find("Exceeded") == std::string::npos) {
                    return {ErrorCode::failed_precondition, reason};
                }
            }
            std::lock_guard lock(report_mutex_);
            report_.retried += work.entries.size();
        }
        return {ErrorCode::unavailable,
                "gave up after " + std::to_string(options_.attempts_max) + " attempts: " + reason};
    }

    const std::string& body_of(const Work& work) {
        const bool kinesis = options_.destination == Destination::kinesis_stream;
        body_ = kinesis ? "{\"StreamName\":" : "{\"DeliveryStreamName\":";
        body_ += json_quoted(options_.name) + ",\"Records\":[";
        for (size_t i = 0; i < work.entries.size(); ++i) {
            if (i) body_ += ',';
            body_ += work.entries[i];
        }
        return body_ += "]}";
    }

    // Counts what went through and leaves the refused in `work`.
    void acknowledge(Work& work, const std::vector<size_t>& refused) {
        uint64_t bytes = 0;
        for (uint32_t each : work.bytes) bytes += each;
        for (size_t i : refused) bytes -= work.bytes[i];
        const uint64_t records = work.entries.size() - refused.size();
        Work left;
        left.fraction = work.fraction;
        for (size_t i : refused) {
            left.entries.push_back(std::move(work.entries[i]));
            left.bytes.push_back(work.bytes[i]);
        }
        work = std::move(left);
        std::lock_guard lock(report_mutex_);
        report_.records += records;
        report_.bytes += bytes;
        report_.requests += 1;
        report_.retried += work.entries.size();
        if (progress_) progress_(report_.records, work.fraction);
    }

    const ProducerOptions& options_;
    WorkQueue& queue_;
    std::mutex& report_mutex_;
    ProducerReport& report_;
    const std::function<void(uint64_t, double)>& progress_;
    ApiClient api_;
    std::string body_;
};

}  // namespace

Result<ProducerReport> produce(const ProducerOptions& options, RecordSource& source,
                               const std::function<void(uint64_t records, double fraction)>& progress) {
    WorkQueue queue(options.connections * size_t{2});
    std::mutex report_mutex;
    ProducerReport report;
    std::vector<std::thread> senders;
    for (uint32_t i = 0; i < options.connections; ++i) {
        senders.emplace_back([&] { Sender(options, queue, report_mutex, report, progress).run(); });
    }
    read_all(options, source, queue);
    for (std::thread& sender : senders) sender.join();
    if (queue.failed()) return queue.error();
    return report;
}

}  // namespace millrace::cli
