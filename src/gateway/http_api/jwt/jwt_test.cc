// Tokens that are forged in each known way, against an issuer's keys. Keys are made here, so nothing secret lies in the
// tree.
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "src/base/base64.h"
#include "src/base/checksum.h"
#include "src/gateway/http_api/jwt/issuers.h"
#include "src/gateway/http_api/jwt/key_set.h"
#include "src/gateway/http_api/jwt/token.h"
#include "src/io/clock.h"
#include "src/io/executor.h"

namespace millrace::gateway::http_api {
namespace {

using Pkey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::string base64url(std::string_view bytes) {
    std::string text = base64_encode(bytes);
    while (text.ends_with('=')) text.pop_back();
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

std::string number_of(EVP_PKEY* key, const char* name, size_t bytes = 0) {
    BIGNUM* number = nullptr;
    EXPECT_EQ(EVP_PKEY_get_bn_param(key, name, &number), 1);
    std::string text(bytes == 0 ? static_cast<size_t>(BN_num_bytes(number)) : bytes, '\0');
    BN_bn2binpad(number, reinterpret_cast<unsigned char*>(text.data()), static_cast<int>(text.size()));
    BN_free(number);
    return text;
}

Pkey rsa(size_t bits = 2048) {
    return {EVP_RSA_gen(bits), EVP_PKEY_free};
}
Pkey curve(const char* name) {
    return {EVP_EC_gen(name), EVP_PKEY_free};
}

std::string rsa_jwk(EVP_PKEY* key, const std::string& kid, const std::string& extra = "") {
    return R"({"kty":"RSA","kid":")" + kid + R"(","n":")" + base64url(number_of(key, OSSL_PKEY_PARAM_RSA_N)) +
           R"(","e":")" + base64url(number_of(key, OSSL_PKEY_PARAM_RSA_E)) + "\"" + extra + "}";
}
std::string ec_jwk(EVP_PKEY* key, const std::string& kid, const std::string& crv, size_t bytes) {
    return R"({"kty":"EC","crv":")" + crv + R"(","kid":")" + kid + R"(","x":")" +
           base64url(number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, bytes)) + R"(","y":")" +
           base64url(number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, bytes)) + "\"}";
}

std::string sign(EVP_PKEY* key, const EVP_MD* digest, const std::string& text, size_t ec_bytes = 0) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    size_t size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    EXPECT_EQ(EVP_DigestSignInit(context, nullptr, digest, nullptr, key), 1);
    EXPECT_EQ(EVP_DigestSign(context, nullptr, &size, bytes, text.size()), 1);
    std::string signature(size, '\0');
    EXPECT_EQ(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size()),
              1);
    signature.resize(size);
    EVP_MD_CTX_free(context);
    if (ec_bytes == 0) return signature;
    const auto* at = reinterpret_cast<const unsigned char*>(signature.data());
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size()));
    std::string raw(2 * ec_bytes, '\0');
    auto* out = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, static_cast<int>(ec_bytes));
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + ec_bytes, static_cast<int>(ec_bytes));
    ECDSA_SIG_free(pair);
    return raw;
}

std::string head(const std::string& alg, const std::string& kid) {
    return base64url(R"({"alg":")" + alg + R"(","kid":")" + kid + "\"}");
}

std::shared_ptr<const KeySet> set_of(const std::string& jwks) {
    return KeySet::parse("{\"keys\":[" + jwks + "]}").value();
}

Status verify(const KeySet& keys, const std::string& text) {
    const Result<Token> token = parse_token(text);
    if (!token.ok()) return token.error();
    return keys.verify(token->algorithm, token->key_id, token->signed_part, token->signature);
}

const std::string payload = base64url(R"({"iss":"https://issuer","aud":["shop"],"exp":2000,"scope":"read write"})");

TEST(Jwt, SignaturesOfEveryAcceptedAlgorithmAreVerified) {
    const Pkey one = rsa();
    for (const auto& [alg, digest] :
         {std::pair{"RS256", EVP_sha256()}, {"RS384", EVP_sha384()}, {"RS512", EVP_sha512()}}) {
        const auto keys = set_of(rsa_jwk(one.get(), "k"));
        const std::string text = head(alg, "k") + "." + payload;
        EXPECT_TRUE(verify(*keys, text + "." + base64url(sign(one.get(), digest, text))).ok()) << alg;
    }
    struct Ec {
        const char *alg, *crv;
        const EVP_MD* digest;
        size_t bytes;
    };
    for (const Ec& ec : {Ec{"ES256", "P-256", EVP_sha256(), 32}, Ec{"ES384", "P-384", EVP_sha384(), 48},
                         Ec{"ES512", "P-521", EVP_sha512(), 66}}) {
        const Pkey key = curve(ec.crv);
        const auto keys = set_of(ec_jwk(key.get(), "k", ec.crv, ec.bytes));
        const std::string text = head(ec.alg, "k") + "." + payload;
        const std::string signature = sign(key.get(), ec.digest, text, ec.bytes);
        EXPECT_TRUE(verify(*keys, text + "." + base64url(signature)).ok()) << ec.alg;
        EXPECT_FALSE(verify(*keys, text + "." + base64url(std::string(signature.size(), '\0'))).ok()) << ec.alg;
        EXPECT_FALSE(verify(*keys, text + "." + base64url(signature.substr(1))).ok()) << ec.alg;
    }
}

TEST(Jwt, ForgedTokensAreRefused) {
    const Pkey one = rsa();
    const Pkey other = rsa();
    const auto keys = set_of(rsa_jwk(one.get(), "k"));
    const std::string text = head("RS256", "k") + "." + payload;
    const std::string good = text + "." + base64url(sign(one.get(), EVP_sha256(), text));
    ASSERT_TRUE(verify(*keys, good).ok());

    EXPECT_FALSE(verify(*keys, text + "." + base64url(sign(other.get(), EVP_sha256(), text))).ok());  // somebody else's
    EXPECT_FALSE(verify(*keys, text + ".").ok());                                                     // none
    const std::string changed = head("RS256", "k") + "." + base64url(R"({"iss":"https://issuer","exp":9000})");
    EXPECT_FALSE(verify(*keys, changed + good.substr(good.rfind('.'))).ok());
    const std::string unknown = head("RS256", "l") + "." + payload;
    EXPECT_FALSE(verify(*keys, unknown + "." + base64url(sign(one.get(), EVP_sha256(), unknown))).ok());
    for (const char* alg : {"none", "None", "NONE", "", "HS256", "PS256", "rs256", "ES256"}) {
        const std::string forged = head(alg, "k") + "." + payload;
        EXPECT_FALSE(verify(*keys, forged + ".").ok()) << alg;
        EXPECT_FALSE(verify(*keys, forged + "." + base64url(sign(one.get(), EVP_sha256(), forged))).ok()) << alg;
    }
}

// HS256 with the public key, which everybody knows, as the secret.
TEST(Jwt, APublicKeyIsNoSecret) {
    const Pkey key = rsa();
    BIO* memory = BIO_new(BIO_s_mem());
    ASSERT_EQ(PEM_write_bio_PUBKEY(memory, key.get()), 1);
    char* pem = nullptr;
    const long size = BIO_get_mem_data(memory, &pem);
    const std::string text = head("HS256", "k") + "." + payload;
    const std::string forged =
        text + "." + base64url(hmac_sha256(std::string_view(pem, static_cast<size_t>(size)), text));
    BIO_free(memory);
    EXPECT_FALSE(verify(*set_of(rsa_jwk(key.get(), "k")), forged).ok());
    // Nor does a set of secrets help.
    const std::string secret = R"({"kty":"oct","kid":"k","k":")" + base64url("secret") + "\"}";
    EXPECT_FALSE(verify(*set_of(secret), text + "." + base64url(hmac_sha256("secret", text))).ok());
}

TEST(Jwt, AKeyServesItsOwnAlgorithmAndUseAlone) {
    const Pkey key = rsa();
    const std::string text = head("RS256", "k") + "." + payload;
    const std::string good = text + "." + base64url(sign(key.get(), EVP_sha256(), text));
    EXPECT_TRUE(verify(*set_of(rsa_jwk(key.get(), "k", R"(,"alg":"RS256","use":"sig")")), good).ok());
    EXPECT_FALSE(verify(*set_of(rsa_jwk(key.get(), "k", R"(,"alg":"RS512")")), good).ok());
    EXPECT_FALSE(verify(*set_of(rsa_jwk(key.get(), "k", R"(,"use":"enc")")), good).ok());
    const Pkey small = rsa(1024);
    EXPECT_EQ(set_of(rsa_jwk(small.get(), "k"))->size(), 0u);
    // A point that is not on its curve.
    EXPECT_EQ(set_of(R"({"kty":"EC","crv":"P-256","kid":"k","x":")" + base64url(std::string(32, '\1')) + R"(","y":")" +
                     base64url(std::string(32, '\2')) + "\"}")
                  ->size(),
              0u);
    EXPECT_FALSE(KeySet::parse("[]").ok());
    EXPECT_FALSE(KeySet::parse("{\"keys\":").ok());
}

Token token_of(const std::string& claims) {
    return parse_token(head("RS256", "k") + "." + base64url(claims) + ".AAAA").value();
}

TEST(Jwt, ClaimsAreChecked) {
    const TimestampMs now(1'000'000);
    const auto said = [&](const std::string& claims) {
        const Status status = check_claims(token_of(claims), "https://issuer", {"shop", "other"}, now);
        return status.ok() ? std::string("good") : status.error().message;
    };
    EXPECT_EQ(said(R"({"iss":"https://issuer","aud":"shop","exp":1100})"), "good");
    EXPECT_EQ(said(R"({"iss":"https://issuer","aud":["x","other"],"exp":1100,"nbf":900,"iat":900})"), "good");
    EXPECT_EQ(said(R"({"iss":"https://issuer","client_id":"shop","exp":1100})"), "good");
    EXPECT_EQ(said(R"({"iss":"https://issuer","aud":"x","client_id":"shop","exp":1100})"),
              "the token does not have a valid audience");
    EXPECT_EQ(said(R"({"iss":"https://issuer/","aud":"shop","exp":1100})"), "the token was issued by another issuer");
    EXPECT_EQ(said(R"({"aud":"shop","exp":1100})"), "the token was issued by another issuer");
    EXPECT_EQ(said(R"({"iss":"https://issuer","aud":"shop","exp":975})"), "good");  // within the leeway
    EXPECT_EQ(said(R"({"iss":"https://issuer","aud":"shop","exp":970})"), "the token has expired");
    EXPECT_EQ(said(R"({"iss":"https://issuer","aud":"shop"})"), "the token does not say when it expires");
    EXPECT_EQ(said(R"({"iss":"https://issuer","aud":"shop","exp":1100,"nbf":1031})"), "the token is not valid yet");
    EXPECT_EQ(said(R"({"iss":"https://issuer","aud":"shop","exp":1100,"iat":1031})"),
              "the token was issued in the future");
}

TEST(Jwt, WhatIsNoTokenIsRefused) {
    for (const std::string& text : {std::string(), std::string("a.b"), std::string("a.b.c.d"), std::string(".."),
                                    head("RS256", "k") + "." + payload + ".=", head("RS256", "k") + ".e30=.AA",
                                    base64url("[]") + "." + payload + ".AA", base64url("{") + "." + payload + ".AA",
                                    base64url(R"({"alg":"RS256","crit":["x"]})") + "." + payload + ".AA",
                                    head("RS256", "k") + "." + base64url(R"({"exp":"1100"})") + ".AA",
                                    head("RS256", "k") + "." + std::string(token_bytes_max, 'A') + ".AA"}) {
        EXPECT_FALSE(parse_token(text).ok()) << text;
    }
    EXPECT_EQ(without_bearer("bEaReR  x"), "x");
    EXPECT_EQ(without_bearer("Basic x"), "Basic x");
    const Token token = token_of(R"({"n":1,"b":true,"l":["a","b"],"scp":["r","w"]})");
    EXPECT_EQ(token.claims.at("l"), "[a b]");
    EXPECT_EQ(token.claims.at("n"), "1");
    EXPECT_EQ(token.scopes, (std::vector<std::string>{"r", "w"}));
}

// An issuer whose answers the test writes.
class Issuer : public ::testing::Test {
  protected:
    Result<std::string> answer(const std::string& url) {
        ++fetches;
        if (down) return Error{ErrorCode::unavailable, "down"};
        if (url == "https://issuer/.well-known/openid-configuration") {
            return std::string(R"({"issuer":"https://issuer","jwks_uri":"https://issuer/keys"})");
        }
        return "{\"keys\":[" + jwks + "]}";
    }
    // Tasks run when they are submitted.
    struct Here : io::Executor {
        bool submit(std::function<void()> task) override {
            task();
            return true;
        }
        void stop() override {}
    };
    bool ask(const std::string& kid) {
        bool has = false;
        issuers->keys("https://issuer", kid, [&](auto keys) { has = keys.ok() && (*keys)->has(kid); });
        return has;
    }
    int fetches = 0;
    bool down = false;
    std::string jwks;
    Here here;
    io::ManualClock clock;
    std::unique_ptr<Issuers> issuers =
        Issuers::make([this](const std::string& url) { return answer(url); }, here, clock);
};

TEST_F(Issuer, KeysAreKeptAndLookedForAgainWhenUnknownButNotOften) {
    const Pkey key = rsa();
    jwks = rsa_jwk(key.get(), "a");
    EXPECT_TRUE(ask("a"));
    EXPECT_EQ(fetches, 2);
    EXPECT_TRUE(ask("a"));
    EXPECT_FALSE(ask("b"));  // asked a moment ago
    EXPECT_EQ(fetches, 2);
    jwks += "," + rsa_jwk(key.get(), "b");
    clock.advance_ms(ask_again_ms);
    EXPECT_TRUE(ask("b"));
    EXPECT_EQ(fetches, 4);
    for (int i = 0; i < 1000; ++i) EXPECT_FALSE(ask("forged" + std::to_string(i)));
    EXPECT_EQ(fetches, 4);
}

TEST_F(Issuer, KeysOutliveAnIssuerThatIsDownForAWhile) {
    const Pkey key = rsa();
    jwks = rsa_jwk(key.get(), "a");
    EXPECT_TRUE(ask("a"));
    down = true;
    clock.advance_ms(keys_fresh_ms);
    EXPECT_TRUE(ask("a"));
    EXPECT_EQ(fetches, 3);
    clock.advance_ms(keys_kept_ms);
    EXPECT_FALSE(ask("a"));
    down = false;
    clock.advance_ms(ask_again_ms);
    EXPECT_TRUE(ask("a"));
    jwks = "";  // withdrawn
    clock.advance_ms(keys_fresh_ms);
    EXPECT_FALSE(ask("a"));
}

}  // namespace
}  // namespace millrace::gateway::http_api
