#include "src/aws/sha256.h"

#include <utility>

#include <openssl/evp.h>

#include "src/base/result.h"

namespace millrace::aws {
namespace {

// Fetching goes through OpenSSL's provider tables and locks; EVP_sha256() would do so at every init.
const EVP_MD* algorithm() {
    static const EVP_MD* fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return fetched;
}

EVP_MD_CTX* as_context(void* context) {
    return static_cast<EVP_MD_CTX*>(context);
}

EVP_MD_CTX* make_context() {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    MILLRACE_CHECK(context != nullptr && EVP_DigestInit_ex2(context, algorithm(), nullptr) == 1);
    return context;
}

void feed(EVP_MD_CTX* context, std::string_view bytes) {
    MILLRACE_CHECK(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
}

Sha256Digest take(EVP_MD_CTX* context) {
    Sha256Digest digest;
    unsigned size = 0;
    MILLRACE_CHECK(EVP_DigestFinal_ex(context, digest.data(), &size) == 1 && size == digest.size());
    return digest;
}

struct ThreadContext {
    EVP_MD_CTX* context = make_context();
    ~ThreadContext() { EVP_MD_CTX_free(context); }
};
EVP_MD_CTX* thread_context() {
    thread_local ThreadContext own;
    return own.context;
}

}  // namespace

Sha256Digest sha256_of(std::string_view bytes) {
    EVP_MD_CTX* context = thread_context();
    MILLRACE_CHECK(EVP_DigestInit_ex2(context, algorithm(), nullptr) == 1);
    feed(context, bytes);
    return take(context);
}

Sha256Hex hex_of(const Sha256Digest& digest) {
    static constexpr char digits[] = "0123456789abcdef";
    Sha256Hex hex;
    for (size_t i = 0; i < digest.size(); ++i) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    return hex;
}

Sha256::Sha256() : context_(make_context()) {}
Sha256::~Sha256() {
    EVP_MD_CTX_free(as_context(context_));
}
Sha256::Sha256(Sha256&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}
Sha256& Sha256::operator=(Sha256&& other) noexcept {
    std::swap(context_, other.context_);
    return *this;
}
void Sha256::update(std::string_view bytes) {
    feed(as_context(context_), bytes);
}
Sha256Digest Sha256::finish() {
    const Sha256Digest digest = take(as_context(context_));
    MILLRACE_CHECK(EVP_DigestInit_ex2(as_context(context_), algorithm(), nullptr) == 1);
    return digest;
}

HmacSha256::HmacSha256(std::string_view key) : inner_(make_context()), outer_(make_context()) {
    constexpr size_t block = 64;
    std::array<char, block> padded{};
    const Sha256Digest hashed = key.size() > block ? sha256_of(key) : Sha256Digest{};
    if (key.size() > block) key = view_of(hashed);
    for (size_t i = 0; i < key.size(); ++i) padded[i] = key[i];
    for (char& c : padded) c = static_cast<char>(c ^ 0x36);
    feed(as_context(inner_), {padded.data(), block});
    for (char& c : padded) c = static_cast<char>(c ^ 0x36 ^ 0x5c);
    feed(as_context(outer_), {padded.data(), block});
}
HmacSha256::~HmacSha256() {
    EVP_MD_CTX_free(as_context(inner_));
    EVP_MD_CTX_free(as_context(outer_));
}
HmacSha256::HmacSha256(HmacSha256&& other) noexcept
    : inner_(std::exchange(other.inner_, nullptr)), outer_(std::exchange(other.outer_, nullptr)) {}
HmacSha256& HmacSha256::operator=(HmacSha256&& other) noexcept {
    std::swap(inner_, other.inner_);
    std::swap(outer_, other.outer_);
    return *this;
}

Sha256Digest HmacSha256::tag(std::string_view message) const {
    EVP_MD_CTX* context = thread_context();
    MILLRACE_CHECK(EVP_MD_CTX_copy_ex(context, as_context(inner_)) == 1);
    feed(context, message);
    const Sha256Digest inner = take(context);
    MILLRACE_CHECK(EVP_MD_CTX_copy_ex(context, as_context(outer_)) == 1);
    feed(context, view_of(inner));
    return take(context);
}

}  // namespace millrace::aws
