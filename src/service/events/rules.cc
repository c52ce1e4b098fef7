// Rules, and trying patterns out.
#include "src/base/json_text.h"
#include "src/bus/definition.h"
#include "src/flow/pattern/pattern.h"
#include "src/schedule/expression.h"
#include "src/service/events/errors.h"
#include "src/service/events/events.h"
#include "src/service/events/names.h"

namespace millrace::service::events {

using namespace aws::events;  // the generated shapes

namespace {

std::string text_of(bus::RuleState state) {
    switch (state) {
        case bus::RuleState::enabled:
            return "ENABLED";
        case bus::RuleState::disabled:
            return "DISABLED";
        case bus::RuleState::enabled_with_management:
            return "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
    }
    return "";
}

bus::RuleState state_of(const std::optional<std::string>& text) {
    if (text == "DISABLED") return bus::RuleState::disabled;
    if (text && *text != "ENABLED") return bus::RuleState::enabled_with_management;
    return bus::RuleState::enabled;
}

template <class Out>
void fill(const bus::RuleDefinition& rule, Out* out) {
    out->Name = rule.name;
    out->Arn = arn_of(rule);
    out->EventPattern = unless_empty(rule.pattern);
    out->ScheduleExpression = unless_empty(rule.schedule);
    out->State = text_of(rule.state);
    out->Description = unless_empty(rule.description);
    out->RoleArn = unless_empty(rule.role);
    out->EventBusName = rule.bus;
}

aws::Outcome<void> check(const PutRuleInput& input, const std::string& bus) {
    if (!input.EventPattern && !input.ScheduleExpression) {
        return validation("Parameter(s) EventPattern or ScheduleExpression must be specified.");
    }
    if (input.ScheduleExpression && bus != bus::default_bus) {
        return validation("ScheduleExpression is supported only on the default event bus.");
    }
    if (input.EventPattern) {
        const auto pattern = flow::pattern::Pattern::compile(*input.EventPattern);
        if (!pattern.ok()) return invalid_pattern(pattern.error().message);
    }
    if (input.ScheduleExpression) {
        const auto parsed =
            schedule::Expression::parse(*input.ScheduleExpression, "UTC", schedule::Expression::Dialect::rule);
        if (!parsed.ok()) {
            return validation("Parameter ScheduleExpression is not valid. " + parsed.error().message);
        }
    }
    return {};
}

}  // namespace

aws::Outcome<PutRuleOutput> Events::put_rule(const aws::CallContext& context, const PutRuleInput& input) {
    TRY_ASSIGN(const BusName bus, own_bus(context.scope, input.EventBusName));
    TRY(check(input, bus.name));
    EVENTS_TRY_ASSIGN(
        const bus::RulePtr rule,
        buses_.change_rule(bus.scope, bus.name, input.Name, true, [&](bus::RuleDefinition& next) -> Status {
            // What is not said is none, also of a rule that was there; its targets stay.
            next.pattern = input.EventPattern.value_or("");
            next.schedule = input.ScheduleExpression.value_or("");
            next.description = input.Description.value_or("");
            next.role = input.RoleArn.value_or("");
            next.state = state_of(input.State);
            return {};
        }));
    const std::string arn = arn_of(rule->definition);
    TRY(tag(bus.scope, arn, input.Tags));
    return PutRuleOutput{.RuleArn = arn};
}

aws::Outcome<DescribeRuleOutput> Events::describe_rule(const aws::CallContext& context,
                                                       const DescribeRuleInput& input) {
    TRY_ASSIGN(const BusName bus, own_bus(context.scope, input.EventBusName));
    EVENTS_TRY_ASSIGN(const bus::RulePtr rule, buses_.rule(bus.scope, bus.name, input.Name));
    DescribeRuleOutput out;
    fill(rule->definition, &out);
    out.CreatedBy = rule->definition.scope.account;
    return out;
}

aws::Outcome<ListRulesOutput> Events::list_rules(const aws::CallContext& context, const ListRulesInput& input) {
    TRY_ASSIGN(const BusName bus, own_bus(context.scope, input.EventBusName));
    EVENTS_TRY_ASSIGN(std::vector<bus::RulePtr> all, buses_.rules(bus.scope, bus.name));
    std::erase_if(all, [&](const auto& each) { return !has_prefix(each->definition.name, input.NamePrefix); });
    TRY_ASSIGN(
        const auto page,
        page_of(std::move(all), [](const auto& each) { return each->definition.name; }, input.NextToken, input.Limit));
    ListRulesOutput out{.Rules = std::vector<Rule>(), .NextToken = page.next_token};
    for (const auto& each : page.items) fill(each->definition, &out.Rules->emplace_back());
    return out;
}

aws::Outcome<ListRuleNamesByTargetOutput> Events::list_rule_names_by_target(const aws::CallContext& context,
                                                                            const ListRuleNamesByTargetInput& input) {
    TRY_ASSIGN(const BusName bus, own_bus(context.scope, input.EventBusName));
    EVENTS_TRY_ASSIGN(const std::vector<bus::RulePtr> all, buses_.rules(bus.scope, bus.name));
    std::vector<std::string> names;
    for (const bus::RulePtr& rule : all) {
        const auto& targets = rule->definition.targets;
        if (std::any_of(targets.begin(), targets.end(), [&](const auto& each) { return each.arn == input.TargetArn; }))
            names.push_back(rule->definition.name);
    }
    TRY_ASSIGN(auto page,
               page_of(std::move(names), [](const std::string& each) { return each; }, input.NextToken, input.Limit));
    return ListRuleNamesByTargetOutput{.RuleNames = std::move(page.items), .NextToken = page.next_token};
}

aws::Outcome<EnableRuleOutput> Events::enable_rule(const aws::CallContext& context, const EnableRuleInput& input) {
    TRY_ASSIGN(const BusName bus, own_bus(context.scope, input.EventBusName));
    EVENTS_TRY(buses_.change_rule(bus.scope, bus.name, input.Name, false, [](bus::RuleDefinition& rule) -> Status {
        rule.state = bus::RuleState::enabled;
        return {};
    }));
    return EnableRuleOutput{};
}

aws::Outcome<DisableRuleOutput> Events::disable_rule(const aws::CallContext& context, const DisableRuleInput& input) {
    TRY_ASSIGN(const BusName bus, own_bus(context.scope, input.EventBusName));
    EVENTS_TRY(buses_.change_rule(bus.scope, bus.name, input.Name, false, [](bus::RuleDefinition& rule) -> Status {
        rule.state = bus::RuleState::disabled;
        return {};
    }));
    return DisableRuleOutput{};
}

aws::Outcome<DeleteRuleOutput> Events::delete_rule(const aws::CallContext& context, const DeleteRuleInput& input) {
    TRY_ASSIGN(const BusName bus, own_bus(context.scope, input.EventBusName));
    EVENTS_TRY(buses_.find(bus.scope, bus.name));
    const auto rule = buses_.rule(bus.scope, bus.name, input.Name);
    if (!rule.ok()) return DeleteRuleOutput{};  // as AWS
    if (!(*rule)->definition.targets.empty()) return validation("Rule can't be deleted since it has targets.");
    EVENTS_TRY(buses_.remove_rule(bus.scope, bus.name, input.Name));
    EVENTS_TRY(tags_.forget(bus.scope, arn_of((*rule)->definition)));
    return DeleteRuleOutput{};
}

aws::Outcome<TestEventPatternOutput> Events::test_event_pattern(const aws::CallContext&,
                                                                const TestEventPatternInput& input) {
    const auto pattern = flow::pattern::Pattern::compile(input.EventPattern);
    if (!pattern.ok()) return invalid_pattern(pattern.error().message);
    const auto event = flow::pattern::parse_json(input.Event);
    if (!event.ok() || event->kind != flow::pattern::JsonTree::Kind::object) {
        return validation("Parameter Event is not valid.");
    }
    for (const char* name : {"id", "account", "source", "time", "region", "detail-type"}) {
        if (event->find(name) == nullptr) {
            return validation(std::string("Parameter Event is not valid. Reason: ") + name + " is required.");
        }
    }
    return TestEventPatternOutput{.Result = pattern->matches(*event)};
}

}  // namespace millrace::service::events
