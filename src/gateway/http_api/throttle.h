// Token buckets of stages' routes: `rate` requests a second, `burst` at once.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
#pragma once

#include <cstdint>
#include <string>

#include "src/gateway/access/token_bucket.h"
#include "src/gateway/http_api/definition.h"

namespace millrace::gateway::http_api {

class Throttle {  // any thread
  public:
    // Whether one more request may go on now. Without a limit every one may. Settings of the route itself win over the
    // stage's; where only one of rate and burst is set, the other is as large.
    bool admit(const HttpApi& api, const Stage& stage, const std::string& route_key, int64_t now_ns);

  private:
    TokenBuckets buckets_;  // "API/STAGE/ROUTE KEY"
};

}  // namespace millrace::gateway::http_api
