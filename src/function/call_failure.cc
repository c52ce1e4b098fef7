#include "src/function/call_failure.h"

#include <cstdio>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace millrace::function {

CallFailure CallFailure::exited(const std::string& words) {
    return {"Runtime.ExitError",
            words.empty() ? "Runtime exited without providing a reason" : "Runtime exited with error: " + words, "",
            false};
}

CallFailure CallFailure::out_of_memory() {
    return {"Runtime.OutOfMemory", "Runtime exited with error: signal: killed", "", false};
}

CallFailure CallFailure::timed_out(uint64_t ms) {
    char text[64];
    std::snprintf(text, sizeof text, "Task timed out after %.2f seconds", static_cast<double>(ms) / 1000);
    return {"Sandbox.Timedout", text, "", true};
}

CallFailure CallFailure::too_large(uint64_t bytes_max) {
    return {"Function.ResponseSizeTooLarge",
            "Response payload size exceeded maximum allowed payload size (" + std::to_string(bytes_max) + " bytes).",
            "", false};
}

CallFailure CallFailure::truncated() {
    return {"Runtime.TruncatedResponse", "the streamed response ended before it was complete", "", false};
}

CallFailure CallFailure::reported(std::string_view type, std::string payload) {
    CallFailure failure{std::string(type), "", std::move(payload), false};
    if (failure.type.empty()) failure.type = error_type_of(failure.payload);
    if (failure.payload.empty()) failure.message = "Unknown application error occurred";
    return failure;
}

CallFailure CallFailure::no_entry_point(const std::string& what) {
    return {"Runtime.InvalidEntrypoint", what, "", false};
}

std::string payload_of(const CallFailure& failure, std::string_view request_id) {
    if (!failure.payload.empty()) return failure.payload;
    boost::json::object object;
    object["errorType"] = failure.type;
    const bool bare = failure.type == "Function.ResponseSizeTooLarge";  // AWS names no request in this one
    object["errorMessage"] =
        bare ? failure.message : "RequestId: " + std::string(request_id) + " Error: " + failure.message;
    return boost::json::serialize(object);
}

std::string error_type_of(std::string_view payload) {
    if (payload.size() > 1 << 20) return "";
    boost::system::error_code error;
    const boost::json::value value =
        boost::json::parse(boost::json::string_view(payload.data(), payload.size()), error);
    if (error || !value.is_object()) return "";
    const auto* type = value.as_object().if_contains("errorType");
    return type != nullptr && type->is_string() ? std::string(type->as_string()) : "";
}

}  // namespace millrace::function
