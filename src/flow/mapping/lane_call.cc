// Calling the function, and what becomes of its answer.
#include <algorithm>

#include "src/base/checksum.h"
#include "src/base/json_text.h"
#include "src/base/time_text.h"
#include "src/flow/mapping/answer.h"
#include "src/flow/mapping/event_text.h"
#include "src/flow/mapping/lane.h"
#include "src/io/clock.h"

namespace millrace::flow::mapping {

// What follows "Records" in the event of a time window, but for the last brace.
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
std::string Lane::event_tail(const Window& window, bool final, bool early) const {
    std::string out = ",\"window\":{\"start\":\"" + iso_seconds(window.start);
    out += "Z\",\"end\":\"" + iso_seconds(TimestampMs(window.start.value() + window_ms()));
    out += "Z\"},\"state\":" + window.state + ",\"shardId\":";
    append_json_string(shard_.id, out);
    out += ",\"eventSourceARN\":";
    append_json_string(host_.definition().source_arn, out);
    out += final ? ",\"isFinalInvokeForWindow\":true" : ",\"isFinalInvokeForWindow\":false";
    out += early ? ",\"isWindowTerminatedEarly\":true" : ",\"isWindowTerminatedEarly\":false";
    return out;
}

void Lane::call_with_batch() {
    std::string event = std::move(batch_.text);
    event += ']';
    if (window_ms() > 0) {
        called_window_ = checkpoint_.window.value_or(Window{window_of(batch_.entries.front().time)});
        event += event_tail(called_window_, false, false);
    }
    event += '}';
    called_ = std::move(batch_.entries);
    batch_ = {};
    in_flight_ = true;
    ++ranges_.front().invocations;
    hold(event.size());
    host_.call(*this, std::move(event));
}

void Lane::call_final(bool early) {
    const Window& window = *checkpoint_.window;
    // A window that can not be ended holds up what follows: no longer than its records themselves would.
    const int64_t age_s = host_.definition().settings.record_age_s_max;
    const int64_t since_ms = host_.clock().now().value() - (window.start.value() + window_ms());
    const int64_t retries = host_.definition().settings.retries_max;
    const bool exhausted = retries >= 0 && final_attempts_ > retries;
    if (exhausted || (age_s >= 0 && final_attempts_ > 0 && since_ms > age_s * 1000)) {
        GivenUp& out = given_up_.emplace();
        out.end = checkpoint_.done;
        out.since_ns = host_.clock().monotonic_ns();
        FailureRecord& record = out.record;
        record.condition = exhausted ? retries_exhausted : age_exceeded;
        record.request_id = request_id_;
        record.executed_version = executed_version_;
        record.function_error = function_error_;
        record.invocations = final_attempts_;
        const function::FunctionName& name = host_.definition().settings.function;
        record.function_arn = function::function_arn(name.scope, name.name, name.qualifier);
        record.pipe_arn = host_.pipe_arn();
        record.time = host_.clock().now();
        record.shard_id = shard_.id;
        record.first = record.last = checkpoint_.done;
        record.first_time = record.last_time = window.start;
        record.payload = "{\"Records\":[]" + event_tail(window, true, early) + "}";
        final_given_up_ = true;
        return;
    }
    std::string event = "{\"Records\":[]" + event_tail(window, true, early) + "}";
    in_flight_ = final_in_flight_ = true;
    hold(event.size());
    host_.call(*this, std::move(event));
}

void Lane::take(Result<function::InvocationResult> result) {
    in_flight_ = false;
    hold(0);
    if (!result.ok()) {  // it did not run: throttled, gone, being updated. No attempt is spent
        final_in_flight_ = false;
        if (!ranges_.empty() && ranges_.front().invocations > 0) --ranges_.front().invocations;
        problem_ = "PROBLEM: " + result.error().message;
        host_.report(problem_);
        if (result.error().code == ErrorCode::resource_exhausted && throttled_since_ns_ == 0)
            throttled_since_ns_ = host_.clock().monotonic_ns();
        drop_batch();
        back_off();
        return;
    }
    throttled_since_ns_ = 0;
    ++counts_.calls;
    counts_.function_us += static_cast<uint64_t>(std::max<int64_t>(result->duration_us, 0));
    request_id_ = result->request_id;
    executed_version_ = result->executed_version.empty() ? "$LATEST" : result->executed_version;
    function_error_ = result->function_error;
    if (final_in_flight_) return final_answered(*result);
    if (!result->function_error.empty()) return failed("PROBLEM: Function call failed");

    const Settings& settings = host_.definition().settings;
    auto answer = read_answer(result->payload, settings.report_item_failures, window_ms() > 0);
    if (!answer.ok()) return failed("PROBLEM: Function call failed: " + answer.error().message);
    size_t done = called_.size();
    if (!answer->failed.empty()) {
        const auto first = first_failed(answer->failed);
        if (!first) return failed("PROBLEM: Function call failed: it names a record that it was not given as failed");
        done = *first;
    }
    if (done == 0) return failed("PROBLEM: Function call failed for some records");
    if (window_ms() > 0) {
        const bool early = answer->state->size() > host_.options().state_bytes_max;
        checkpoint_.window = Window{called_window_.start, std::move(*answer->state), early};
    }
    counts_.done += done;
    failures_ = 0;
    retry_due_ns_ = 0;
    if (done == called_.size()) {
        problem_.clear();
        host_.report("");
        return done_until(ranges_.front().end);
    }
    // Partly done: what is left begins with a record that has failed once. Cut there, not tried again as a whole, which
    // costs no attempt where batches are bisected.
    problem_ = "PROBLEM: Function call failed for some records";
    host_.report(problem_);
    Range& rest = ranges_.front();
    rest.attempts = settings.bisect_on_error ? 0 : 1;
    rest.invocations = 1;
    rest.records = called_.size() - done;
    rest.exhausted = settings.retries_max >= 0 && rest.attempts > settings.retries_max;
    done_until(called_[done].position);
    if (!rest.exhausted) back_off();
}

std::optional<size_t> Lane::first_failed(const std::vector<std::string>& identifiers) const {
    size_t first = called_.size();
    for (const std::string& identifier : identifiers) {
        const auto position = host_.source().parse_sequence(identifier);
        if (!position) return std::nullopt;
        const auto found = std::lower_bound(called_.begin(), called_.end(), *position,
                                            [](const Entry& entry, Position p) { return entry.position < p; });
        if (found == called_.end() || found->position != *position) return std::nullopt;
        first = std::min(first, static_cast<size_t>(found - called_.begin()));
    }
    return first;
}

// The whole of the batch is to be called again: in halves, which costs no attempt, or as it is, which does.
void Lane::failed(std::string_view why) {
    problem_ = why;
    host_.report(why);
    const Settings& settings = host_.definition().settings;
    Range& front = ranges_.front();
    if (settings.bisect_on_error && called_.size() > 1) {
        Range second = front;
        second.from = front.end = called_[called_.size() / 2].position;
        front.records = called_.size() / 2;
        second.records = called_.size() - front.records;
        ranges_.insert(ranges_.begin() + 1, second);
    } else {
        ++front.attempts;
        front.exhausted = settings.retries_max >= 0 && front.attempts > settings.retries_max;
        if (!front.exhausted) back_off();
    }
    drop_batch();
}

void Lane::final_answered(const function::InvocationResult& result) {
    final_in_flight_ = false;
    if (!result.function_error.empty()) {
        ++final_attempts_;
        problem_ = "PROBLEM: Function call failed";
        host_.report(problem_);
        back_off();
        return;
    }
    final_attempts_ = 0;
    failures_ = 0;
    problem_.clear();
    host_.report("");
    checkpoint_.window.reset();
    unsaved_ = true;
    drop_batch();
}

}  // namespace millrace::flow::mapping
