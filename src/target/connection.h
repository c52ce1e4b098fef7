// Connections and API destinations: where HTTP requests go, how often, and with whose secrets. EventBridge's API makes
// them (src/service/events), api_calls.cc uses them; both meet in the registry's entries of these kinds.
//
// Secrets are in them as they are given; the server's registry seals this kind on disk (src/catalog/sealed_registry.h).
// No operation answers with them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::catalog {
class Registry;
}

namespace millrace::target {

constexpr std::string_view connection_kind = "events.connection";        // in the Registry, by scope and name
constexpr std::string_view destination_kind = "events.api_destination";  // likewise

struct ExtraParameter {
    std::string key, value;
    bool is_secret = false;
};
struct ExtraParameters {  // what a connection adds to every request
    std::vector<ExtraParameter> headers, query, body;
    bool empty() const { return headers.empty() && query.empty() && body.empty(); }
};

struct Connection {
    Scope scope;
    std::string name, uuid, description;
    std::string authorization;            // AWS's word: BASIC, API_KEY, OAUTH_CLIENT_CREDENTIALS
    std::string user, secret;             // user name and password, key's name and value, client id and secret
    std::string token_url, token_method;  // OAuth
    ExtraParameters token_parameters;     // OAuth
    ExtraParameters parameters;
    bool authorized = true;  // false once DeauthorizeConnection took the secrets away
    TimestampMs created, modified, authorized_at;
};

struct ApiDestination {
    Scope scope;
    std::string name, uuid, description;
    std::string connection_arn;
    std::string url;  // may have * for path values
    std::string method;
    int per_second_max = 300;
    TimestampMs created, modified;
};

std::string arn_of(const Connection& connection);       // arn:aws:events:REGION:ACCOUNT:connection/NAME/UUID
std::string arn_of(const ApiDestination& destination);  // arn:aws:events:REGION:ACCOUNT:api-destination/NAME/UUID

// Versioned JSON, as the Registry keeps it. decode: corruption.
std::string encode(const Connection& connection);
Result<Connection> decode_connection(const Scope& scope, std::string_view json);
std::string encode(const ApiDestination& destination);
Result<ApiDestination> decode_destination(const Scope& scope, std::string_view json);

// not_found, also where the name is another's by now (the UUID of the ARN differs).
Result<Connection> find_connection(catalog::Registry& registry, std::string_view arn);
Result<ApiDestination> find_destination(catalog::Registry& registry, std::string_view arn);

}  // namespace millrace::target
