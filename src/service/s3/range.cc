#include "src/service/s3/range.h"

#include <algorithm>
#include <charconv>

namespace millrace::service::s3 {
namespace {

std::optional<uint64_t> number(std::string_view text) {
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range && end == text.data() + text.size()) return UINT64_MAX;
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

RangeRequest parse_range(std::string_view header, uint64_t object_bytes) {
    constexpr std::string_view unit = "bytes=";
    const RangeRequest whole;
    if (!header.starts_with(unit)) return whole;
    const std::string_view spec = header.substr(unit.size());
    const size_t dash = spec.find('-');
    if (dash == std::string_view::npos) return whole;
    if (dash == 0) {  // the last so many
        const std::optional<uint64_t> last = number(spec.substr(1));
        if (!last) return whole;
        if (*last == 0 || object_bytes == 0) return {RangeKind::unsatisfiable, {}};
        const uint64_t size = std::min(*last, object_bytes);
        return {RangeKind::part, {object_bytes - size, size}};
    }
    const std::optional<uint64_t> first = number(spec.substr(0, dash));
    std::optional<uint64_t> last = UINT64_MAX;
    if (dash + 1 < spec.size()) last = number(spec.substr(dash + 1));
    if (!first || !last || *last < *first) return whole;
    if (*first >= object_bytes) return {RangeKind::unsatisfiable, {}};
    return {RangeKind::part, {*first, std::min(*last, object_bytes - 1) - *first + 1}};
}

std::optional<ByteRange> parse_copy_range(std::string_view header) {
    constexpr std::string_view unit = "bytes=";
    if (!header.starts_with(unit)) return std::nullopt;
    const std::string_view spec = header.substr(unit.size());
    const size_t dash = spec.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const std::optional<uint64_t> first = number(spec.substr(0, dash));
    const std::optional<uint64_t> last = number(spec.substr(dash + 1));
    if (!first || !last || *last < *first || *last == UINT64_MAX) return std::nullopt;
    return ByteRange{*first, *last - *first + 1};
}

}  // namespace millrace::service::s3
