#include "src/base/json_text.h"

#include <simdjson.h>

namespace millrace {
namespace {

// The length of the UTF-8 sequence at the front of `text`; 0 where it is none.
size_t utf8_sequence(std::string_view text) {
    for (size_t size = 1; size <= 4 && size <= text.size(); ++size) {
        if (simdjson::validate_utf8(text.data(), size)) return size;
    }
    return 0;
}

}  // namespace

void append_json_escaped(std::string_view text, std::string& out) {
    static constexpr char digits[] = "0123456789abcdef";
    size_t from = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        out.append(text.substr(from, i - from));
        from = i + 1;
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                out += "\\u00";
                out += digits[c >> 4];
                out += digits[c & 15];
        }
    }
    out.append(text.substr(from));
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
