// What access.h's AccessRules are: a stage's access, compiled once for each generation of what it serves.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <re2/re2.h>

#include "src/function/functions.h"
#include "src/gateway/access/access.h"
#include "src/gateway/access/identity_source.h"
#include "src/gateway/access/token_bucket.h"
#include "src/policy/policy.h"

namespace millrace::gateway {

struct CompiledAuthorizer {
    bool token = true;  // else REQUEST
    function::FunctionName function;
    std::vector<IdentitySource> sources;
    std::unique_ptr<const re2::RE2> expression;  // of the whole token; null: any
    int64_t ttl_ns = 0;                          // 0: answers are not kept
    std::string cache_prefix;                    // "API/STAGE/AUTHORIZER/GENERATION/"
    std::string error;                           // why it can not be asked; "" where it can
};

// A throttle, or none.
struct Throttled {
    std::optional<BucketSize> size;
    std::shared_ptr<TokenBucket> bucket;
};

class AccessRules {
  public:
    std::shared_ptr<const Served> served;
    std::string arn_prefix;                                 // "arn:aws:execute-api:us-east-1:111111111111:abc/prod/"
    std::shared_ptr<const policy::Policy> policy;           // null: the API has none
    std::string policy_error;                               // why the one it has can not be evaluated
    std::map<std::string, CompiledAuthorizer> authorizers;  // by id
    Throttled account;
    std::unordered_map<const Method*, Throttled> methods;  // by the stage's settings
};

std::shared_ptr<const AccessRules> compile_rules(std::shared_ptr<const Served> served, const AccessOptions& options,
                                                 TokenBuckets& buckets, int64_t now_ns);

// The most specific of a stage's settings for a method: its own, its resource's, "*/*". null where there is none.
const MethodSetting* setting_of(const Stage& stage, std::string_view resource_path, std::string_view http_method,
                                const std::function<bool(const MethodSetting&)>& wanted);

}  // namespace millrace::gateway
