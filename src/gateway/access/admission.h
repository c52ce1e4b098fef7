// Throttles, before anybody is asked who calls; API key and quota, once that is known.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "src/gateway/access/access.h"
#include "src/gateway/access/rules.h"
#include "src/gateway/access/token_bucket.h"
#include "src/gateway/access/usage_counts.h"

namespace millrace::gateway {

// What a request has taken of the throttles, and whose key it named itself.
struct Pass {
    std::shared_ptr<const ApiKey> key;
    std::shared_ptr<const UsagePlan> plan;  // of the key, for this stage
    std::array<Throttled, 3> taken;
    size_t taken_count = 0;

    // False: the bucket is empty, and all that was taken is given back.
    bool take(const Throttled& throttled, int64_t now_ns);
    void give_back();
};

class Admission {
  public:
    // They outlive it.
    Admission(RestApis& apis, TokenBuckets& buckets, UsageCounts& counts, const io::Clock& clock)
        : apis_(apis), buckets_(buckets), counts_(counts), clock_(clock) {}

    // The throttles of the plan (where the request names its key itself), the method and the account. What is taken
    // stays taken where the request is refused for who sent it: strangers would ask authorizers without a bound.
    // Nothing is taken for a request that a throttle refuses.
    std::optional<AccessRefusal> throttle(const AccessRequest& request, Pass* pass);
    // The key, the plan's throttle where an authorizer named the key, the quota. `authorizer_key`: usageIdentifierKey.
    // Fills in the key's part of `identity`. A quota that is used up gives back what throttles gave.
    std::optional<AccessRefusal> admit(const AccessRequest& request, const std::string& authorizer_key, Pass* pass,
                                       Identity* identity);

  private:
    void find_key(const AccessRequest& request, std::string_view value, Pass* pass) const;
    Throttled throttle_of_plan(const AccessRequest& request, const Pass& pass, int64_t now_ns);

    RestApis& apis_;
    TokenBuckets& buckets_;
    UsageCounts& counts_;
    const io::Clock& clock_;
};

}  // namespace millrace::gateway
