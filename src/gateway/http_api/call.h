// One request on its way through an HTTP API.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/gateway/http_api/definition.h"
#include "src/gateway/http_api/expression.h"
#include "src/gateway/http_api/http_apis.h"
#include "src/gateway/integration/proxy_payload.h"
#include "src/http/server.h"

namespace millrace::gateway::http_api {

struct Call {
    std::unique_ptr<http::Exchange> exchange;
    HttpApis::Api api;  // holds what the pointers below point to
    const Stage* stage = nullptr;
    const Deployment* deployment = nullptr;
    const Route* route = nullptr;              // null: none matched
    const Integration* integration = nullptr;  // null: the route has none

    std::string request_id;
    TimestampMs received;
    int64_t started_ns = 0;
    std::string path;             // raw, below the stage
    TextMap parameters;           // of the route's path, decoded
    std::string rest_name, rest;  // of its greedy parameter: as it was sent

    // What the authorizer said: requestContext.authorizer as JSON, and $context.authorizer.NAME.
    std::string authorizer;
    TextMap authorizer_values;
    std::string account_of_caller, access_key;

    int64_t integration_started_ns = 0, integration_ended_ns = 0;
    int integration_status = 0;
    std::string error;  // $context.integrationErrorMessage, $context.authorizer.error
    std::atomic<bool> answered = false;
    // Of its deadline, forgotten with the answer: else each request would be remembered for as long as it might take.
    std::atomic<uint64_t> deadline = 0;  // 0: none

    const http::RequestHead& head() const { return exchange->head(); }
};
using CallRef = std::shared_ptr<Call>;

// {"message":"Not Found"}
http::Response message(int status, std::string_view text);

// `head`: the call's own, or what request parameters made of it; the result refers to both.
ProxyRequest proxy_request(const Call& call, const http::RequestHead& head);
// $request.*, $context.* and $stageVariables.*; `answer` adds $response.*. They refer to both.
Variables variables_of(const Call& call, const http::Response* answer = nullptr);
std::optional<std::string> context_variable(const Call& call, std::string_view name);

// "overwrite:header.x" and its like, on an answer: the map of its status code, where there is one.
void map_response(const Call& call, http::Response& response);

}  // namespace millrace::gateway::http_api
