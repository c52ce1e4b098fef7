// Who may call a method, and how often: what a request of a REST API passes between its route and its integration.
//
//   resource policy's explicit denials -> throttles (plan's method or plan, stage's method, account)
//   -> signature or authorizer function -> policies together -> API key (and its plan's throttle, where the authorizer
//   named it) -> quota
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html,
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
//
// Any thread; nothing here blocks, so I/O threads may ask. Most requests are answered before check() returns; those
// that an authorizer function decides, when it answers (on a thread of the functions', which `done` must not block).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/base/scope.h"
#include "src/gateway/rest_apis.h"

namespace millrace::function {
struct Invocation;
struct InvocationResult;
}  // namespace millrace::function
namespace millrace::http {
struct RequestHead;
}
namespace millrace::io {
class Clock;
}
namespace millrace::table {
class KeyValueStore;
}

namespace millrace::gateway {

// What a stage's access needs, compiled once: policy, authorizers' sources and expressions, settings by method.
// Immutable; any thread. Keep it as long as its `Served` is served.
class AccessRules;

// Why a signature is not good, in the words of src/aws/verifier.h: "InvalidSignatureException",
// "MissingAuthenticationTokenException", "ExpiredTokenException", ...
struct SignatureRefusal {
    std::string code, message;
};
// Whose signature the request carries (an account); asked at most once, for service "execute-api". May hash the body.
using VerifySignature = std::function<Result<std::string, SignatureRefusal>(std::string_view service)>;

struct AccessRequest {
    std::shared_ptr<const AccessRules> rules;
    const Resource* resource = nullptr;  // of the rules' deployment
    const Method* method = nullptr;      // of the resource, perhaps its "ANY"

    // What these refer to is valid until `done` has been called.
    const http::RequestHead* head = nullptr;
    std::string_view path;          // below the stage, as sent: "/orders/17". Policies see it decoded: method_arn.h
    std::string_view request_path;  // with the stage, where the URL has one: "/prod/orders/17" ($context.path)
    std::string_view source_ip, request_id, domain_name;
    std::string_view access_key;                                          // that the signature names; "" where unsigned
    const std::map<std::string, std::string>* path_parameters = nullptr;  // decoded; null: none
    const std::vector<std::pair<std::string, std::string>>* parameters = nullptr;  // the query's, decoded, in order
    VerifySignature verify;
};

// Who asks, once admitted; what of it is known where refused. "" where it does not apply.
struct Identity {
    std::string api_key, api_key_id;                    // the key's value ($context.identity.apiKey) and id
    std::string account, access_key, caller, user_arn;  // of AWS_IAM: $context.identity.accountId, accessKey, ...
    // An authorizer's: $context.authorizer.principalId, and what it passed on, each as text ("1", "true"). With
    // integrationLatency where the function was called for this request.
    std::string principal;
    std::map<std::string, std::string> authorizer;
    int64_t authorizer_ms = -1;  // how long its function took; -1: none was called
    std::string
        authorizer_error;  // $context.authorizer.error: why it did not answer as it should, for the owner's eyes
};

// As a GatewayResponse of `type`, whose status and template the API's owner may have changed.
struct AccessRefusal {
    std::string type;        // "UNAUTHORIZED", "ACCESS_DENIED", "THROTTLED", ...
    int status = 0;          // the type's own
    std::string message;     // $context.error.message; "": AWS answers {"message":null}
    std::string error_type;  // x-amzn-ErrorType: "UnauthorizedException"
};

struct AccessVerdict {
    std::optional<AccessRefusal> refusal;  // none: admitted
    Identity identity;
    std::string authorizer_answer;  // of test(): what its function said
};

// What a plan's key has used on a day (UTC), and what of its quota was left at the day's end (or is now).
struct UsageOfDay {
    int64_t used = 0;
    int64_t remaining = 0;
};

struct AccessOptions {
    double requests_per_s =
        10'000;  // of each account and region; 0: no bound. AWS's default, which it raises on request
    int32_t burst = 5'000;
    int32_t authorizer_ms_max = 30'000;
    size_t policies_max = 10'000;        // authorizers' answers that are kept
    size_t policy_bytes_max = 64 << 20;  // and their bytes
    int64_t flush_ms = 1'000;            // how often counts of quotas are written down
};

struct AccessParts {
    RestApis& apis;
    table::KeyValueStore& store;  // counts of quotas
    const io::Clock& clock;
    // function::Functions::invoke.
    std::function<void(function::Invocation, std::function<void(Result<function::InvocationResult>)>)> invoke;
};

class Access {
  public:
    // What `parts` refers to outlives it. io, corruption.
    static Result<std::unique_ptr<Access>> open(AccessOptions options, AccessParts parts);
    virtual ~Access() = default;  // stops
    virtual const AccessOptions& options() const = 0;
    // Writes down what was counted; calls of authorizers that still run are answered AUTHORIZER_FAILURE. Idempotent.
    virtual void stop() = 0;

    // Never fails: what can not be compiled refuses the requests that need it, with AWS's 500. An API whose resource
    // policy can not be evaluated refuses every request.
    virtual std::shared_ptr<const AccessRules> compile(std::shared_ptr<const Served> served) = 0;

    // `done` is called exactly once.
    virtual void check(AccessRequest request, std::function<void(AccessVerdict)> done) = 0;

    // TestInvokeAuthorizer: asks the method's authorizer anew, and nobody else. Whatever its policy says it is
    // admitted.
    virtual void test(AccessRequest request, std::function<void(AccessVerdict)> done) = 0;

    // For the control plane. FlushStageAuthorizersCache: every answer kept for that stage is forgotten.
    virtual void forget_policies(std::string_view api, std::string_view stage) = 0;
    // GetUsage: by key id, a UsageOfDay for each day of [from, to] ("2026-11-21"); of one key where `key_id` is not "".
    // invalid_argument: the dates; days are kept for 90. Without a quota `remaining` is what AWS says: the largest
    // int64.
    virtual Result<std::map<std::string, std::vector<UsageOfDay>>> usage(const UsagePlan& plan, std::string_view key_id,
                                                                         std::string_view from,
                                                                         std::string_view to) = 0;
    virtual TimestampMs now() const = 0;  // whose day (UTC) is today for usage
    // UpdateUsage: what is left of the current period's quota. failed_precondition: the plan has none. Durable on
    // return.
    virtual Status set_remaining(const UsagePlan& plan, std::string_view key_id, int64_t remaining) = 0;
    // A plan or key is gone: so are its counts ("" of key_id: every key's).
    virtual Status forget_usage(const UsagePlan& plan, std::string_view key_id) = 0;
};

// Whether a resource policy can be evaluated as its owner means it; else invalid_argument with what is not understood,
// by name. For PutRestApi, UpdateRestApi and imports. `text` is JSON; "execute-api:/stage/GET/*" stands for the API's
// own ARN, as AWS completes it.
Status check_resource_policy(std::string_view text);
// The same for an authorizer: its URI names a function, its identity sources can be read, its expression compiles.
Status check_authorizer(const Authorizer& authorizer);

}  // namespace millrace::gateway
