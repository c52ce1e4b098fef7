#include "src/bus/bus_policy.h"

#include "src/bus/definition.h"

namespace millrace::bus {
namespace {

constexpr size_t policy_bytes_max = 10'240;

bool asks_for_source(std::string policy) {  // keys of conditions have no case
    for (char& c : policy) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return policy.find("events:source") != std::string::npos;
}

}  // namespace

policy::Grammar bus_policy_grammar() {
    return {.principals = true, .bytes_max = policy_bytes_max, .keys = {"aws:principalorgid", "events:source"}};
}

bool may_put(const BusDefinition& bus, const std::string& account, const std::optional<std::string>& source) {
    if (bus.policy.empty()) return false;
    if (!source && asks_for_source(bus.policy)) return false;
    const auto policy = policy::Policy::parse(bus.policy, bus_policy_grammar());
    if (!policy.ok()) return false;
    const std::string arn = arn_of(bus);
    policy::Request request{.action = "events:PutEvents", .resource = arn, .account = account, .keys = {}};
    if (source) request.keys.push_back({"events:source", {*source}});
    return (*policy)->evaluate(request) == policy::Decision::allow;
}

}  // namespace millrace::bus
