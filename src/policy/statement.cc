#include "src/policy/statement.h"

#include <algorithm>

#include "src/policy/wildcard.h"

namespace millrace::policy {
namespace {

template <class Test>
bool any(const Statement::Patterns& patterns, Test test) {
    return std::any_of(patterns.any_of.begin(), patterns.any_of.end(), test) != patterns.negated;
}

}  // namespace

bool Statement::applies(const Request& request) const {
    return any(principals, [&](const std::string& one) { return one == "*" || one == request.account; }) &&
           any(actions, [&](const std::string& one) { return matches(one, request.action, true); }) &&
           any(resources, [&](const std::string& one) { return matches(one, request.resource); }) &&
           std::all_of(conditions.begin(), conditions.end(),
                       [&](const Condition& condition) { return condition.holds(request.keys); });
}

}  // namespace millrace::policy
