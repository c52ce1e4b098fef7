// An issuer's public keys (RFC 7517), and the check of signatures by them (RFC 7518): RS256, RS384, RS512, ES256, ES384
// and ES512. There is no "none", and no HS256: an HMAC's secret is nothing that an issuer publishes, and a public key
// taken for one is an old attack. A key fits only the algorithms of its kind, and only its own "alg" where it has one.
//
// AWS verifies RSA alone: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace millrace::gateway::http_api {

constexpr size_t keys_max = 100;  // of a set; the rest are not looked at
constexpr int rsa_bits_min = 2048;
constexpr int rsa_bits_max = 8192;  // over it checking one costs too much

class KeySet {  // immutable; any thread
  public:
    // invalid_argument: no {"keys": [...]}. Keys that are no signing keys of a kind above are passed over.
    static Result<std::shared_ptr<const KeySet>> parse(std::string_view json);
    virtual ~KeySet() = default;
    virtual bool has(std::string_view key_id) const = 0;
    virtual size_t size() const = 0;
    // permission_denied, with a sentence: no such key, another algorithm, or the signature is not of these bytes.
    virtual Status verify(std::string_view algorithm, std::string_view key_id, std::string_view signed_part,
                          std::string_view signature) const = 0;
};

}  // namespace millrace::gateway::http_api
