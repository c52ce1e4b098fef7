#include "src/service/logs/errors.h"
#include "src/service/logs/filter_pattern.h"
#include "src/service/logs/limits.h"
#include "src/service/logs/logs.h"
#include "src/service/logs/names.h"

namespace millrace::service::logs {

using namespace aws::logs;  // the generated shapes

namespace {

std::string forward(journal::Position position) {
    return "f/" + digits(position) + "/s";
}

std::string backward(journal::Position position) {
    return "b/" + digits(position) + "/s";
}

struct Token {
    bool forward = true;
    journal::Position position;
};

std::optional<Token> token_of(std::string_view text) {
    if (text.size() < 4 || text[1] != '/' || !text.ends_with("/s") || (text[0] != 'f' && text[0] != 'b')) return {};
    const std::optional<journal::Position> position = position_of(text.substr(2, text.size() - 4));
    if (!position) return std::nullopt;
    return Token{text[0] == 'f', *position};
}

std::optional<int64_t> past(const std::optional<int64_t>& time) {
    if (!time || *time == INT64_MAX) return std::nullopt;
    return *time + 1;
}

}  // namespace

// A token names the event that it continues from. Where there is nothing more in its direction it comes back as it is,
// which is how clients know the end; it goes on from there when more has come.
aws::Outcome<GetLogEventsOutput> Logs::get_log_events(const aws::CallContext& context, const GetLogEventsInput& input) {
    TRY_ASSIGN(const std::string group, group_of(context.scope, input.logGroupName, input.logGroupIdentifier));
    journal::StreamRead what{.from_ms = input.startTime,
                             .to_ms = input.endTime,  // exclusive here, as AWS documents for this operation
                             .after = {},
                             .before = {},
                             .newest = !input.startFromHead.value_or(false),
                             .count_max = static_cast<size_t>(input.limit.value_or(events_count_max))};
    std::optional<Token> token;
    if (input.nextToken) {
        token = token_of(*input.nextToken);
        if (!token) return invalid_parameter("The specified nextToken is invalid.");
        what.newest = !token->forward;
        (token->forward ? what.after : what.before) = token->position;
    }
    LOGS_TRY_ASSIGN(const std::vector<journal::StoredEvent> events,
                    journal_.read(context.scope, group, input.logStreamName, what));
    GetLogEventsOutput output;
    output.events.emplace();
    for (const journal::StoredEvent& event : events) {
        output.events->push_back({event.position.time_ms, event.message, event.ingested.value()});
    }
    const journal::Position start =
        token ? token->position : journal::Position{input.startTime.value_or(0), 0};  // arrivals begin at 1
    if (!events.empty()) {
        output.nextForwardToken = forward(events.back().position);
        output.nextBackwardToken = backward(events.front().position);
    } else if (!token) {
        output.nextForwardToken = forward(start);
        output.nextBackwardToken = backward(start);
    } else if (token->forward) {
        output.nextForwardToken = input.nextToken;
        output.nextBackwardToken = backward({start.time_ms, start.arrival + 1});
    } else {
        output.nextForwardToken = forward({start.time_ms, start.arrival > 0 ? start.arrival - 1 : 0});
        output.nextBackwardToken = input.nextToken;
    }
    return output;
}

aws::Outcome<FilterLogEventsOutput> Logs::filter_log_events(const aws::CallContext& context,
                                                            const FilterLogEventsInput& input) {
    TRY_ASSIGN(const std::string group, group_of(context.scope, input.logGroupName, input.logGroupIdentifier));
    if (input.logStreamNames && input.logStreamNamePrefix) {
        return invalid_parameter("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.");
    }
    if (input.startFromHead && !*input.startFromHead) {
        return invalid_parameter("Millrace does not honour startFromHead false: events come from the oldest on");
    }
    LOGS_TRY_ASSIGN(const FilterPattern pattern, FilterPattern::compile(input.filterPattern.value_or("")));
    journal::GroupRead what;
    what.from_ms = input.startTime;
    what.to_ms = past(input.endTime);  // "events with a timestamp later than this time are not returned"
    if (input.logStreamNames) what.streams = *input.logStreamNames;
    what.stream_prefix = input.logStreamNamePrefix.value_or("");
    what.count_max = static_cast<size_t>(input.limit.value_or(events_count_max));
    if (!pattern.takes_all()) what.matches = [&](std::string_view message) { return pattern.matches(message); };
    if (input.nextToken) {
        what.after = position_of(*input.nextToken);
        if (!what.after) return invalid_parameter("The specified nextToken is invalid.");
    }
    for (const std::string& stream : what.streams) {
        LOGS_TRY(journal_.stream(context.scope, group, stream));  // AWS: an absent one is an error
    }
    LOGS_TRY_ASSIGN(const journal::GroupPage page, journal_.read(context.scope, group, what));
    FilterLogEventsOutput output;
    output.events.emplace();
    for (const journal::StoredEvent& event : page.events) {
        FilteredLogEvent shown;
        shown.logStreamName = event.stream;
        shown.timestamp = event.position.time_ms;
        shown.message = event.message;
        shown.ingestionTime = event.ingested.value();
        shown.eventId = digits(event.position);
        output.events->push_back(std::move(shown));
    }
    output.searchedLogStreams.emplace();  // empty, as AWS since 2020
    if (page.next) output.nextToken = digits(*page.next);
    return output;
}

}  // namespace millrace::service::logs
