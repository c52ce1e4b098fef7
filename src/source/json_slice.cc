#include "src/source/json_slice.h"

#include <charconv>

#include <simdjson.h>

#include "src/base/json_text.h"
#include "src/vtl/value.h"

namespace millrace::source {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Reads strictly; every function leaves `at` behind what it took and returns false where the text is broken.
struct Scanner {
    std::string_view text;
    size_t at = 0;

    char peek() const { return at < text.size() ? text[at] : '\0'; }
    bool take(char c) {
        if (peek() != c || at >= text.size()) return false;
        ++at;
        return true;
    }
    void blanks() {
        while (at < text.size() && is_blank(text[at])) ++at;
    }
    bool word(std::string_view expected) {
        if (text.substr(at, expected.size()) != expected) return false;
        at += expected.size();
        return true;
    }
    bool digits() {
        if (!is_digit(peek())) return false;
        while (is_digit(peek())) ++at;
        return true;
    }
    bool number() {
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            return digits();
        }
        return true;
    }
    bool escape() {
        if (take('u')) {
            for (int i = 0; i < 4; ++i, ++at) {
                const char c = peek();
                if (!is_digit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) return false;
            }
            return true;
        }
        if (at >= text.size() || std::string_view("\"\\/bfnrt").find(text[at]) == std::string_view::npos) return false;
        ++at;
        return true;
    }
    bool string() {
        if (!take('"')) return false;
        while (at < text.size()) {
            const char c = text[at++];
            if (c == '"') return true;
            if (static_cast<unsigned char>(c) < 0x20) return false;
            if (c == '\\' && !escape()) return false;
        }
        return false;
    }
    bool value(int depth) {
        switch (peek()) {
            case '{':
                return container(depth, '}');
            case '[':
                return container(depth, ']');
            case '"':
                return string();
            case 't':
                return word("true");
            case 'f':
                return word("false");
            case 'n':
                return word("null");
            default:
                return number();
        }
    }
    bool container(int depth, char end) {
        if (depth >= json_depth_max) return false;
        ++at;
        blanks();
        if (take(end)) return true;
        for (;;) {
            if (end == '}') {
                if (!string()) return false;
                blanks();
                if (!take(':')) return false;
                blanks();
            }
            if (!value(depth + 1)) return false;
            blanks();
            if (take(end)) return true;
            if (!take(',')) return false;
            blanks();
        }
    }
};

// Visits what a container holds; the text is known to be well-formed.
template <class Visit>
void walk(std::string_view value, bool object, Visit visit) {
    Scanner scanner{value, 1};
    scanner.blanks();
    while (scanner.at < value.size() && scanner.peek() != '}' && scanner.peek() != ']') {
        std::string_view name;
        if (object) {
            const size_t begin = scanner.at;
            if (!scanner.string()) return;
            name = value.substr(begin + 1, scanner.at - begin - 2);
            scanner.blanks();
            scanner.take(':');
            scanner.blanks();
        }
        const size_t begin = scanner.at;
        if (!scanner.value(0)) return;
        if (!visit(name, value.substr(begin, scanner.at - begin))) return;
        scanner.blanks();
        scanner.take(',');
        scanner.blanks();
    }
}

bool names(std::string_view escaped, const std::string& name) {
    if (escaped.find('\\') == std::string_view::npos) return escaped == name;
    return text_of('"' + std::string(escaped) + '"') == name;
}

}  // namespace

bool is_json(std::string_view text) {
    if (!simdjson::validate_utf8(text.data(), text.size())) return false;
    Scanner scanner{text};
    scanner.blanks();
    if (!scanner.value(0)) return false;
    scanner.blanks();
    return scanner.at == text.size();
}

std::string_view front_value(std::string_view text) {
    Scanner scanner{text};
    scanner.blanks();
    const size_t begin = scanner.at;
    scanner.value(0);
    return text.substr(begin, scanner.at - begin);
}

void each_element(std::string_view value, const std::function<bool(std::string_view)>& visit) {
    walk(value, false, [&](std::string_view, std::string_view element) { return visit(element); });
}

void each_member(std::string_view value, const std::function<bool(std::string_view, std::string_view)>& visit) {
    walk(value, true, visit);
}

void append_compact(std::string_view value, std::string& out) {
    bool in_string = false;
    for (size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        if (in_string) {
            out += c;
            if (c == '\\' && i + 1 < value.size()) out += value[++i];
            in_string = c != '"';
        } else if (!is_blank(c)) {
            out += c;
            in_string = c == '"';
        }
    }
}

std::string text_of(std::string_view value) {
    if (value.starts_with('"')) {
        const auto parsed = vtl::parse_json(value);
        if (parsed && parsed->string()) return *parsed->string();
    }
    return std::string(value);
}

Result<SlicePath> SlicePath::parse(std::string_view text) {
    const Error broken{ErrorCode::invalid_argument,
                       "\"" + std::string(text) + "\" is no JSON path: write $.name, $['name'] or $.names[0]"};
    const Error more{ErrorCode::unsupported, "\"" + std::string(text) + "\" does not name one place"};
    SlicePath path;
    if (!text.starts_with('$') || text.size() > 1024) return broken;
    text.remove_prefix(1);
    while (!text.empty()) {
        if (text.front() == '.') {
            const size_t end = std::min(text.find_first_of(".[", 1), text.size());
            const std::string_view name = text.substr(1, end - 1);
            if (name.empty()) return text.starts_with("..") ? more : broken;
            if (name.find_first_of("*()?@'\" ") != std::string_view::npos) return more;
            path.steps_.emplace_back(std::string(name));
            text.remove_prefix(end);
            continue;
        }
        if (text.size() < 3 || text.front() != '[') return broken;
        const char quote = text[1];
        if (quote == '\'' || quote == '"') {
            const size_t end = text.find(quote, 2);
            if (end == std::string_view::npos) return broken;
            if (!text.substr(end + 1).starts_with(']')) return more;  // ['a','b']
            const std::string_view name = text.substr(2, end - 2);
            if (name.find('\\') != std::string_view::npos) return more;
            path.steps_.emplace_back(std::string(name));
            text.remove_prefix(end + 2);
            continue;
        }
        const size_t end = text.find(']');
        if (end == std::string_view::npos) return broken;
        size_t index = 0;
        const auto [stop, problem] = std::from_chars(text.data() + 1, text.data() + end, index);
        if (problem != std::errc() || stop != text.data() + end) return more;
        path.steps_.emplace_back(index);
        text.remove_prefix(end + 1);
    }
    return path;
}

std::string_view SlicePath::find(std::string_view value) const {
    value = front_value(value);
    for (const auto& step : steps_) {
        std::string_view found;
        if (const auto* name = std::get_if<std::string>(&step)) {
            if (!value.starts_with('{')) return {};
            each_member(value, [&](std::string_view each, std::string_view inner) {
                if (names(each, *name)) found = inner;
                return true;
            });
        } else {
            if (!value.starts_with('[')) return {};
            size_t left = std::get<size_t>(step);
            each_element(value, [&](std::string_view element) {
                if (left == 0) found = element;
                return left-- > 0;
            });
        }
        if (found.empty()) return {};
        value = found;
    }
    return value;
}

}  // namespace millrace::source
