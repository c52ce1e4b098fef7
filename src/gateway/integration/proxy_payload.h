// What a function behind HTTP is told and what it may answer: HTTP APIs' payload formats 1.0 and 2.0, the second also
// function URLs'.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
//
// Any thread; nothing blocks. What the parts refer to is used during the call alone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/http/message.h"

namespace millrace::gateway {

struct ProxyRequest {
    const http::RequestHead& head;
    std::string_view body;
    std::string account;  // the API's; "anonymous" or the caller's of function URLs
    std::string api_id;
    std::string request_id;
    TimestampMs time;
    std::string route_key = "$default";
    std::string stage = "$default";
    const std::map<std::string, std::string>* path_parameters = nullptr;  // decoded; null or empty: none
    const std::map<std::string, std::string>* stage_variables = nullptr;  // likewise
    std::string authorizer = {};                                          // JSON of requestContext.authorizer; "": none
    std::string account_of_caller = {}, access_key = {};  // of a signed request, for format 1.0's identity
};

// The event, as JSON. Bodies that are not text (by Content-Type) or not UTF-8 are in base64.
std::string payload_2_0(const ProxyRequest& request);
std::string payload_1_0(const ProxyRequest& request);

// What a REQUEST authorizer is asked, in either format: `arn` is the route's
// (arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/GET/orders), `identity` its sources' values.
std::string authorizer_payload_2_0(const ProxyRequest& request, const std::string& arn,
                                   const std::vector<std::string>& identity);
std::string authorizer_payload_1_0(const ProxyRequest& request, const std::string& arn,
                                   const std::vector<std::string>& identity);

// requestContext.authorizer of a request that is signed by the account's key.
std::string iam_authorizer(const std::string& account, const std::string& access_key);

// What the function returned. Format 2.0: {"statusCode":...} is taken apart, any other JSON is a 200 with that as its
// body. Format 1.0: it must be the former. nullopt where it is none, or names what HTTP does not allow.
std::optional<http::Response> response_2_0(std::string_view payload);
std::optional<http::Response> response_1_0(std::string_view payload);

}  // namespace millrace::gateway
