#include "src/policy/wildcard.h"

#include <cstddef>

namespace millrace::policy {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

// Where it fails, the last '*' takes one more character: an earlier one never has to, for what stood between them has
// been found at its earliest place.
bool matches(std::string_view pattern, std::string_view text, bool ignore_case) {
    size_t p = 0, t = 0;
    size_t star = std::string_view::npos, taken = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            taken = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t] ||
                                          (ignore_case && lower(pattern[p]) == lower(text[t])))) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++taken;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

bool arn_matches(std::string_view pattern, std::string_view arn) {
    for (int part = 0; part < 5; ++part) {
        const size_t in_pattern = pattern.find(':'), in_arn = arn.find(':');
        if (in_pattern == std::string_view::npos || in_arn == std::string_view::npos) return false;
        if (!matches(pattern.substr(0, in_pattern), arn.substr(0, in_arn))) return false;
        pattern.remove_prefix(in_pattern + 1);
        arn.remove_prefix(in_arn + 1);
    }
    return matches(pattern, arn);
}

}  // namespace millrace::policy
