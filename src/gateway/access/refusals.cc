#include "src/gateway/access/refusals.h"

namespace millrace::gateway {
namespace {

// The account of an ARN as AWS shows it to whoever was refused: its last four digits.
std::string masked(std::string_view arn) {
    size_t at = 0;
    for (int colons = 0; colons < 4 && at != std::string_view::npos; ++colons) at = arn.find(':', at) + 1;
    std::string text(arn);
    if (at + 12 <= text.size() && text.find(':', at) == at + 12) text.replace(at, 8, "********");
    return text;
}

}  // namespace

AccessRefusal unauthorized() {
    return {"UNAUTHORIZED", 401, "Unauthorized", "UnauthorizedException"};
}

AccessRefusal invalid_api_key() {
    return {"INVALID_API_KEY", 403, "Forbidden", "ForbiddenException"};
}

AccessRefusal throttled() {
    return {"THROTTLED", 429, "Too Many Requests", "TooManyRequestsException"};
}

AccessRefusal quota_exceeded() {
    return {"QUOTA_EXCEEDED", 429, "Limit Exceeded", "LimitExceededException"};
}

AccessRefusal authorizer_failure() {
    return {"AUTHORIZER_FAILURE", 500, "", "AuthorizerFailureException"};
}

AccessRefusal authorizer_configuration_error() {
    return {"AUTHORIZER_CONFIGURATION_ERROR", 500, "", "AuthorizerConfigurationException"};
}

AccessRefusal uri_too_long() {
    return {"DEFAULT_4XX", 414, "Request URI too long", "RequestTooLongException"};
}

AccessRefusal missing_authentication_token() {
    return {"MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token", "MissingAuthenticationTokenException"};
}

AccessRefusal denied_by_policy(policy::Decision decision, std::string_view who, std::string_view resource) {
    std::string message = "User: " + std::string(who) +
                          " is not authorized to perform: execute-api:Invoke on resource: " + masked(resource);
    if (decision == policy::Decision::deny) message += " with an explicit deny";
    return {"ACCESS_DENIED", 403, std::move(message), "AccessDeniedException"};
}

AccessRefusal denied_by_authorizer(policy::Decision decision) {
    std::string message = "User is not authorized to access this resource";
    if (decision == policy::Decision::deny) message += " with an explicit deny";
    return {"ACCESS_DENIED", 403, std::move(message), "AccessDeniedException"};
}

AccessRefusal bad_signature(const SignatureRefusal& refusal) {
    if (refusal.code.starts_with("MissingAuthenticationToken")) return missing_authentication_token();
    // "ExpiredTokenException", and what signatures of the wrong time get ("Signature expired: ...").
    const bool expired = refusal.code.starts_with("ExpiredToken");
    return {expired ? "EXPIRED_TOKEN" : "INVALID_SIGNATURE", 403, refusal.message,
            refusal.code.empty() ? "InvalidSignatureException" : refusal.code};
}

}  // namespace millrace::gateway
