#include "src/base/json_text.h"

#include <bit>

#include <emmintrin.h>
#include <simdjson.h>

namespace millrace {
namespace {

// How many characters at the front need no escape.
size_t plain(std::string_view text) {
    size_t at = 0;
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i last_control = _mm_set1_epi8(0x1f);
    for (; text.size() - at >= 16; at += 16) {
        const __m128i in = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(in, last_control), in);
        const __m128i special =
            _mm_or_si128(control, _mm_or_si128(_mm_cmpeq_epi8(in, quote), _mm_cmpeq_epi8(in, backslash)));
        const auto mask = static_cast<unsigned>(_mm_movemask_epi8(special));
        if (mask != 0) return at + static_cast<size_t>(std::countr_zero(mask));
    }
    for (; at < text.size(); ++at) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (c < 0x20 || c == '"' || c == '\\') break;
    }
    return at;
}

void append_escape(unsigned char c, std::string& out) {
    static constexpr char digits[] = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += digits[c >> 4];
            out += digits[c & 15];
    }
}

// The length of the UTF-8 sequence at the front of `text`; 0 where it is none.
size_t utf8_sequence(std::string_view text) {
    for (size_t size = 1; size <= 4 && size <= text.size(); ++size) {
        if (simdjson::validate_utf8(text.data(), size)) return size;
    }
    return 0;
}

}  // namespace

void append_json_escaped(std::string_view text, std::string& out) {
    while (true) {
        const size_t run = plain(text);
        out.append(text.substr(0, run));
        if (run == text.size()) return;
        append_escape(static_cast<unsigned char>(text[run]), out);
        text.remove_prefix(run + 1);
    }
}

void append_json_string(std::string_view text, std::string& out) {
    out += '"';
    if (simdjson::validate_utf8(text.data(), text.size())) {
        append_json_escaped(text, out);
    } else {
        while (!text.empty()) {
            const size_t size = utf8_sequence(text);
            if (size == 0) {
                out += "\xEF\xBF\xBD";
                text.remove_prefix(1);
            } else {
                append_json_escaped(text.substr(0, size), out);
                text.remove_prefix(size);
            }
        }
    }
    out += '"';
}

}  // namespace millrace
