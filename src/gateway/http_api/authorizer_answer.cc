#include "src/gateway/http_api/authorizer_answer.h"

#include <boost/json.hpp>

#include "src/policy/policy.h"

namespace millrace::gateway::http_api {
namespace {

namespace json = boost::json;

Error not_understood(std::string_view why) {
    return {ErrorCode::invalid_argument, "the authorizer's answer: " + std::string(why)};
}

Result<json::object> object_of(std::string_view payload) {
    boost::system::error_code bad;
    json::value value = json::parse(payload, bad);
    if (bad || !value.is_object()) return not_understood("it is not a JSON object");
    return std::move(value.as_object());
}

std::string shown(const json::value& value) {
    if (value.is_string()) return std::string(value.as_string().data(), value.as_string().size());
    return json::serialize(value);
}

Status take_context(const json::object& answer, json::object context, AuthorizerAnswer& out) {
    if (const json::value* given = answer.if_contains("context"); given != nullptr && !given->is_null()) {
        if (!given->is_object()) return not_understood("its context is not an object");
        for (const auto& member : given->as_object()) context[member.key()] = member.value();
    }
    for (const auto& member : context) out.values[member.key()] = shown(member.value());
    out.context = json::serialize(json::object{{"lambda", std::move(context)}});
    return {};
}

}  // namespace

Result<AuthorizerAnswer> read_simple_answer(std::string_view payload) {
    TRY_ASSIGN(const json::object answer, object_of(payload));
    const json::value* authorized = answer.if_contains("isAuthorized");
    if (authorized == nullptr || !authorized->is_bool()) return not_understood("isAuthorized is not a boolean");
    AuthorizerAnswer out;
    out.allowed = authorized->as_bool();
    TRY(take_context(answer, {}, out));
    return out;
}

Result<AuthorizerAnswer> read_policy_answer(std::string_view payload, std::string_view arn,
                                            std::string_view source_ip) {
    TRY_ASSIGN(const json::object answer, object_of(payload));
    const json::value* principal = answer.if_contains("principalId");
    if (principal == nullptr || !principal->is_string()) return not_understood("principalId is not a text");
    const json::value* document = answer.if_contains("policyDocument");
    if (document == nullptr || !document->is_object()) return not_understood("policyDocument is not an object");
    const policy::Grammar grammar{.principals = false, .keys = {"aws:sourceip"}};
    TRY_ASSIGN(const auto policy, policy::Policy::parse(json::serialize(*document), grammar));
    AuthorizerAnswer out;
    out.allowed = policy->evaluate({.action = "execute-api:Invoke",
                                    .resource = arn,
                                    .account = "",
                                    .keys = {{"aws:sourceip", {std::string(source_ip)}}}}) == policy::Decision::allow;
    TRY(take_context(answer, {}, out));
    out.values["principalId"] = shown(*principal);
    return out;
}

}  // namespace millrace::gateway::http_api
