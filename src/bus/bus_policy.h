// Policies of event buses: who of another account may put events. Asked by PutEvents, and by a rule of another account
// that has the bus as its target.
#pragma once

#include <optional>
#include <string>

#include "src/policy/policy.h"

namespace millrace::bus {

struct BusDefinition;

policy::Grammar bus_policy_grammar();
// Whether the bus's policy lets `account`, which is not its owner, put events of `source`; nullopt: of any (a rule's,
// whose events are not looked at one by one), so that a policy which asks for the source does not let it.
bool may_put(const BusDefinition& bus, const std::string& account, const std::optional<std::string>& source);

}  // namespace millrace::bus
