// Targets of rules.
#include <set>

#include "src/bus/definition.h"
#include "src/service/events/errors.h"
#include "src/service/events/events.h"
#include "src/service/events/names.h"

namespace millrace::service::events {

using namespace aws::events;  // the generated shapes

namespace {

constexpr size_t targets_per_rule_max = 5;

bus::TargetDefinition definition_of(const Target& target) {
    bus::TargetDefinition out;
    out.id = target.Id;
    out.arn = target.Arn;
    out.role = target.RoleArn.value_or("");
    out.input = target.Input;
    out.input_path = target.InputPath;
    if (target.InputTransformer) {
        out.input_template = target.InputTransformer->InputTemplate;
        if (target.InputTransformer->InputPathsMap) out.input_paths = *target.InputTransformer->InputPathsMap;
    }
    if (target.KinesisParameters) out.partition_key_path = target.KinesisParameters->PartitionKeyPath;
    if (target.HttpParameters) {
        out.http.emplace();
        if (target.HttpParameters->PathParameterValues)
            out.http->path_values = *target.HttpParameters->PathParameterValues;
        if (target.HttpParameters->HeaderParameters) out.http->headers = *target.HttpParameters->HeaderParameters;
        if (target.HttpParameters->QueryStringParameters)
            out.http->query = *target.HttpParameters->QueryStringParameters;
    }
    if (target.DeadLetterConfig) out.dead_letter_arn = target.DeadLetterConfig->Arn.value_or("");
    if (target.RetryPolicy) {
        out.retries_max = target.RetryPolicy->MaximumRetryAttempts;
        out.age_s_max = target.RetryPolicy->MaximumEventAgeInSeconds;
    }
    return out;
}

Target shape_of(const bus::TargetDefinition& target) {
    Target out;
    out.Id = target.id;
    out.Arn = target.arn;
    out.RoleArn = unless_empty(target.role);
    out.Input = target.input;
    out.InputPath = target.input_path;
    if (target.input_template) {
        out.InputTransformer.emplace();
        out.InputTransformer->InputTemplate = *target.input_template;
        if (!target.input_paths.empty()) out.InputTransformer->InputPathsMap = target.input_paths;
    }
    if (target.partition_key_path) out.KinesisParameters = KinesisParameters{*target.partition_key_path};
    if (target.http) {
        out.HttpParameters.emplace();
        out.HttpParameters->PathParameterValues = target.http->path_values;
        out.HttpParameters->HeaderParameters = target.http->headers;
        out.HttpParameters->QueryStringParameters = target.http->query;
    }
    if (!target.dead_letter_arn.empty()) out.DeadLetterConfig = DeadLetterConfig{.Arn = target.dead_letter_arn};
    if (target.retries_max || target.age_s_max) {
        out.RetryPolicy =
            RetryPolicy{.MaximumRetryAttempts = target.retries_max, .MaximumEventAgeInSeconds = target.age_s_max};
    }
    return out;
}

}  // namespace

aws::Outcome<PutTargetsOutput> Events::put_targets(const aws::CallContext& context, const PutTargetsInput& input) {
    TRY_ASSIGN(const BusName bus, own_bus(context.scope, input.EventBusName));
    std::set<std::string> ids;
    for (const Target& target : input.Targets) {
        if (!ids.insert(target.Id).second) {
            return validation("Duplicate target id " + target.Id + " in the request.");
        }
    }
    std::vector<bus::TargetDefinition> wanted;
    for (const Target& target : input.Targets) {
        bus::TargetDefinition definition = definition_of(target);
        EVENTS_TRY_ASSIGN(definition.uid, buses_.next_uid());
        wanted.push_back(std::move(definition));
    }
    bool too_many = false;
    const auto changed =
        buses_.change_rule(bus.scope, bus.name, input.Rule, false, [&](bus::RuleDefinition& rule) -> Status {
            for (bus::TargetDefinition& target : wanted) {
                const auto old = std::find_if(rule.targets.begin(), rule.targets.end(),
                                              [&](const auto& each) { return each.id == target.id; });
                if (old == rule.targets.end()) {
                    rule.targets.push_back(target);
                } else {
                    // What waits for it goes on with the new settings, unless it is another target now.
                    if (old->arn == target.arn) target.uid = old->uid;
                    *old = target;
                }
                // Says which target of the request is none.
                const auto compiled = bus::RuleTarget::compile(rule, target);
                if (!compiled.ok()) return with_context(compiled.error(), "Target " + target.id);
            }
            too_many = rule.targets.size() > targets_per_rule_max;
            if (too_many) {
                return {ErrorCode::resource_exhausted, "The requested resource exceeds the maximum number allowed."};
            }
            return {};
        });
    if (!changed.ok()) return failure_of(changed.error());
    return PutTargetsOutput{.FailedEntryCount = 0, .FailedEntries = std::vector<PutTargetsResultEntry>()};
}

aws::Outcome<ListTargetsByRuleOutput> Events::list_targets_by_rule(const aws::CallContext& context,
                                                                   const ListTargetsByRuleInput& input) {
    TRY_ASSIGN(const BusName bus, own_bus(context.scope, input.EventBusName));
    EVENTS_TRY_ASSIGN(const bus::RulePtr rule, buses_.rule(bus.scope, bus.name, input.Rule));
    std::vector<bus::TargetDefinition> all = rule->definition.targets;
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    TRY_ASSIGN(const auto page,
               page_of(std::move(all), [](const auto& each) { return each.id; }, input.NextToken, input.Limit));
    ListTargetsByRuleOutput out{.Targets = std::vector<Target>(), .NextToken = page.next_token};
    for (const auto& each : page.items) out.Targets->push_back(shape_of(each));
    return out;
}

aws::Outcome<RemoveTargetsOutput> Events::remove_targets(const aws::CallContext& context,
                                                         const RemoveTargetsInput& input) {
    TRY_ASSIGN(const BusName bus, own_bus(context.scope, input.EventBusName));
    const std::set<std::string> ids(input.Ids.begin(), input.Ids.end());
    EVENTS_TRY(buses_.change_rule(bus.scope, bus.name, input.Rule, false, [&](bus::RuleDefinition& rule) -> Status {
        std::erase_if(rule.targets, [&](const auto& each) { return ids.contains(each.id); });
        return {};
    }));
    return RemoveTargetsOutput{.FailedEntryCount = 0, .FailedEntries = std::vector<RemoveTargetsResultEntry>()};
}

}  // namespace millrace::service::events
