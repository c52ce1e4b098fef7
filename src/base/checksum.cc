#include "src/base/checksum.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace millrace {
namespace {

const EVP_MD* algorithm(Digest::Kind kind) {
    switch (kind) {
        case Digest::Kind::md5:
            return EVP_md5();
        case Digest::Kind::sha1:
            return EVP_sha1();
        case Digest::Kind::sha256:
            return EVP_sha256();
    }
    return nullptr;
}

std::string digest(Digest::Kind kind, std::string_view bytes) {
    Digest whole(kind);
    whole.update(bytes);
    return whole.finish();
}

}  // namespace

struct Digest::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~State() { EVP_MD_CTX_free(context); }
};

Digest::Digest(Kind kind) : state_(std::make_unique<State>()) {
    MILLRACE_CHECK(EVP_DigestInit_ex(state_->context, algorithm(kind), nullptr) == 1);
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(std::string_view bytes) {
    MILLRACE_CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

std::string Digest::finish() {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    MILLRACE_CHECK(EVP_DigestFinal_ex(state_->context, out, &size) == 1);
    return std::string(reinterpret_cast<char*>(out), size);
}

std::string md5(std::string_view bytes) {
    return digest(Digest::Kind::md5, bytes);
}
std::string sha1(std::string_view bytes) {
    return digest(Digest::Kind::sha1, bytes);
}
std::string sha256(std::string_view bytes) {
    return digest(Digest::Kind::sha256, bytes);
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(bytes.data()),
         bytes.size(), out, &size);
    return std::string(reinterpret_cast<char*>(out), size);
}

bool constant_time_equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(size_t count) {
    std::string out(count, '\0');
    MILLRACE_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) == 1);
    return out;
}

std::string random_uuid() {
    std::string raw = random_bytes(16);
    raw[6] = static_cast<char>((raw[6] & 0x0f) | 0x40);
    raw[8] = static_cast<char>((raw[8] & 0x3f) | 0x80);
    std::string text = hex_encode(raw);
    for (size_t at : {20, 16, 12, 8}) text.insert(at, 1, '-');
    return text;
}

}  // namespace millrace
