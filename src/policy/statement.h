// A statement of a policy, read and ready to be evaluated.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/policy/condition.h"
#include "src/policy/policy.h"

namespace millrace::policy {

struct Statement {
    // Of Action, Resource and Principal, or of their Not...
    struct Patterns {
        std::vector<std::string> any_of;
        bool negated = false;
    };
    Decision effect = Decision::deny;
    Patterns actions, resources;
    Patterns principals;  // accounts, or "*"; where the grammar has none, "*"
    std::vector<Condition> conditions;

    bool applies(const Request& request) const;
};

Result<std::vector<Statement>> parse_statements(std::string_view json, const Grammar& grammar);

}  // namespace millrace::policy
