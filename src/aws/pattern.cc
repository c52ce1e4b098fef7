#include "src/aws/pattern.h"

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include <boost/regex.hpp>

namespace millrace::aws {
namespace {

// Compiled patterns by the address of their text in the generated tables. Null: one that does not compile.
const boost::regex* compiled(std::string_view pattern) {
    static std::mutex mutex;
    static std::unordered_map<const char*, std::unique_ptr<boost::regex>> cache;
    const std::lock_guard lock(mutex);
    auto [at, added] = cache.try_emplace(pattern.data());
    if (added) {
        boost::regex::flag_type flags = boost::regex::perl | boost::regex::no_except;
        auto regex = std::make_unique<boost::regex>(pattern.begin(), pattern.end(), flags);
        if (regex->status() == 0) at->second = std::move(regex);
    }
    return at->second.get();
}

// What the two "text" patterns of the models leave out: control characters, but for the tab (and line ends).
bool is_text(std::string_view text, bool lines) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 || c == '\t') continue;
        if (!lines || (c != '\n' && c != '\r')) return false;
    }
    return true;
}

bool matches_regex(const Shape& shape, std::string_view text) {
    const boost::regex* regex = compiled(shape.pattern_over_bytes);
    if (regex == nullptr) return true;
    try {
        return boost::regex_match(text.begin(), text.end(), *regex);
    } catch (const std::runtime_error&) {
        return false;  // the matcher's bound on complexity: no honest value comes near it
    }
}

}  // namespace

bool matches(const Shape& shape, std::string_view text) {
    switch (shape.pattern) {
        case Pattern::none:
            return true;
        case Pattern::single_line_text:
            return is_text(text, false);
        case Pattern::multi_line_text:
            return is_text(text, true);
        case Pattern::regex:
            return matches_regex(shape, text);
    }
    return true;
}

size_t utf16_length(std::string_view text) {
    size_t length = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) != 0x80) ++length;  // the first byte of a character
        if (byte >= 0xF0) ++length;           // beyond the basic plane: a surrogate pair
    }
    return length;
}

}  // namespace millrace::aws
