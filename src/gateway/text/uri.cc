#include "src/gateway/text/uri.h"

#include "src/http/characters.h"

namespace millrace::gateway {

std::string percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? http::hex_digit(text[i + 1]) : -1;
        const int low = high < 0 ? -1 : http::hex_digit(text[i + 2]);
        if (low >= 0) {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

std::string percent_encode(std::string_view text, std::string_view kept) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                           c == '.' || c == '_' || c == '~' || kept.find(c) != std::string_view::npos;
        if (plain) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

std::string encode_rest(std::string_view sent) {
    std::string out;
    for (;;) {
        const size_t slash = std::min(sent.find('/'), sent.size());
        out += percent_encode(percent_decode(sent.substr(0, slash)));
        if (slash == sent.size()) return out;
        out += '/';
        sent.remove_prefix(slash + 1);
    }
}

bool has_dot_segment(std::string_view decoded) {
    const std::string again = percent_decode(decoded);
    std::string_view rest = again;
    for (;;) {
        const size_t end = std::min(rest.find_first_of("/\\"), rest.size());
        if (rest.substr(0, end) == "." || rest.substr(0, end) == "..") return true;
        if (end == rest.size()) return false;
        rest.remove_prefix(end + 1);
    }
}

Fields parse_query(std::string_view query) {
    Fields fields;
    while (!query.empty()) {
        const size_t end = std::min(query.find('&'), query.size());
        const std::string_view field = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (field.empty()) continue;
        const size_t equals = std::min(field.find('='), field.size());
        fields.emplace_back(percent_decode(field.substr(0, equals), true),
                            percent_decode(field.substr(std::min(equals + 1, field.size())), true));
    }
    return fields;
}

std::string query_text(const Fields& fields) {
    std::string out;
    for (const auto& [name, value] : fields) {
        if (!out.empty()) out += '&';
        out += percent_encode(name);
        out += '=';
        out += percent_encode(value);
    }
    return out;
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

}  // namespace millrace::gateway
