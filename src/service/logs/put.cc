#include <algorithm>

#include "src/io/clock.h"
#include "src/service/logs/errors.h"
#include "src/service/logs/limits.h"
#include "src/service/logs/logs.h"
#include "src/service/logs/names.h"

namespace millrace::service::logs {

using namespace aws::logs;  // the generated shapes

namespace {

std::optional<aws::Failure> refused(const std::vector<InputLogEvent>& events) {
    int64_t bytes = 0;
    for (const InputLogEvent& event : events) {
        const int64_t counted = static_cast<int64_t>(event.message.size()) + journal::event_overhead_bytes;
        if (counted > put_bytes_max) {
            return invalid_parameter("Log event too large: " + std::to_string(counted) + " bytes exceeds limit of " +
                                     std::to_string(put_bytes_max));
        }
        bytes += counted;
    }
    if (bytes > put_bytes_max) {
        return invalid_parameter("Upload too large: " + std::to_string(bytes) + " bytes exceeds limit of " +
                                 std::to_string(put_bytes_max));
    }
    for (size_t i = 1; i < events.size(); ++i) {
        if (events[i].timestamp < events[i - 1].timestamp) {
            return invalid_parameter("Log events in a single PutLogEvents request must be in chronological order.");
        }
    }
    if (events.back().timestamp - events.front().timestamp > put_span_ms_max) {
        return invalid_parameter(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
    }
    return std::nullopt;
}

}  // namespace

// Sequence tokens are taken and not looked at, as AWS does since 2023. Events that are too old, too new or past the
// group's retention are left out and said in the answer.
aws::Outcome<PutLogEventsOutput> Logs::put_log_events(const aws::CallContext& context, const PutLogEventsInput& input) {
    if (std::optional<aws::Failure> failure = refused(input.logEvents)) return *std::move(failure);
    LOGS_TRY_ASSIGN(const journal::Group group, journal_.group(context.scope, input.logGroupName));
    const int64_t now = clock_.now().value();
    const auto at_or_after = [&](int64_t time) {
        return static_cast<size_t>(
            std::lower_bound(input.logEvents.begin(), input.logEvents.end(), time,
                             [](const InputLogEvent& event, int64_t least) { return event.timestamp < least; }) -
            input.logEvents.begin());
    };
    const size_t too_old = at_or_after(now - too_old_ms);
    const size_t expired = group.retention_days ? at_or_after(now - *group.retention_days * day_ms) : 0;
    const size_t too_new = at_or_after(now + too_new_ms + 1);
    PutLogEventsOutput output;
    if (too_old > 0 || expired > 0 || too_new < input.logEvents.size()) {
        RejectedLogEventsInfo info;
        if (too_old > 0) info.tooOldLogEventEndIndex = static_cast<int32_t>(too_old);
        if (expired > 0) info.expiredLogEventEndIndex = static_cast<int32_t>(expired);
        if (too_new < input.logEvents.size()) info.tooNewLogEventStartIndex = static_cast<int32_t>(too_new);
        output.rejectedLogEventsInfo = info;
    }
    std::vector<journal::Event> events;
    for (size_t i = std::max(too_old, expired); i < too_new; ++i) {
        events.push_back({TimestampMs(input.logEvents[i].timestamp), input.logEvents[i].message});
    }
    LOGS_TRY(journal_.put(context.scope, input.logGroupName, input.logStreamName, std::move(events)));
    output.nextSequenceToken = digits({0, 1});
    return output;
}

}  // namespace millrace::service::logs
