// AWS_PROXY with a subtype: one call of a service, its parameters filled in from the request.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html
#include <boost/json.hpp>

#include "src/gateway/http_api/plane.h"

namespace millrace::gateway::http_api {
namespace {

namespace json = boost::json;

json::string text(const std::string& value) {
    return json::string(value.data(), value.size());
}

// The call's body; the parameters are those that check_integration() let in.
std::string kinesis_body(const TextMap& values) {
    json::object body;
    for (const auto& [name, value] : values) {
        if (name != "Region") body[name] = text(value);
    }
    return json::serialize(body);
}

Result<std::string> events_body(const TextMap& values) {
    json::object entry;
    for (const auto& [name, value] : values) {
        if (name == "Region") continue;
        if (name == "Resources") {
            boost::system::error_code bad;
            json::value list = json::parse(value, bad);
            entry[name] = !bad && list.is_array() ? std::move(list) : json::value(json::array{text(value)});
        } else if (name == "Time") {
            boost::system::error_code bad;
            json::value time = json::parse(value, bad);
            if (bad || !time.is_number()) {
                return Error{ErrorCode::invalid_argument, "Time is not a number of seconds since 1970"};
            }
            entry[name] = std::move(time);
        } else {
            entry[name] = text(value);
        }
    }
    return json::serialize(json::object{{"Entries", json::array{std::move(entry)}}});
}

http::Response response_of(ServiceAnswer answer) {
    http::Response response;
    response.status = answer.status;
    response.headers.add("content-type", "application/json");
    for (const auto& [name, value] : answer.headers) {
        if (name == "x-amzn-requestid") response.headers.add(name, value);
    }
    response.body = std::move(answer.body);
    return response;
}

}  // namespace

void call_service(Plane& plane, const CallRef& call) {
    const Integration& integration = *call->integration;
    const Variables variables = variables_of(*call);
    TextMap values;
    for (const auto& [name, expression] : integration.request_parameters) {
        if (std::optional<std::string> value = evaluate(expression, variables)) values[name] = std::move(*value);
    }
    ServiceCall request;
    request.scope = call->api->scope;
    if (const auto region = values.find("Region"); region != values.end()) request.scope.region = region->second;
    request.headers = {{"content-type", "application/x-amz-json-1.1"}};
    if (integration.subtype == "Kinesis-PutRecord") {
        request.service = "kinesis";
        request.operation = "PutRecord";
        request.body = kinesis_body(values);
    } else {
        request.service = "events";
        request.operation = "PutEvents";
        Result<std::string> body = events_body(values);
        if (!body.ok()) return integrated(plane, call, message(400, body.error().message));
        request.body = std::move(body).value();
    }
    plane.parts.caller.call(std::move(request), [&plane, call](ServiceAnswer answer) {
        integrated(plane, call, response_of(std::move(answer)));
    });
}

}  // namespace millrace::gateway::http_api
