// One item as the HTTP request that an API destination gets, and the request for a token before it.
#pragma once

#include <string>
#include <string_view>

#include "src/http/outbound/outbound.h"
#include "src/target/connection.h"
#include "src/target/target.h"

namespace millrace::target {

struct ApiRequest {
    http::OutboundRequest head;  // its body is a view of `body`
    std::string body;
};

// Whether each * of an endpoint stands in its path, the only place where a value is filled in: event content that chose
// the host, the port or the name of a query parameter would choose who gets the connection's secrets. invalid_argument:
// where one stands instead.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_HttpParameters.html ("path wildcards")
Status check_stars(std::string_view url);

// invalid_argument where the parameters make no URL or header of it: a * outside of the path, a value that makes a
// segment "." or "..", which the other side may take for a step to another path, a header that is not a user's.
// `token`: "" unless the connection is OAuth.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
Result<ApiRequest> make_api_request(const ApiDestination& destination, const Connection& connection, const Item& item,
                                    std::string_view content_type, std::string_view token);

// Client credentials (RFC 6749, 4.4), with the client's id and secret in the form - in the query where the method is
// GET - and grant_type=client_credentials unless the connection's parameters say otherwise.
ApiRequest make_token_request(const Connection& connection);

struct Token {
    std::string text;
    int64_t seconds = 3600;
};
Result<Token> read_token(const http::OutboundResponse& response);  // permission_denied

// EventBridge tries 401, 407, 409, 429 and 5xx again, and nothing else.
Outcome outcome_of(const http::OutboundResponse& response);
Outcome outcome_of(const Error& error);

}  // namespace millrace::target
