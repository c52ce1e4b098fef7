// Which bytes HTTP lets stand where (RFC 9110, section 5.6.2, and RFC 9112).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace millrace::http {

inline constexpr std::array<char, 256> token_lower = [] {
    std::array<char, 256> table{};  // 0: not a token character; else the character in lower case
    for (int c = '0'; c <= '9'; ++c) table[static_cast<size_t>(c)] = static_cast<char>(c);
    for (int c = 'a'; c <= 'z'; ++c) table[static_cast<size_t>(c)] = static_cast<char>(c);
    for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<size_t>(c)] = static_cast<char>(c - 'A' + 'a');
    for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = c;
    return table;
}();

inline char to_token_lower(char c) {
    return token_lower[static_cast<unsigned char>(c)];
}

// Visible characters, space, tab, and bytes above ASCII; no control character.
inline bool is_field_value(char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 ? byte != 0x7f : byte == '\t';
}

// Of all of them, without an early end, so that the compiler looks at many bytes in one instruction.
inline bool are_field_value(std::string_view text) {
    bool all = true;
    for (char c : text) all &= is_field_value(c);
    return all;
}

// reg-name, IPv4, [IPv6], with a port: what can not stand there is refused; what names us is the router's matter.
inline bool is_host(std::string_view host) {
    for (char c : host) {
        bool fine = to_token_lower(c) != 0 || c == ':' || c == '[' || c == ']';
        if (!fine) return false;
    }
    return true;
}

inline int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

inline std::string_view trim_blanks(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// `lower` is in lower case.
inline bool equals_lower(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        if (to_token_lower(text[i]) != lower[i]) return false;
    }
    return true;
}

}  // namespace millrace::http
