// Whether a route lets a request in: everybody (NONE), whoever signed with a key of the account (AWS_IAM), holders of a
// token of an issuer (JWT), or whom a function lets in (CUSTOM).
#include <algorithm>

#include <boost/json.hpp>

#include "src/gateway/access/authorizer_answer.h"
#include "src/gateway/access/method_arn.h"
#include "src/gateway/http_api/authorizer_answer.h"
#include "src/gateway/http_api/jwt/token.h"
#include "src/gateway/http_api/plane.h"

namespace millrace::gateway::http_api {
namespace {

namespace json = boost::json;

constexpr int64_t authorizer_ms_max = 10'000;  // AWS's

using Admitted = std::function<void()>;

void unauthorized(Plane& plane, const CallRef& call) {
    finish(plane, call, message(401, "Unauthorized"));
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

// --- JWT ---

void refuse_token(Plane& plane, const CallRef& call, int status, std::string_view error, std::string why) {
    call->error = why;
    http::Response response = message(status, status == 403 ? "Forbidden" : "Unauthorized");
    for (char& c : why) c = c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ' ? '\'' : c;
    response.headers.set("www-authenticate", "Bearer scope=\"" + joined(call->route->scopes) + "\" error=\"" +
                                                 std::string(error) + "\" error_description=\"" + why + "\"");
    finish(plane, call, std::move(response));
}

void admit_token(const CallRef& call, const Token& token) {
    json::object claims;
    for (const auto& [name, value] : token.claims) claims[name] = json::string(value);
    json::value scopes = nullptr;
    if (!call->route->scopes.empty()) scopes = json::value_from(token.scopes);
    call->authorizer = json::serialize(
        json::object{{"jwt", json::object{{"claims", std::move(claims)}, {"scopes", std::move(scopes)}}}});
    call->authorizer_values = token.claims;
}

void check_token(Plane& plane, const CallRef& call, const Authorizer& authorizer, const Token& token,
                 const KeySet& keys, const Admitted& admitted) {
    const Status signed_by = keys.verify(token.algorithm, token.key_id, token.signed_part, token.signature);
    if (!signed_by.ok()) return refuse_token(plane, call, 401, "invalid_token", signed_by.error().message);
    const Status said = check_claims(token, authorizer.issuer, authorizer.audience, plane.parts.clock.now());
    if (!said.ok()) return refuse_token(plane, call, 401, "invalid_token", said.error().message);
    const std::vector<std::string>& wanted = call->route->scopes;
    const bool in_scope =
        wanted.empty() || std::any_of(token.scopes.begin(), token.scopes.end(), [&](const std::string& one) {
            return std::find(wanted.begin(), wanted.end(), one) != wanted.end();
        });
    if (!in_scope) {
        return refuse_token(plane, call, 403, "insufficient_scope", "the token has none of the scopes of this route");
    }
    admit_token(call, token);
    admitted();
}

void by_token(Plane& plane, const CallRef& call, const Authorizer& authorizer, Admitted admitted) {
    const std::string source =
        authorizer.identity_sources.empty() ? "$request.header.Authorization" : authorizer.identity_sources.front();
    const std::optional<std::string> value = evaluate(source, variables_of(*call));
    if (!value || value->empty()) {
        http::Response response = message(401, "Unauthorized");
        response.headers.set("www-authenticate", "Bearer");
        return finish(plane, call, std::move(response));
    }
    // The token's parts are views into this text.
    const auto text = std::make_shared<const std::string>(without_bearer(*value));
    Result<Token> parsed = parse_token(*text);
    if (!parsed.ok()) return refuse_token(plane, call, 401, "invalid_token", parsed.error().message);
    if (parsed->key_id.empty()) {
        return refuse_token(plane, call, 401, "invalid_token", "the token does not name its key (kid)");
    }
    const auto token = std::make_shared<const Token>(std::move(parsed).value());
    plane.issuers->keys(authorizer.issuer, token->key_id,
                        [&plane, call, &authorizer, text, token,
                         admitted = std::move(admitted)](Result<std::shared_ptr<const KeySet>> keys) {
                            if (!keys.ok())
                                return refuse_token(plane, call, 401, "invalid_token", keys.error().message);
                            check_token(plane, call, authorizer, *token, **keys, admitted);
                        });
}

// --- a function ---

std::string route_arn(const Call& call) {
    // Decoded as routes are matched: a policy's Deny of /admin holds for /%61dmin.
    return method_arn("arn:aws:execute-api:" + call.api->scope.region + ":" + call.api->scope.account + ":" +
                          call.api->id + "/" + call.stage->name + "/",
                      call.head().method, call.path);
}

void judge(Plane& plane, const CallRef& call, const Authorizer& authorizer, const std::string& payload,
           const Admitted& admitted) {
    Result<AuthorizerAnswer> answer = authorizer.simple_responses
                                          ? read_simple_answer(payload)
                                          : read_policy_answer(payload, route_arn(*call), call->head().peer_address);
    if (!answer.ok()) {
        call->error = answer.error().message;
        return finish(plane, call, message(500, "Internal Server Error"));
    }
    if (!answer->allowed) return finish(plane, call, message(403, "Forbidden"));
    call->authorizer = std::move(answer->context);
    call->authorizer_values = std::move(answer->values);
    admitted();
}

void by_function(Plane& plane, const CallRef& call, const Authorizer& authorizer, Admitted admitted) {
    std::vector<std::string> identity;
    const Variables variables = variables_of(*call);
    for (const std::string& source : authorizer.identity_sources) {
        const std::optional<std::string> value = evaluate(source, variables);
        if (!value || value->empty()) return unauthorized(plane, call);
        identity.push_back(*value);
    }
    const int64_t now_ms = plane.parts.clock.monotonic_ns() / 1'000'000;
    const bool cached = authorizer.result_ttl_s > 0 && !identity.empty();
    // Of the deployment: an authorizer of the same id may be another one in the next.
    std::string key = call->api->id + "/" + call->stage->name + "/" + call->deployment->id + "/" + authorizer.id;
    for (const std::string& value : identity) key += "\n" + std::to_string(value.size()) + ":" + value;
    if (cached) {
        const std::optional<std::string> known = plane.answers.find(key, now_ms);
        if (known) return judge(plane, call, authorizer, *known, admitted);
    }
    const std::optional<std::string> arn = function_arn_of(authorizer.uri);
    const auto name = arn ? function::parse_function_name(call->api->scope, *arn)
                          : Result<function::FunctionName>(ErrorCode::invalid_argument, "its URI names no function");
    if (!name.ok()) {
        call->error = "the authorizer: " + name.error().message;
        return finish(plane, call, message(500, "Internal Server Error"));
    }
    if (name->scope.account != call->api->scope.account) {
        call->error = "the authorizer: its function is another account's";
        return finish(plane, call, message(500, "Internal Server Error"));
    }
    const std::weak_ptr<Call> waiting = call;
    const auto decided = std::make_shared<std::atomic<bool>>(false);
    const Deadlines::Ticket deadline = plane.deadlines->add(authorizer_ms_max, [&plane, waiting, decided] {
        const CallRef late = waiting.lock();
        if (late != nullptr && !decided->exchange(true)) {
            finish(plane, late, message(500, "Internal Server Error"));
        }
    });
    function::Invocation invocation;
    invocation.function = *name;
    const ProxyRequest request = proxy_request(*call, call->head());
    invocation.payload = authorizer.payload_version == "1.0"
                             ? authorizer_payload_1_0(request, route_arn(*call), identity)
                             : authorizer_payload_2_0(request, route_arn(*call), identity);
    plane.parts.invoke(
        std::move(invocation), [&plane, call, &authorizer, key, cached, now_ms, decided, deadline,
                                admitted = std::move(admitted)](Result<function::InvocationResult> result) {
            if (decided->exchange(true)) return;
            plane.deadlines->remove(deadline);
            if (result.ok() && !result->function_error.empty() && is_unauthorized(result->payload)) {
                return unauthorized(plane, call);
            }
            if (!result.ok() || !result->function_error.empty()) {
                call->error = result.ok() ? "the authorizer failed" : "the authorizer: " + result.error().message;
                return finish(plane, call, message(500, "Internal Server Error"));
            }
            if (cached) plane.answers.put(key, result->payload, now_ms + authorizer.result_ttl_s * int64_t{1000});
            judge(plane, call, authorizer, result->payload, admitted);
        });
}

}  // namespace

void authorize(Plane& plane, const CallRef& call, const VerifySigner& verify, std::function<void()> admitted) {
    const std::string& type = call->route->authorization_type;
    if (type == "NONE") return admitted();
    if (type == "AWS_IAM") {
        const std::optional<Signer> signer = verify();
        if (!signer || signer->account != call->api->scope.account) {
            return finish(plane, call, message(403, "Forbidden"));
        }
        call->account_of_caller = signer->account;
        call->access_key = signer->access_key;
        call->authorizer = iam_authorizer(signer->account, signer->access_key);
        return admitted();
    }
    // The call holds the deployment, and with it the authorizer.
    const auto& authorizers = call->deployment->snapshot->authorizers;
    const auto at = authorizers.find(call->route->authorizer_id);
    if (at == authorizers.end()) return finish(plane, call, message(500, "Internal Server Error"));
    if (at->second.type == "JWT") return by_token(plane, call, at->second, std::move(admitted));
    by_function(plane, call, at->second, std::move(admitted));
}

}  // namespace millrace::gateway::http_api
