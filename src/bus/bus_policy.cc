#include "src/bus/bus_policy.h"

#include "src/bus/definition.h"

namespace millrace::bus {
namespace {

constexpr size_t policy_bytes_max = 10'240;

}  // namespace

policy::Grammar bus_policy_grammar() {
    return {.principals = true, .bytes_max = policy_bytes_max, .keys = {"aws:principalorgid", "events:source"}};
}

bool may_put(const BusDefinition& bus, const std::string& account) {
    if (bus.policy.empty()) return false;
    const auto policy = policy::Policy::parse(bus.policy, bus_policy_grammar());
    if (!policy.ok()) return false;
    const std::string arn = arn_of(bus);
    return (*policy)->evaluate({.action = "events:PutEvents", .resource = arn, .account = account, .keys = {}}) ==
           policy::Decision::allow;
}

}  // namespace millrace::bus
