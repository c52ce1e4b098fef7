// The last part of the way: API key and usage plan, throttles, quota. Nothing is taken from any bucket or quota for a
// request that is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/gateway/access/access.h"
#include "src/gateway/access/rules.h"
#include "src/gateway/access/token_bucket.h"
#include "src/gateway/access/usage_counts.h"

namespace millrace::gateway {

class Admission {
  public:
    // They outlive it.
    Admission(RestApis& apis, TokenBuckets& buckets, UsageCounts& counts, const io::Clock& clock)
        : apis_(apis), buckets_(buckets), counts_(counts), clock_(clock) {}

    // `authorizer_key`: usageIdentifierKey, where one was given. Fills in the key's part of `identity`.
    std::optional<AccessRefusal> admit(const AccessRequest& request, const std::string& authorizer_key,
                                       Identity* identity);

  private:
    RestApis& apis_;
    TokenBuckets& buckets_;
    UsageCounts& counts_;
    const io::Clock& clock_;
};

}  // namespace millrace::gateway
