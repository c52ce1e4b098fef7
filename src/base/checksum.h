// Checksums and digests. CRC32C guards what we store; the others are what S3's clients send and expect.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace millrace {

// Each continues from `crc` (0 to begin), so a stream can be summed in pieces.
uint32_t crc32c(uint32_t crc, std::string_view bytes);     // Castagnoli, by the processor's instruction
uint32_t crc32(uint32_t crc, std::string_view bytes);      // ISO-HDLC, as zlib
uint64_t crc64nvme(uint64_t crc, std::string_view bytes);  // NVMe, as S3's default for multipart uploads

// Raw (not hex) digests of whole buffers.
std::string md5(std::string_view bytes);
std::string sha1(std::string_view bytes);
std::string sha256(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);

// A digest in pieces.
class Digest {
  public:
    enum class Kind : uint8_t { md5, sha1, sha256 };
    explicit Digest(Kind kind);
    ~Digest();
    Digest(Digest&&) noexcept;
    Digest& operator=(Digest&&) noexcept;
    void update(std::string_view bytes);
    std::string finish();  // raw; once

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Equal, in time that depends on the lengths alone.
bool constant_time_equal(std::string_view a, std::string_view b);
// `count` bytes from the operating system's generator.
std::string random_bytes(size_t count);
// A random UUID (version 4), 36 characters.
std::string random_uuid();

}  // namespace millrace
