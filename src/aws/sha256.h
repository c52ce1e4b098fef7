// SHA-256 and HMAC without allocation per call: the algorithm is fetched once, contexts are kept a thread.
#pragma once

#include <array>
#include <memory>
#include <string_view>

namespace millrace::aws {

using Sha256Digest = std::array<unsigned char, 32>;
using Sha256Hex = std::array<char, 64>;

Sha256Digest sha256_of(std::string_view bytes);
Sha256Hex hex_of(const Sha256Digest& digest);
inline std::string_view view_of(const Sha256Hex& hex) {
    return {hex.data(), hex.size()};
}
inline std::string_view view_of(const Sha256Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// One message in pieces.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    void update(std::string_view bytes);
    Sha256Digest finish();  // and begins anew

  private:
    void* context_;
};

// A key with its two inner states worked out, so that a tag costs two short hashes. One thread at a time.
class HmacSha256 {
  public:
    explicit HmacSha256(std::string_view key);
    ~HmacSha256();
    HmacSha256(HmacSha256&&) noexcept;
    HmacSha256& operator=(HmacSha256&&) noexcept;
    Sha256Digest tag(std::string_view message) const;

  private:
    void* inner_;
    void* outer_;
};

}  // namespace millrace::aws
