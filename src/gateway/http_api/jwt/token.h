// JSON Web Tokens, the compact serialisation of signed ones (RFC 7515, RFC 7519): HEADER.PAYLOAD.SIGNATURE, each in
// base64url. Reading one proves nothing: key_set.h checks the signature, check_claims() what it says.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"

namespace millrace::gateway::http_api {

constexpr size_t token_bytes_max = 16 * 1024;

struct Token {
    std::string algorithm;         // "RS256"
    std::string key_id;            // "" where the header names none
    std::string_view signed_part;  // HEADER.PAYLOAD, of the text that was parsed
    std::string signature;

    // Every claim as text, as API Gateway hands them on: numbers and booleans as JSON writes them, lists as "[a b]".
    std::map<std::string, std::string> claims;
    std::string issuer;
    std::vector<std::string> audience;
    std::vector<std::string> scopes;  // of "scope" (blanks between) or "scp" (a list, or as "scope")
    std::optional<double> expires_s, not_before_s, issued_s;
};

// invalid_argument: not three parts of base64url, a header or payload that is no JSON object, a critical extension
// ("crit"), dates that are no numbers.
Result<Token> parse_token(std::string_view text);

// permission_denied, with the sentence for WWW-Authenticate: the issuer's, the audience ("client_id" where there is no
// "aud"), exp (required), nbf and iat. https://docs.aws.amazon.com/apigateway/latest/developerguide/
// http-api-jwt-authorizer.html#http-api-jwt-authorizer.evaluation
constexpr double clock_leeway_s = 30;
Status check_claims(const Token& token, std::string_view issuer, const std::vector<std::string>& audience,
                    TimestampMs now);

// "Bearer x" is x, in any case; anything else is itself.
std::string_view without_bearer(std::string_view value);
// RFC 4648, section 5, without padding. nullopt where it is none.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace millrace::gateway::http_api
