// Replays.
#include "src/bus/definition.h"
#include "src/service/events/errors.h"
#include "src/service/events/events.h"
#include "src/service/events/names.h"

namespace millrace::service::events {

using namespace aws::events;  // the generated shapes

namespace {

std::string text_of(bus::ReplayState state) {
    switch (state) {
        case bus::ReplayState::starting:
            return "STARTING";
        case bus::ReplayState::running:
            return "RUNNING";
        case bus::ReplayState::cancelling:
            return "CANCELLING";
        case bus::ReplayState::completed:
            return "COMPLETED";
        case bus::ReplayState::cancelled:
            return "CANCELLED";
        case bus::ReplayState::failed:
            return "FAILED";
    }
    return "";
}

std::string archive_arn(const bus::ReplayDefinition& replay) {
    return "arn:aws:events:" + replay.scope.region + ":" + replay.scope.account + ":archive/" + replay.archive;
}

std::string rule_arn(const bus::ReplayDefinition& replay, const std::string& rule) {
    bus::RuleDefinition out;
    out.scope = replay.scope;
    out.bus = replay.bus;
    out.name = rule;
    return arn_of(out);
}

std::optional<TimestampMs> unless_zero(TimestampMs time) {
    return time.value() == 0 ? std::nullopt : std::optional(time);
}

template <class Out>
void fill(const bus::ReplayDefinition& replay, Out* out) {
    out->ReplayName = replay.name;
    out->EventSourceArn = archive_arn(replay);
    out->State = text_of(replay.state);
    out->StateReason = unless_empty(replay.reason);
    out->EventStartTime = replay.first;
    out->EventEndTime = replay.last;
    out->EventLastReplayedTime = unless_zero(replay.replayed_until);
    out->ReplayStartTime = replay.started;
    out->ReplayEndTime = unless_zero(replay.ended);
}

}  // namespace

aws::Outcome<StartReplayOutput> Events::start_replay(const aws::CallContext& context, const StartReplayInput& input) {
    TRY_ASSIGN(const BusName archive, name_of_arn(context.scope, input.EventSourceArn, "archive"));
    TRY_ASSIGN(const BusName bus, name_of_arn(context.scope, input.Destination.Arn, "event-bus"));
    if (archive.scope != context.scope || bus.scope != context.scope) {
        return validation("A replay is of an archive and an event bus of the same account and region.");
    }
    if (input.EventStartTime >= input.EventEndTime) {
        return validation("Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.");
    }
    bus::ReplayDefinition wanted;
    wanted.scope = context.scope;
    wanted.name = input.ReplayName;
    wanted.archive = archive.name;
    wanted.bus = bus.name;
    wanted.description = input.Description.value_or("");
    wanted.first = input.EventStartTime;
    wanted.last = input.EventEndTime;
    if (input.Destination.FilterArns) {
        for (const std::string& arn : *input.Destination.FilterArns) {
            const std::string name = arn.substr(arn.rfind('/') + 1);
            EVENTS_TRY_ASSIGN(const bus::RulePtr rule, buses_.rule(bus.scope, bus.name, name));
            if (arn_of(rule->definition) != arn) {
                return validation("Parameter Destination.FilterArns is not valid. Reason: " + arn +
                                  " is not the ARN of a rule of the event bus.");
            }
            wanted.rules.push_back(name);
        }
    }
    EVENTS_TRY_ASSIGN(const bus::ReplayDefinition started, buses_.start_replay(std::move(wanted)));
    return StartReplayOutput{
        .ReplayArn = arn_of(started), .State = text_of(started.state), .ReplayStartTime = started.started};
}

aws::Outcome<DescribeReplayOutput> Events::describe_replay(const aws::CallContext& context,
                                                           const DescribeReplayInput& input) {
    EVENTS_TRY_ASSIGN(const bus::ReplayDefinition replay, buses_.replay(context.scope, input.ReplayName));
    DescribeReplayOutput out;
    fill(replay, &out);
    out.ReplayArn = arn_of(replay);
    out.Description = unless_empty(replay.description);
    out.Destination = ReplayDestination{.Arn = bus::bus_arn(replay.scope, replay.bus)};
    if (!replay.rules.empty()) {
        out.Destination->FilterArns.emplace();
        for (const std::string& rule : replay.rules) out.Destination->FilterArns->push_back(rule_arn(replay, rule));
    }
    return out;
}

aws::Outcome<ListReplaysOutput> Events::list_replays(const aws::CallContext& context, const ListReplaysInput& input) {
    if (input.NamePrefix.has_value() + input.EventSourceArn.has_value() + input.State.has_value() > 1) {
        return validation("At most one filter is allowed for ListReplays.");
    }
    std::vector<bus::ReplayDefinition> all = buses_.replays(context.scope);
    std::erase_if(all, [&](const auto& each) {
        return !has_prefix(each.name, input.NamePrefix) ||
               (input.EventSourceArn && *input.EventSourceArn != archive_arn(each)) ||
               (input.State && *input.State != text_of(each.state));
    });
    TRY_ASSIGN(const auto page,
               page_of(std::move(all), [](const auto& each) { return each.name; }, input.NextToken, input.Limit));
    ListReplaysOutput out{.Replays = std::vector<Replay>(), .NextToken = page.next_token};
    for (const auto& each : page.items) fill(each, &out.Replays->emplace_back());
    return out;
}

aws::Outcome<CancelReplayOutput> Events::cancel_replay(const aws::CallContext& context,
                                                       const CancelReplayInput& input) {
    const auto cancelled = buses_.cancel_replay(context.scope, input.ReplayName);
    if (!cancelled.ok() && cancelled.error().code == ErrorCode::failed_precondition) {
        return aws::Failure{"IllegalStatusException", cancelled.error().message};
    }
    EVENTS_TRY_ASSIGN(const bus::ReplayDefinition replay, cancelled);
    return CancelReplayOutput{.ReplayArn = arn_of(replay), .State = text_of(replay.state)};
}

}  // namespace millrace::service::events
