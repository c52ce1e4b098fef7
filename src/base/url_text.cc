#include "src/base/url_text.h"

#include <algorithm>

namespace millrace {
namespace {

int nibble(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

}  // namespace

bool percent_decode(std::string_view text, bool form, std::string* out) {
    out->clear();
    out->reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size()) return false;
            const int high = nibble(text[i + 1]);
            const int low = nibble(text[i + 2]);
            if (high < 0 || low < 0) return false;
            out->push_back(static_cast<char>(high << 4 | low));
            i += 2;
        } else {
            out->push_back(form && text[i] == '+' ? ' ' : text[i]);
        }
    }
    return true;
}

bool parse_form(std::string_view text, Fields* out) {
    out->clear();
    while (!text.empty()) {
        const size_t end = std::min(text.find('&'), text.size());
        const std::string_view field = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (field.empty()) continue;
        if (out->size() == form_fields_max) return false;
        const size_t equals = std::min(field.find('='), field.size());
        Field& decoded = out->emplace_back();
        if (!percent_decode(field.substr(0, equals), true, &decoded.first)) return false;
        if (equals < field.size() && !percent_decode(field.substr(equals + 1), true, &decoded.second)) return false;
    }
    return true;
}

void append_uri_encoded(std::string_view text, bool keep_slash, std::string* out) {
    static constexpr char digits[] = "0123456789ABCDEF";
    for (const char c : text) {
        if (is_unreserved(c) || (keep_slash && c == '/')) {
            out->push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out->push_back('%');
        out->push_back(digits[byte >> 4]);
        out->push_back(digits[byte & 15]);
    }
}

}  // namespace millrace
