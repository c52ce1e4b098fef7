#include "src/gateway/access/delivery_stream_lines.h"

#include <chrono>

#include <boost/json.hpp>

#include "src/base/base64.h"
#include "src/base/json_text.h"
#include "src/base/service_call.h"

namespace millrace::gateway {
namespace {

constexpr auto tick = std::chrono::milliseconds(500);

// How many of a batch were not taken.
size_t failed_of(const ServiceAnswer& answer, size_t count) {
    if (!answer.ok()) return count;
    boost::system::error_code error;
    const boost::json::value body = boost::json::parse(answer.body, error);
    const boost::json::object* object = error ? nullptr : body.if_object();
    const boost::json::value* failed = object ? object->if_contains("FailedPutCount") : nullptr;
    return failed && failed->is_int64() ? static_cast<size_t>(failed->get_int64()) : 0;
}

}  // namespace

DeliveryStreamLines::DeliveryStreamLines(std::function<ServiceCaller*()> caller)
    : caller_(std::move(caller)), thread_([this] { run(); }) {}

DeliveryStreamLines::~DeliveryStreamLines() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void DeliveryStreamLines::add(const Scope& scope, const std::string& stream, std::string line) {
    const std::lock_guard lock(state_->mutex);
    if (state_->waiting_bytes + line.size() > waiting_bytes_max) {
        ++state_->dropped;
        return;
    }
    state_->waiting_bytes += line.size();
    state_->streams[{scope, stream}].lines.push_back(std::move(line));
}

void DeliveryStreamLines::run() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, tick, [this] { return stopping_; })) {
        lock.unlock();
        flush();
        lock.lock();
    }
}

void DeliveryStreamLines::flush() {
    struct Batch {
        Scope scope;
        std::string stream;
        std::vector<std::string> lines;
    };
    std::vector<Batch> batches;
    {
        const std::lock_guard lock(state_->mutex);
        for (auto at = state_->streams.begin(); at != state_->streams.end();) {
            Stream& stream = at->second;
            if (stream.under_way) {
                ++at;
                continue;
            }
            if (stream.lines.empty()) {
                at = state_->streams.erase(at);
                continue;
            }
            size_t count = 0, bytes = 0;
            while (count < stream.lines.size() && count < batch_lines_max && bytes < batch_bytes_max) {
                bytes += stream.lines[count++].size();
            }
            const auto end = stream.lines.begin() + static_cast<ptrdiff_t>(count);
            batches.push_back({at->first.first,
                               at->first.second,
                               {std::make_move_iterator(stream.lines.begin()), std::make_move_iterator(end)}});
            stream.lines.erase(stream.lines.begin(), end);
            stream.under_way = true;
            state_->waiting_bytes -= bytes;
            ++at;
        }
    }
    for (Batch& batch : batches) put(batch.scope, batch.stream, std::move(batch.lines));
}

void DeliveryStreamLines::drain(int64_t ms_max) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms_max);
    for (;;) {
        flush();  // which forgets the streams that nothing is left of
        {
            const std::lock_guard lock(state_->mutex);
            if (state_->streams.empty()) return;
        }
        if (std::chrono::steady_clock::now() >= until) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

void DeliveryStreamLines::put(const Scope& scope, const std::string& name, std::vector<std::string> lines) {
    ServiceCall call{.scope = scope, .service = "firehose", .operation = "PutRecordBatch"};
    call.headers = {{"content-type", "application/x-amz-json-1.1"}};
    call.body = "{\"DeliveryStreamName\":";
    append_json_string(name, call.body);
    call.body += ",\"Records\":[";
    for (size_t i = 0; i < lines.size(); ++i) {
        call.body.append(i == 0 ? "" : ",").append("{\"Data\":\"").append(base64_encode(lines[i] + '\n')).append("\"}");
    }
    call.body += "]}";
    const auto done = [state = state_, key = std::pair(scope, name),
                       count = lines.size()](const ServiceAnswer& answer) {
        state->dropped += failed_of(answer, count);
        const std::lock_guard lock(state->mutex);
        if (const auto at = state->streams.find(key); at != state->streams.end()) at->second.under_way = false;
    };
    ServiceCaller* const caller = caller_();
    if (!caller) return done({.status = 503, .headers = {}, .body = ""});
    caller->call(std::move(call), done);
}

}  // namespace millrace::gateway
