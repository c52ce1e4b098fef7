#include "src/flow/processing/processing.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "src/base/base64.h"
#include "src/base/checksum.h"
#include "src/flow/processing/deaggregate.h"
#include "src/flow/turns.h"
#include "src/function/functions.h"
#include "src/io/clock.h"

namespace millrace::flow {
namespace {

constexpr uint64_t buffer_bytes_without_function = 1 << 20;
// Of Lambda's limit of 6 MB for a call, and for its answer, a quarter is left for what a function adds. Small records
// grow by far more than base64's third: each has its id and times around it.
constexpr size_t event_bytes_max = 9 << 19;
constexpr auto stopping_looked_at_every = std::chrono::milliseconds(20);
constexpr uint64_t retry_ms_max = 5'000;

// A call's answer, shared with the engine that gives it: whoever waits may be gone by then.
struct Call {
    std::mutex mutex;
    std::condition_variable done;
    std::optional<Result<function::InvocationResult>> result;
};

ProcessingFailure failure_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::not_found:
            return {"Lambda.ResourceNotFound", "The function was not found: " + error.message};
        case ErrorCode::permission_denied:
            return {"Lambda.InvokeAccessDenied", error.message};
        case ErrorCode::resource_exhausted:
            return {"Lambda.InvokeLimitExceeded", "The Lambda request rate was exceeded: " + error.message};
        default:
            return {"Lambda.FunctionError", error.message};
    }
}

}  // namespace

Status check_function(const ProcessingConfiguration& configuration, const Scope& scope) {
    if (!configuration.function) return {};
    TRY_ASSIGN(const function::FunctionName name, function::parse_function_name(scope, configuration.function->arn));
    if (name.scope == scope) return {};
    return Error{ErrorCode::permission_denied, "LambdaArn must be of a function in " + scope.region + " of account " +
                                                   scope.account + ": " + configuration.function->arn};
}

Processing::Processing(ProcessingConfiguration configuration, ProcessingParts parts)
    : configuration_(std::move(configuration)), parts_(std::move(parts)) {}
Processing::~Processing() = default;

Result<std::unique_ptr<Processing>> Processing::make(ProcessingConfiguration configuration, ProcessingParts parts) {
    std::unique_ptr<Processing> out(new Processing(std::move(configuration), std::move(parts)));
    if (out->configuration_.function && out->parts_.functions == nullptr) {
        return Error{ErrorCode::unsupported, "no functions are wired in"};
    }
    if (!out->configuration_.query.empty()) {
        TRY_ASSIGN(out->query_, PartitionQuery::start(out->parts_.jq, out->configuration_.query));
    }
    return out;
}

bool Processing::has_room_for(const log::RecordView& record) const {
    if (!configuration_.function || gathered_.empty()) return true;
    size_t parts = 1;
    if (configuration_.deaggregation != Deaggregation::none)
        parts = std::clamp<size_t>(record.data.size() / 2, 1, deaggregated_records_max);
    const size_t data = base64_encoded_size(record.data.size()) + 2 * parts;  // each part's rounding
    return event_bytes_ + data + parts * event_record_bytes(parts_.source, record.partition_key) <= event_bytes_max;
}

void Processing::gather(const log::RecordView& record, std::string_view shard_id) {
    if (gathered_.empty()) first_ns_ = parts_.clock.monotonic_ns();
    std::vector<std::string_view> pieces = {record.data};
    if (configuration_.deaggregation == Deaggregation::json) {
        pieces = split_json_objects(record.data);
    } else if (configuration_.deaggregation == Deaggregation::delimited) {
        pieces = split_delimited(record.data, configuration_.deaggregation_delimiter);
    }
    uint32_t part = 0;
    for (const std::string_view piece : pieces) {
        gathered_.push_back({record.position, part++, record.time, std::string(shard_id),
                             std::string(record.partition_key), std::string(piece)});
        gathered_bytes_ += piece.size();
        event_bytes_ += base64_encoded_size(piece.size()) + event_record_bytes(parts_.source, record.partition_key);
    }
}

bool Processing::full() const {
    return gathered_bytes_ >=
           (configuration_.function ? configuration_.function->buffer_bytes : buffer_bytes_without_function);
}

int64_t Processing::wait_ms() const {
    if (full()) return 0;
    const int64_t hint_ms = configuration_.function ? int64_t{configuration_.function->buffer_s} * 1000 : 1000;
    return std::max<int64_t>(hint_ms - (parts_.clock.monotonic_ns() - first_ns_) / 1'000'000, 0);
}

void Processing::clear() {
    gathered_.clear();
    gathered_bytes_ = event_bytes_ = 0;
}

Result<std::vector<Processed>> Processing::run(const std::atomic<bool>& stopping) {
    std::vector<Processed> records;
    for (Arrival& arrival : gathered_) {
        records.emplace_back();
        records.back().arrival = std::move(arrival);
    }
    clear();
    if (configuration_.function) {
        TRY(transform(&records, stopping));
    } else {
        for (Processed& record : records) record.data = record.arrival.data;
    }
    if (query_) TRY(extract(&records, stopping));
    return records;
}

Status Processing::transform(std::vector<Processed>* records, const std::atomic<bool>& stopping) {
    const TransformFunction& function = *configuration_.function;
    std::vector<Arrival> arrivals;
    for (Processed& record : *records) arrivals.push_back(std::move(record.arrival));
    uint32_t attempts = 0;
    ProcessingFailure failure;
    std::string answer;
    for (;;) {
        // Each attempt has an id of its own; ids and bytes of the records stay.
        const std::string event = transform_event(parts_.source, random_uuid(), arrivals);
        failure = {};
        TRY(call(event, stopping, &answer, &failure));
        ++attempts;
        if (failure.code.empty() || attempts > function.retries) break;
        const uint64_t wait_ms =
            std::min<uint64_t>(uint64_t{parts_.retry_ms_first} << std::min(attempts - 1, 20u), retry_ms_max);
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms);
        const Turns::Pause pause(parts_.turns);
        while (std::chrono::steady_clock::now() < until && !stopping)
            std::this_thread::sleep_for(stopping_looked_at_every);
    }
    std::vector<Transformed> answers;
    if (failure.code.empty()) answers = read_transform_answer(answer, arrivals);
    for (size_t i = 0; i < records->size(); ++i) {
        Processed& record = (*records)[i];
        record.arrival = std::move(arrivals[i]);
        record.attempts = attempts;
        if (answers.empty() || answers[i].result == Transformed::Result::failed) {
            record.outcome = Processed::Outcome::failed;
            record.error_type = processing_failed;
            record.failure = answers.empty() ? failure : std::move(answers[i].failure);
            record.function_arn = function.arn;
        } else if (answers[i].result == Transformed::Result::dropped) {
            record.outcome = Processed::Outcome::dropped;
        } else {
            record.data = std::move(answers[i].data);
            record.from_function = std::move(answers[i].keys);
        }
    }
    return {};
}

Status Processing::call(const std::string& event, const std::atomic<bool>& stopping, std::string* answer,
                        ProcessingFailure* failure) {
    function::Invocation invocation;
    if (Status allowed = check_function(configuration_, parts_.source.scope); !allowed.ok()) {
        *failure = failure_of(allowed.error());
        return {};
    }
    TRY_ASSIGN(invocation.function, function::parse_function_name(parts_.source.scope, configuration_.function->arn));
    invocation.payload = event;
    const auto call = std::make_shared<Call>();
    parts_.functions->invoke(std::move(invocation), [call](Result<function::InvocationResult> result) {
        const std::lock_guard<std::mutex> lock(call->mutex);
        call->result.emplace(std::move(result));
        call->done.notify_all();
    });
    {
        const Turns::Pause pause(parts_.turns);
        std::unique_lock<std::mutex> lock(call->mutex);
        while (!call->result && !stopping) call->done.wait_for(lock, stopping_looked_at_every);
        if (!call->result) return Error{ErrorCode::unavailable, "stopping"};
    }
    Result<function::InvocationResult>& result = *call->result;
    if (!result.ok()) {
        if (result.error().code == ErrorCode::unavailable) return std::move(result).error();
        *failure = failure_of(result.error());
        return {};
    }
    if (result->function_error.empty()) {
        *answer = std::move(result->payload);
        return {};
    }
    *failure = {"Lambda.FunctionError",
                "The Lambda function was successfully invoked but it returned an error result: " +
                    result->payload.substr(0, 1000)};
    return {};
}

Status Processing::extract(std::vector<Processed>* records, const std::atomic<bool>& stopping) {
    std::vector<std::string_view> texts;
    std::vector<Processed*> asked;
    for (Processed& record : *records) {
        if (record.outcome != Processed::Outcome::deliver) continue;
        texts.push_back(record.data);
        asked.push_back(&record);
    }
    if (asked.empty()) return {};
    std::vector<ExtractedKeys> found;
    {
        const Turns::Pause pause(parts_.turns);  // the work is the child's
        TRY_ASSIGN(found, query_->extract(texts, &stopping));
    }
    for (size_t i = 0; i < asked.size(); ++i) {
        if (found[i].error.empty()) {
            asked[i]->from_query = std::move(found[i].keys);
            continue;
        }
        asked[i]->outcome = Processed::Outcome::failed;
        asked[i]->error_type = extraction_failed;
        asked[i]->failure = {"DynamicPartitioning.MetadataExtractionFailed", std::move(found[i].error)};
    }
    return {};
}

}  // namespace millrace::flow
