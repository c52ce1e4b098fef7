// Policies of event buses.
#include <boost/json.hpp>

#include "src/bus/bus_policy.h"
#include "src/bus/definition.h"
#include "src/service/events/errors.h"
#include "src/service/events/events.h"
#include "src/service/events/names.h"

namespace millrace::service::events {

using namespace aws::events;  // the generated shapes

namespace {

namespace json = boost::json;

// The statements that a policy has; none where it is "".
json::array statements_of(const std::string& policy) {
    boost::system::error_code error;
    const json::value root = json::parse(policy, error);
    if (error || !root.is_object()) return {};
    const auto* statements = root.as_object().if_contains("Statement");
    if (statements == nullptr) return {};
    return statements->is_array() ? statements->as_array() : json::array{*statements};
}

std::string policy_of(json::array statements) {
    if (statements.empty()) return "";
    return json::serialize(json::object{{"Version", "2012-10-17"}, {"Statement", std::move(statements)}});
}

bool is_statement(const json::value& statement, std::string_view id) {
    const auto* sid = statement.is_object() ? statement.as_object().if_contains("Sid") : nullptr;
    return sid != nullptr && sid->is_string() && std::string_view(sid->as_string()) == id;
}

Status check(const std::string& policy) {
    if (policy.empty()) return {};
    TRY(policy::Policy::parse(policy, bus::bus_policy_grammar()));
    return {};
}

json::object statement_of(const PutPermissionInput& input, const std::string& bus_arn) {
    json::object out;
    out["Sid"] = *input.StatementId;
    out["Effect"] = "Allow";
    if (*input.Principal == "*") {
        out["Principal"] = "*";
    } else {
        out["Principal"] = json::object{{"AWS", "arn:aws:iam::" + *input.Principal + ":root"}};
    }
    out["Action"] = *input.Action;
    out["Resource"] = bus_arn;
    if (input.Condition) {
        out["Condition"] =
            json::object{{input.Condition->Type, json::object{{input.Condition->Key, input.Condition->Value}}}};
    }
    return out;
}

}  // namespace

aws::Outcome<PutPermissionOutput> Events::put_permission(const aws::CallContext& context,
                                                         const PutPermissionInput& input) {
    TRY_ASSIGN(const BusName name, own_bus(context.scope, input.EventBusName));
    if (!input.Policy && (!input.Action || !input.Principal || !input.StatementId)) {
        return validation("Either Policy, or Action, Principal and StatementId must be specified.");
    }
    if (input.Policy && (input.Action || input.Principal || input.StatementId || input.Condition)) {
        return validation("Policy can not be given with Action, Principal, StatementId or Condition.");
    }
    EVENTS_TRY(buses_.change(name.scope, name.name, [&](bus::BusDefinition& bus) -> Status {
        std::string next = input.Policy.value_or("");
        if (!input.Policy) {
            json::array statements = statements_of(bus.policy);
            for (auto each = statements.begin(); each != statements.end();) {
                each = is_statement(*each, *input.StatementId) ? statements.erase(each) : each + 1;
            }
            statements.push_back(statement_of(input, arn_of(bus)));
            next = policy_of(std::move(statements));
        }
        TRY(check(next));
        bus.policy = std::move(next);
        return {};
    }));
    return PutPermissionOutput{};
}

aws::Outcome<RemovePermissionOutput> Events::remove_permission(const aws::CallContext& context,
                                                               const RemovePermissionInput& input) {
    TRY_ASSIGN(const BusName name, own_bus(context.scope, input.EventBusName));
    const bool all = input.RemoveAllPermissions.value_or(false);
    if (!all && !input.StatementId) return validation("Parameter StatementId must be specified.");
    bool found = all;
    EVENTS_TRY(buses_.change(name.scope, name.name, [&](bus::BusDefinition& bus) -> Status {
        json::array statements = all ? json::array() : statements_of(bus.policy);
        for (auto each = statements.begin(); each != statements.end();) {
            const bool is_it = is_statement(*each, *input.StatementId);
            found |= is_it;
            each = is_it ? statements.erase(each) : each + 1;
        }
        if (!found) return {ErrorCode::not_found, "Statement with the provided id does not exist."};
        bus.policy = policy_of(std::move(statements));
        return {};
    }));
    return RemovePermissionOutput{};
}

}  // namespace millrace::service::events
