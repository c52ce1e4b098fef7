// IAM policy documents: who may do what to which resource, under which conditions.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
//
// What can not be evaluated as its writer meant it is refused when the policy is parsed, by name: elements, condition
// operators and keys, policy variables, principals other than accounts. So an evaluation never guesses.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/policy/condition.h"

namespace millrace::policy {

enum class Decision {
    neither,  // no statement applies: an implicit denial
    allow,
    deny,  // explicit: wins over every allow
};

struct Request {
    std::string_view action;    // "execute-api:Invoke"
    std::string_view resource;  // an ARN
    std::string_view account;   // who asks; "" is anonymous
    ContextKeys keys;           // "aws:sourceip" -> {"127.0.0.1"}
};

struct Grammar {
    // Resource policies name whom they are for; those that an authorizer returns or an identity has do not.
    bool principals = true;
    size_t bytes_max = 20'480;
    std::vector<std::string_view> keys;  // condition keys that a request may have, in lower case
    // Resources that begin with the one stand for such that begin with the other: API Gateway completes
    // "execute-api:/prod/*" to the API's own ARN. "": none do.
    std::string short_resource = {}, own_resources = {};
};

class Policy {  // immutable; any thread
  public:
    // invalid_argument: what is wrong, and where.
    static Result<std::shared_ptr<const Policy>> parse(std::string_view json, const Grammar& grammar);
    virtual ~Policy() = default;
    virtual Decision evaluate(const Request& request) const = 0;
};

}  // namespace millrace::policy
