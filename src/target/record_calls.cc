// Kinesis and Firehose: many items a call, and an answer that says of each what became of it.
#include <algorithm>
#include <random>

#include <simdjson.h>

#include "src/base/base64.h"
#include "src/target/arn.h"
#include "src/target/calls.h"

namespace millrace::target {
namespace {

constexpr size_t records_max = 500;      // a PutRecords or PutRecordBatch
constexpr size_t bytes_max = 3'500'000;  // their data: under Firehose's 4 MiB and Kinesis's 5 MiB

std::string random_key() {
    thread_local std::mt19937_64 random{std::random_device{}()};
    return std::to_string(random());
}

class RecordCalls final : public Calls {
  public:
    RecordCalls(Kind kind, const Target& target, std::span<const Item> items)
        : is_stream_(kind == Kind::stream), items_(items) {
        const Arn arn = *parse_arn(target.arn);
        scope_ = arn.scope(target.scope);
        name_ = *arn.after(is_stream_ ? "stream/" : "deliverystream/");
    }

    size_t concurrency() const override { return 1; }

    Step next(size_t first, size_t count_max) override {
        size_t bytes = 0, end = first;
        while (end < items_.size() && end - first < std::min(records_max, count_max) &&
               (end == first || bytes + items_[end].body.size() <= bytes_max)) {
            bytes += items_[end++].body.size();
        }
        std::string body = "{";
        body.reserve(base64_encoded_size(bytes) + (end - first) * 100 + 200);
        append_member(is_stream_ ? "StreamName" : "DeliveryStreamName", name_, body);
        body += ",\"Records\":[";
        for (size_t i = first; i < end; ++i) {
            body += i == first ? "{\"Data\":\"" : ",{\"Data\":\"";
            const size_t at = body.size();
            body.resize(at + base64_encoded_size(items_[i].body.size()));
            base64_encode(items_[i].body, body.data() + at);
            body += '"';
            if (is_stream_) {
                body += ',';
                append_member("PartitionKey", items_[i].partition_key.empty() ? random_key() : items_[i].partition_key,
                              body);
            }
            body += '}';
        }
        body += "]}";
        return {is_stream_ ? json_call(scope_, "kinesis", "PutRecords", std::move(body))
                           : json_call(scope_, "firehose", "PutRecordBatch", std::move(body)),
                first, end - first};
    }

    std::unique_ptr<ServiceCall> read(const Step&, const ServiceAnswer& answer, std::span<Outcome> outcomes) override {
        if (!answer.ok()) {
            const Outcome failure = failure_of(answer);
            for (Outcome& outcome : outcomes) outcome = failure;
            return nullptr;
        }
        simdjson::dom::parser parser;
        simdjson::dom::element root;
        int64_t failed = 0;
        if (parser.parse(answer.body).get(root) ||
            root[is_stream_ ? "FailedRecordCount" : "FailedPutCount"].get(failed)) {
            for (Outcome& outcome : outcomes) outcome = failure_of("InternalFailure", "The answer is not JSON.", 500);
            return nullptr;
        }
        if (failed > 0) read_failures(root, outcomes);
        return nullptr;
    }

  private:
    void read_failures(simdjson::dom::element root, std::span<Outcome> outcomes) const {
        simdjson::dom::array entries;
        if (root[is_stream_ ? "Records" : "RequestResponses"].get(entries)) return;
        size_t i = 0;
        for (const simdjson::dom::element entry : entries) {
            if (i == outcomes.size()) return;
            std::string_view code, message;
            if (!entry["ErrorCode"].get(code)) {
                if (entry["ErrorMessage"].get(message)) message = "";
                outcomes[i] = failure_of(std::string(code), std::string(message), 400);
            }
            ++i;
        }
    }

    const bool is_stream_;
    const std::span<const Item> items_;
    Scope scope_;
    std::string name_;
};

}  // namespace

std::unique_ptr<Calls> make_record_calls(Kind kind, const Target& target, std::span<const Item> items) {
    return std::make_unique<RecordCalls>(kind, target, items);
}

}  // namespace millrace::target
