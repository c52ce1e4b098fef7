#include "src/flow/pattern/text_match.h"

#include <charconv>
#include <cstring>

#include <arpa/inet.h>

namespace millrace::flow::pattern {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// The family, or 0 where `text` is no address.
int address_of(std::string_view text, std::array<uint8_t, 16>* out) {
    char terminated[INET6_ADDRSTRLEN + 1];
    if (text.empty() || text.size() >= sizeof terminated || text.find('\0') != std::string_view::npos) return 0;
    terminated[text.copy(terminated, text.size())] = '\0';
    if (inet_pton(AF_INET, terminated, out->data()) == 1) return AF_INET;
    if (inet_pton(AF_INET6, terminated, out->data()) == 1) return AF_INET6;
    return 0;
}

}  // namespace

bool equals_ignore_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

Result<Wildcard> Wildcard::parse(std::string_view text) {
    Wildcard out;
    out.pieces_.emplace_back();
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '*') {
            if (i > 0 && out.pieces_.size() > 1 && out.pieces_.back().empty())
                return Error{ErrorCode::invalid_argument,
                             "Consecutive wildcard characters at pos " + std::to_string(i)};
            out.pieces_.emplace_back();
        } else if (text[i] == '\\') {
            if (i + 1 == text.size() || (text[i + 1] != '*' && text[i + 1] != '\\'))
                return Error{ErrorCode::invalid_argument, "Invalid escape character at pos " + std::to_string(i)};
            out.pieces_.back() += text[++i];
        } else {
            out.pieces_.back() += text[i];
        }
    }
    return out;
}

bool Wildcard::matches(std::string_view text) const {
    if (pieces_.size() == 1) return text == pieces_[0];
    if (!text.starts_with(pieces_.front())) return false;
    text.remove_prefix(pieces_.front().size());
    // The leftmost place of each piece leaves most for the rest.
    for (size_t i = 1; i + 1 < pieces_.size(); ++i) {
        const size_t at = text.find(pieces_[i]);
        if (at == std::string_view::npos) return false;
        text.remove_prefix(at + pieces_[i].size());
    }
    return text.ends_with(pieces_.back());
}

Result<AddressBlock> AddressBlock::parse(std::string_view text) {
    const Error wrong{ErrorCode::invalid_argument, "Malformed CIDR, one '/' required"};
    const size_t slash = text.find('/');
    if (slash == std::string_view::npos) return wrong;
    AddressBlock out;
    const std::string_view bits = text.substr(slash + 1);
    const auto parsed = std::from_chars(bits.data(), bits.data() + bits.size(), out.bits_);
    if (parsed.ec != std::errc() || parsed.ptr != bits.data() + bits.size() || out.bits_ < 0)
        return Error{ErrorCode::invalid_argument, "Malformed CIDR, mask bits must be an integer"};
    out.family_ = address_of(text.substr(0, slash), &out.bytes_);
    if (out.family_ == 0)
        return Error{ErrorCode::invalid_argument, "Nonstandard IP address: " + std::string(text.substr(0, slash))};
    const int most = out.family_ == AF_INET ? 32 : 128;
    if (out.bits_ > most)
        return Error{ErrorCode::invalid_argument, "Malformed CIDR, mask bits must not be > " + std::to_string(most)};
    return out;
}

bool AddressBlock::contains(std::string_view address) const {
    std::array<uint8_t, 16> bytes{};
    if (address_of(address, &bytes) != family_) return false;
    const int whole = bits_ / 8, rest = bits_ % 8;
    if (std::memcmp(bytes.data(), bytes_.data(), static_cast<size_t>(whole)) != 0) return false;
    if (rest == 0) return true;
    const auto mask = static_cast<uint8_t>(0xff << (8 - rest));
    const auto at = static_cast<size_t>(whole);
    return (bytes[at] & mask) == (bytes_[at] & mask);
}

}  // namespace millrace::flow::pattern
