// Policies of event buses: who of another account may put events. Asked of each event: by PutEvents, and where a rule
// of another account has the bus as its target.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "src/policy/policy.h"

namespace millrace::bus {

struct BusDefinition;

// What a policy may ask for. Nobody is of an organization here, so aws:PrincipalOrgID is never there; what AWS asks
// when rules and targets are made (events:creatorAccount, events:TargetArn, events:detail.*) is refused by name.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
policy::Grammar bus_policy_grammar();

struct Put {                               // one event
    std::string account;                   // who puts it; not the bus's owner
    std::string_view source, detail_type;  // the event's
    std::string_view rule_arn;             // whose target the bus is; "": by PutEvents
};

class BusPolicy {  // immutable; any thread
  public:
    explicit BusPolicy(const BusDefinition& bus);
    // False for everything where the bus has no policy, or one that can not be read.
    bool allows(const Put& put) const;

  private:
    std::string arn_;
    std::shared_ptr<const policy::Policy> policy_;
};

}  // namespace millrace::bus
