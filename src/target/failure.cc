#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "src/base/json_text.h"
#include "src/target/calls.h"

namespace millrace::target {
namespace {

namespace json = boost::json;

// What a service says when it will say something else later.
bool may_pass(std::string_view code, int status) {
    if (status >= 500 || status == 429) return true;
    for (const std::string_view part : {"Throttl", "ThroughputExceeded", "TooManyRequests", "LimitExceeded", "SlowDown",
                                        "Unavailable", "InternalFailure", "InternalError", "InternalException",
                                        "InternalServer", "RequestTimeout", "ResourceConflict", "ResourceInUse"}) {
        if (code.find(part) != std::string_view::npos) return true;
    }
    return false;
}

std::string first_text(const json::object& object, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        const auto* found = object.if_contains(json::string_view(name.data(), name.size()));
        if (found != nullptr && found->is_string()) return std::string(found->as_string());
    }
    return "";
}

std::string_view header(const ServiceAnswer& answer, std::string_view name) {
    for (const auto& [each, value] : answer.headers) {
        if (each == name) return value;
    }
    return "";
}

}  // namespace

Outcome failure_of(std::string code, std::string message, int status) {
    Outcome out;
    out.kind = may_pass(code, status) ? Outcome::Kind::retryable : Outcome::Kind::permanent;
    out.code = std::move(code);
    out.message = std::move(message);
    return out;
}

Outcome failure_of(const ServiceAnswer& answer) {
    std::string code(header(answer, "x-amzn-errortype"));
    std::string message;
    boost::system::error_code error;
    const json::value parsed = json::parse(answer.body, error);
    if (!error && parsed.is_object()) {
        if (code.empty()) code = first_text(parsed.as_object(), {"__type", "code", "Code"});
        message = first_text(parsed.as_object(), {"message", "Message"});
    }
    // "com.amazonaws.kinesis#ResourceNotFoundException:http://..."
    code = code.substr(0, code.find(':'));
    if (const size_t hash = code.find('#'); hash != std::string::npos) code = code.substr(hash + 1);
    if (code.empty()) code = "HTTP " + std::to_string(answer.status);
    if (message.empty()) message = "The target answered with status " + std::to_string(answer.status) + ".";
    return failure_of(std::move(code), std::move(message), answer.status);
}

ServiceCall json_call(const Scope& scope, std::string_view service, std::string_view operation, std::string body) {
    ServiceCall call;
    call.scope = scope;
    call.service = service;
    call.operation = operation;
    call.body = std::move(body);
    return call;
}

void append_member(std::string_view name, std::string_view text, std::string& json) {
    append_json_string(name, json);
    json += ':';
    append_json_string(text, json);
}

}  // namespace millrace::target
