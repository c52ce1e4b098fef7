// Issuers' keys, fetched where OpenID Connect says (ISSUER/.well-known/openid-configuration names the "jwks_uri"), and
// kept: two hours as API Gateway does, longer where the issuer can not be reached. A token that names a key we do not
// know makes us look again, but an issuer is asked at most once in ten seconds, whatever tokens come.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/gateway/http_api/jwt/key_set.h"

namespace millrace::io {
class Clock;
class Executor;
}  // namespace millrace::io

namespace millrace::gateway::http_api {

constexpr int64_t keys_fresh_ms = 2 * 3600 * 1000;
constexpr int64_t keys_kept_ms = 24 * 3600 * 1000;  // where the issuer does not answer
constexpr int64_t ask_again_ms = 10'000;
constexpr size_t issuers_max = 1'000;  // kept; the one that was asked longest ago goes
constexpr size_t waiting_max = 10'000;

class Issuers {  // any thread
  public:
    // The body of what a GET of the URL answers with 200. Blocks; called by the executor.
    using Fetch = std::function<Result<std::string>(const std::string& url)>;
    static std::unique_ptr<Issuers> make(Fetch fetch, io::Executor& executor, const io::Clock& clock);
    // Before the executor goes; what still waits is answered by then.
    virtual ~Issuers() = default;

    // The issuer's keys; where `key_id` is not among them, they have been looked for again. Called at once where they
    // are known, else by the executor. unavailable: they can not be had, in AWS's words that tell
    // nothing of the network; the reason goes to stderr, at most once in ten seconds an issuer.
    using Done = std::function<void(Result<std::shared_ptr<const KeySet>>)>;
    virtual void keys(const std::string& issuer, std::string_view key_id, Done done) = 0;
};

}  // namespace millrace::gateway::http_api
