#include "src/function/async/destination_record.h"

#include <cstdio>
#include <ctime>

#include <boost/json.hpp>

#include "src/base/checksum.h"
#include "src/base/time_text.h"

namespace millrace::function {
namespace {

namespace json = boost::json;

std::tm utc(TimestampMs time) {
    const std::time_t seconds = static_cast<std::time_t>(time.value() / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return parts;
}

std::string formatted(const char* format, const std::tm& parts) {
    char text[64];
    return {text, std::strftime(text, sizeof text, format, &parts)};
}

// What is no JSON is shown as a string; nothing as null.
json::value value_of(std::string_view text) {
    if (text.empty()) return nullptr;
    boost::system::error_code bad;
    json::value parsed = json::parse(json::string_view(text.data(), text.size()), bad);
    if (bad) return json::string(text.data(), text.size());
    return parsed;
}

}  // namespace

std::string invoked_arn(const AsyncEvent& event) {
    return function_arn(event.scope, event.name, event.qualifier.empty() ? "$LATEST" : event.qualifier);
}

std::string destination_record(const AsyncEvent& event, std::string_view condition, const InvocationResult* result,
                               TimestampMs now) {
    json::object out{
        {"version", "1.0"},
        {"timestamp", iso_milliseconds(now) + "Z"},
        {"requestContext", json::object{{"requestId", event.request_id},
                                        {"functionArn", invoked_arn(event)},
                                        {"condition", json::string_view(condition.data(), condition.size())},
                                        {"approximateInvokeCount", event.calls}}},
        {"requestPayload", value_of(event.payload)},
    };
    if (result != nullptr) {
        json::object& context = out["responseContext"].emplace_object();
        context["statusCode"] = 200;
        context["executedVersion"] = result->executed_version;
        if (!result->function_error.empty()) context["functionError"] = result->function_error;
        out["responsePayload"] = value_of(result->payload);
    }
    return json::serialize(out);
}

std::string destination_key(const AsyncEvent& event, TimestampMs now) {
    return "aws/lambda/async/" + event.name + formatted("/%Y/%m/%d/%Y-%m-%dT%H.%M.%S-", utc(now)) + random_uuid();
}

}  // namespace millrace::function
