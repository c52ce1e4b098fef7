#include "src/gateway/access/authorizer_answer.h"

#include <boost/json.hpp>

namespace millrace::gateway {
namespace {

namespace json = boost::json;

constexpr size_t answer_bytes_max = 1 << 20;

Error bad(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

Status read_context(const json::value& value, std::map<std::string, std::string>* out) {
    if (value.is_null()) return {};
    const json::object* context = value.if_object();
    if (!context) return bad("context is not an object");
    for (const auto& [name, one] : *context) {
        if (one.is_object() || one.is_array()) {
            return bad("context." + std::string(name) + " is neither a string, a number nor a boolean");
        }
        if (one.is_null()) continue;
        const json::string* text = one.if_string();
        out->insert_or_assign(std::string(name), text ? std::string(std::string_view(*text)) : json::serialize(one));
    }
    return {};
}

}  // namespace

const std::vector<std::string_view>& execute_api_keys() {
    static const std::vector<std::string_view> keys = {
        "aws:currenttime",     "aws:epochtime",       "aws:principalaccount",
        "aws:principalarn",    "aws:principaltype",   "aws:referer",
        "aws:requestedregion", "aws:securetransport", "aws:sourceip",
        "aws:useragent",       "aws:sourcevpc",       "aws:sourcevpce",
        "aws:vpcsourceip",     "aws:sourceaccount",   "aws:sourcearn",
        "aws:principalorgid",  "aws:viaawsservice",   "aws:principalisawsservice"};
    return keys;
}

bool is_unauthorized(std::string_view text) {
    boost::system::error_code error;
    const json::value document = json::parse(text, error);
    const json::object* object = error ? nullptr : document.if_object();
    const json::value* message = object ? object->if_contains("errorMessage") : nullptr;
    return message && *message == "Unauthorized";
}

Result<AuthorizerAnswer> parse_authorizer_answer(std::string_view text) {
    if (text.size() > answer_bytes_max) return bad("the answer is larger than a megabyte");
    boost::system::error_code error;
    const json::value document = json::parse(text, error);
    const json::object* object = error ? nullptr : document.if_object();
    if (!object) return bad("the answer is not a JSON object");
    AuthorizerAnswer answer;
    answer.bytes = text.size();
    const json::value* principal = object->if_contains("principalId");
    if (!principal || !principal->is_string() || principal->get_string().empty()) return bad("no principalId");
    answer.principal = std::string_view(principal->get_string());
    const json::value* document_value = object->if_contains("policyDocument");
    if (!document_value || !document_value->is_object()) return bad("no policyDocument");
    policy::Grammar grammar;
    grammar.principals = false;
    grammar.bytes_max = answer_bytes_max;
    grammar.keys = execute_api_keys();
    TRY_ASSIGN(answer.policy, policy::Policy::parse(json::serialize(*document_value), grammar));
    if (const json::value* context = object->if_contains("context")) TRY(read_context(*context, &answer.context));
    if (const json::value* key = object->if_contains("usageIdentifierKey"); key && !key->is_null()) {
        if (!key->is_string()) return bad("usageIdentifierKey is not a string");
        answer.usage_key = std::string_view(key->get_string());
    }
    return answer;
}

}  // namespace millrace::gateway
