// Byte ranges: RFC 9110, section 14, as S3 takes them (one range; anything else is ignored).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::service::s3 {

struct ByteRange {
    uint64_t first = 0;
    uint64_t size = 0;
    bool operator==(const ByteRange&) const = default;
};

enum class RangeKind : uint8_t {
    whole,          // no range, or one that S3 ignores: not bytes, malformed, several
    part,           // some bytes
    unsatisfiable,  // 416
};

struct RangeRequest {
    RangeKind kind = RangeKind::whole;
    ByteRange range;
};

RangeRequest parse_range(std::string_view header, uint64_t object_bytes);

// x-amz-copy-source-range: exactly "bytes=first-last". Absent where it is not that.
std::optional<ByteRange> parse_copy_range(std::string_view header);

}  // namespace millrace::service::s3
