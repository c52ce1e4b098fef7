#include "src/gateway/integration/function_response.h"

#include <charconv>

#include <boost/json.hpp>

#include "src/gateway/text/uri.h"
#include "src/http/characters.h"
#include "src/http/outbound/outbound.h"

namespace millrace::gateway {
namespace {

namespace json = boost::json;

Error malformed(std::string_view why) {
    return {ErrorCode::invalid_argument, "Malformed Lambda proxy response: " + std::string(why)};
}

std::string text_of(const json::value& value) {
    if (value.is_string()) return std::string(value.get_string().data(), value.get_string().size());
    return value.is_null() ? std::string() : json::serialize(value);
}

Status add(http::Headers& headers, std::string_view name, const json::value& value) {
    if (value.is_object() || value.is_array()) return malformed("a header's value is no text");
    if (!add_foreign_header(headers, name, text_of(value))) return malformed("a header that HTTP does not allow");
    return {};
}

Result<int> status_of(const json::value& value) {
    int64_t code = 0;
    if (value.is_int64()) {
        code = value.get_int64();
    } else if (value.is_double() && value.get_double() >= 100 && value.get_double() < 600) {
        code = static_cast<int64_t>(value.get_double());
    } else if (value.is_string()) {
        const json::string& text = value.get_string();
        if (std::from_chars(text.data(), text.data() + text.size(), code).ptr != text.data() + text.size()) code = 0;
    }
    if (code < 200 || code > 599) return malformed("statusCode is no status of a response");
    return static_cast<int>(code);
}

Status add_all(http::Headers& headers, const json::object& fields) {
    // A name in both is multiValueHeaders' alone.
    const json::value* multi = fields.if_contains("multiValueHeaders");
    if (multi != nullptr && !multi->is_null() && !multi->is_object())
        return malformed("multiValueHeaders is no object");
    if (multi != nullptr && multi->is_object()) {
        for (const auto& [name, values] : multi->get_object()) {
            if (!values.is_array()) return malformed("multiValueHeaders holds no list");
            for (const json::value& value : values.get_array()) TRY(add(headers, name, value));
        }
    }
    const json::value* single = fields.if_contains("headers");
    if (single == nullptr || single->is_null()) return {};
    if (!single->is_object()) return malformed("headers is no object");
    http::Headers more;
    for (const auto& [name, value] : single->get_object()) TRY(add(more, name, value));
    for (const auto& [name, value] : more.fields()) {
        if (headers.find(name) == nullptr) headers.add(name, value);
    }
    return {};
}

bool is_known(std::string_view name) {
    return name == "statusCode" || name == "headers" || name == "multiValueHeaders" || name == "body" ||
           name == "isBase64Encoded";
}

}  // namespace

bool add_foreign_header(http::Headers& headers, std::string_view name, std::string_view value) {
    if (name.empty() || name.size() > 256 || value.size() > 10240) return false;
    std::string lower(name);
    for (char& c : lower) {
        c = http::to_token_lower(c);
        if (c == '\0') return false;
    }
    if (!http::are_field_value(value)) return false;
    if (!http::is_hop_by_hop(lower) && lower != "date") headers.add(lower, http::trim_blanks(value));
    return true;
}

Result<FunctionResponse> parse_function_response(std::string_view payload) {
    boost::system::error_code bad;
    const json::value value = json::parse(json::string_view(payload.data(), payload.size()), bad);
    if (bad || !value.is_object()) return malformed("it is no JSON object");
    const json::object& fields = value.get_object();
    for (const auto& [name, unused] : fields) {
        if (!is_known(name)) return malformed("it has a field \"" + std::string(name) + "\"");
    }
    FunctionResponse response;
    if (const json::value* status = fields.if_contains("statusCode"); status != nullptr && !status->is_null()) {
        TRY_ASSIGN(response.status, status_of(*status));
    }
    TRY(add_all(response.headers, fields));
    if (const json::value* body = fields.if_contains("body"); body != nullptr && !body->is_null()) {
        if (body->is_object() || body->is_array()) return malformed("body is no string");
        response.body = text_of(*body);
    }
    if (const json::value* base64 = fields.if_contains("isBase64Encoded"); base64 != nullptr && !base64->is_null()) {
        const bool said = base64->is_string() && (base64->get_string() == "true" || base64->get_string() == "false");
        if (!base64->is_bool() && !said) return malformed("isBase64Encoded is neither true nor false");
        response.base64 = base64->is_bool() ? base64->get_bool() : base64->get_string() == "true";
    }
    return response;
}

}  // namespace millrace::gateway
