// The checksums that S3's clients send and expect: names, running sums, and sums of multipart objects.
//
// A multipart object's checksum is COMPOSITE (the same algorithm over the parts' raw checksums, then "-N") or
// FULL_OBJECT (what summing the whole would give: only CRCs can be combined from parts). Which algorithm may be which:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/checksum.h"
#include "src/base/result.h"
#include "src/object/store.h"

namespace millrace::object {

inline constexpr std::string_view checksum_algorithm_default = "CRC64NVME";

bool is_checksum_algorithm(std::string_view name);  // exactly as S3 spells them
// Raw bytes of its value: 4, 8, 20 or 32; 0 for an unknown name.
size_t checksum_bytes(std::string_view algorithm);
// May a multipart upload have this algorithm with this type (COMPOSITE or FULL_OBJECT)?
bool multipart_checksum_allowed(std::string_view algorithm, std::string_view type);
// The type when the client names the algorithm alone: COMPOSITE, but FULL_OBJECT for CRC64NVME.
std::string_view multipart_checksum_type_default(std::string_view algorithm);

// One running sum.
class RunningChecksum {
  public:
    explicit RunningChecksum(std::string_view algorithm);  // a known one
    void update(std::string_view bytes);
    Checksum value();  // of all so far; ends it for SHA1 and SHA256
    const std::string& algorithm() const { return algorithm_; }

  private:
    std::string algorithm_;
    uint64_t crc_ = 0;
    std::optional<Digest> digest_;
    std::optional<Checksum> finished_;
};

// The whole of bytes that are here already.
Checksum checksum_of(std::string_view algorithm, std::string_view bytes);

struct PartSum {
    std::string value;  // base64
    uint64_t size = 0;
};
// The multipart object's checksum. corruption where a part's is not base64 of the algorithm's size.
Result<Checksum> combined_checksum(std::string_view algorithm, std::string_view type,
                                   const std::vector<PartSum>& parts);

// crc(a + b) from crc(a), crc(b) and the size of b. Reflected CRCs with all-ones in and out; `polynomial` reflected.
uint32_t combine_crc32(uint32_t polynomial, uint32_t first, uint32_t second, uint64_t second_bytes);
uint64_t combine_crc64(uint64_t polynomial, uint64_t first, uint64_t second, uint64_t second_bytes);

}  // namespace millrace::object
