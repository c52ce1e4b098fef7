#include "src/bus/bus_policy.h"

#include "src/bus/definition.h"

namespace millrace::bus {
namespace {

constexpr size_t policy_bytes_max = 10'240;

}  // namespace

policy::Grammar bus_policy_grammar() {
    return {.principals = true,
            .bytes_max = policy_bytes_max,
            .keys = {"aws:principalaccount", "aws:principalorgid", "aws:sourceaccount", "aws:sourcearn",
                     "events:detail-type", "events:eventbusinvocation", "events:source"}};
}

BusPolicy::BusPolicy(const BusDefinition& bus) : arn_(arn_of(bus)) {
    if (bus.policy.empty()) return;
    const auto policy = policy::Policy::parse(bus.policy, bus_policy_grammar());
    if (policy.ok()) policy_ = *policy;
}

bool BusPolicy::allows(const Put& put) const {
    if (!policy_) return false;
    policy::Request request{.action = "events:PutEvents", .resource = arn_, .account = put.account, .keys = {}};
    const auto add = [&](std::string key, std::string_view value) {
        request.keys.emplace_back(std::move(key), std::vector{std::string(value)});
    };
    add("aws:principalaccount", put.account);
    add("events:source", put.source);
    add("events:detail-type", put.detail_type);
    add("events:eventbusinvocation", put.rule_arn.empty() ? "false" : "true");
    if (!put.rule_arn.empty()) {
        add("aws:sourcearn", put.rule_arn);
        add("aws:sourceaccount", put.account);
    }
    return policy_->evaluate(request) == policy::Decision::allow;
}

}  // namespace millrace::bus
