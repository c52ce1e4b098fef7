#include "src/gateway/http_api/jwt/key_set.h"

#include <map>
#include <optional>

#include <boost/json.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "src/gateway/http_api/jwt/token.h"

namespace millrace::gateway::http_api {
namespace {

namespace json = boost::json;

template <auto release>
struct Release {
    template <class T>
    void operator()(T* it) const {
        release(it);
    }
};
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;
using PublicKey = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Release<ECDSA_SIG_free>>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

struct Algorithm {
    std::string_view name;
    const EVP_MD* (*digest)();
    size_t coordinate_bytes;  // of elliptic curves; 0: RSA
};
constexpr Algorithm algorithms[] = {
    {"RS256", EVP_sha256, 0},  {"RS384", EVP_sha384, 0},  {"RS512", EVP_sha512, 0},
    {"ES256", EVP_sha256, 32}, {"ES384", EVP_sha384, 48}, {"ES512", EVP_sha512, 66},
};

const Algorithm* find_algorithm(std::string_view name) {
    for (const Algorithm& one : algorithms) {
        if (one.name == name) return &one;
    }
    return nullptr;
}

struct Curve {
    std::string_view name;
    const char* group;
    size_t coordinate_bytes;
};
constexpr Curve curves[] = {{"P-256", "P-256", 32}, {"P-384", "P-384", 48}, {"P-521", "P-521", 66}};

struct Key {
    PublicKey key;
    std::string algorithm;        // "" : any of its kind
    size_t coordinate_bytes = 0;  // 0: RSA
};

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return {value->as_string().data(), value->as_string().size()};
}

PublicKey make_key(const char* kind, OSSL_PARAM_BLD* builder) {
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) <= 0 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) <= 0) {
        return nullptr;
    }
    return PublicKey(key);
}

PublicKey rsa_key(const json::object& jwk) {
    const std::optional<std::string> n = base64url_decode(text_of(jwk, "n"));
    const std::optional<std::string> e = base64url_decode(text_of(jwk, "e"));
    if (!n || !e || e->empty() || e->size() > 8 || n->size() > rsa_bits_max / 8 + 1) return nullptr;
    const Number modulus(BN_bin2bn(bytes_of(*n), static_cast<int>(n->size()), nullptr));
    const Number exponent(BN_bin2bn(bytes_of(*e), static_cast<int>(e->size()), nullptr));
    if (!modulus || !exponent || BN_num_bits(modulus.get()) < rsa_bits_min ||
        BN_num_bits(modulus.get()) > rsa_bits_max) {
        return nullptr;
    }
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) <= 0 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) <= 0) {
        return nullptr;
    }
    return make_key("RSA", builder.get());
}

PublicKey curve_key(const json::object& jwk, const Curve& curve) {
    const std::optional<std::string> x = base64url_decode(text_of(jwk, "x"));
    const std::optional<std::string> y = base64url_decode(text_of(jwk, "y"));
    if (!x || !y || x->size() != curve.coordinate_bytes || y->size() != curve.coordinate_bytes) return nullptr;
    const std::string point = "\x04" + *x + *y;  // SEC 1, uncompressed
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.group, 0) <= 0 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) <= 0) {
        return nullptr;
    }
    PublicKey key = make_key("EC", builder.get());
    const KeyContext context(key ? EVP_PKEY_CTX_new(key.get(), nullptr) : nullptr);
    return context && EVP_PKEY_public_check(context.get()) == 1 ? std::move(key) : nullptr;  // on the curve?
}

Key read_key(const json::object& jwk) {
    Key key;
    const std::string use = text_of(jwk, "use");
    if (!use.empty() && use != "sig") return key;
    key.algorithm = text_of(jwk, "alg");
    const std::string kind = text_of(jwk, "kty");
    if (kind == "RSA") key.key = rsa_key(jwk);
    if (kind == "EC") {
        for (const Curve& curve : curves) {
            if (text_of(jwk, "crv") != curve.name) continue;
            key.key = curve_key(jwk, curve);
            key.coordinate_bytes = curve.coordinate_bytes;
        }
    }
    return key;
}

// JWTs have r and s side by side, OpenSSL wants DER.
std::string der_of(std::string_view signature) {
    const size_t half = signature.size() / 2;
    const EcSignature pair(ECDSA_SIG_new());
    Number r(BN_bin2bn(bytes_of(signature), static_cast<int>(half), nullptr));
    Number s(BN_bin2bn(bytes_of(signature.substr(half)), static_cast<int>(half), nullptr));
    if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
    static_cast<void>(r.release());
    static_cast<void>(s.release());
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &der);
    if (size <= 0) return {};
    std::string text(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
    OPENSSL_free(der);
    return text;
}

Error refused(std::string_view why) {
    return {ErrorCode::permission_denied, std::string(why)};
}

class Keys final : public KeySet {
  public:
    explicit Keys(std::map<std::string, Key, std::less<>> keys) : keys_(std::move(keys)) {}
    bool has(std::string_view key_id) const override { return keys_.contains(key_id); }
    size_t size() const override { return keys_.size(); }

    Status verify(std::string_view algorithm_name, std::string_view key_id, std::string_view signed_part,
                  std::string_view signature) const override {
        const Algorithm* algorithm = find_algorithm(algorithm_name);
        if (algorithm == nullptr) return refused("the token's algorithm is not one that is accepted");
        const auto at = keys_.find(key_id);
        if (at == keys_.end()) return refused("the token's key is not one of its issuer's");
        const Key& key = at->second;
        const bool fits = key.coordinate_bytes == algorithm->coordinate_bytes &&
                          (key.algorithm.empty() || key.algorithm == algorithm->name);
        if (!fits) return refused("the token's key is for another algorithm");
        std::string der;
        if (key.coordinate_bytes != 0) {
            if (signature.size() != 2 * key.coordinate_bytes) return refused("the token's signature is wrong");
            der = der_of(signature);
            signature = der;
        }
        const DigestContext context(EVP_MD_CTX_new());
        const bool good =
            context && EVP_DigestVerifyInit(context.get(), nullptr, algorithm->digest(), nullptr, key.key.get()) == 1 &&
            EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(signed_part),
                             signed_part.size()) == 1;
        if (!good) return refused("the token's signature is wrong");
        return {};
    }

  private:
    std::map<std::string, Key, std::less<>> keys_;
};

}  // namespace

Result<std::shared_ptr<const KeySet>> KeySet::parse(std::string_view text) {
    boost::system::error_code bad;
    const json::value value = json::parse(text, bad);
    const json::value* list = bad || !value.is_object() ? nullptr : value.as_object().if_contains("keys");
    if (list == nullptr || !list->is_array()) {
        return Error{ErrorCode::invalid_argument, "this is no set of keys: {\"keys\": [...]} was expected"};
    }
    std::map<std::string, Key, std::less<>> keys;
    for (const json::value& one : list->as_array()) {
        if (!one.is_object() || keys.size() == keys_max) continue;
        const std::string key_id = text_of(one.as_object(), "kid");
        if (key_id.empty()) continue;
        Key key = read_key(one.as_object());
        if (key.key) keys.insert_or_assign(key_id, std::move(key));
    }
    return std::shared_ptr<const KeySet>(std::make_shared<Keys>(std::move(keys)));
}

}  // namespace millrace::gateway::http_api
