#include "src/flow/mapping/event_text.h"

#include <cstdio>
#include <ctime>

namespace millrace::flow::mapping {

void append_json_string(std::string_view text, std::string* out) {
    *out += '"';
    size_t copied = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        *out += text.substr(copied, i - copied);
        copied = i + 1;
        if (c == '"' || c == '\\') {
            *out += '\\';
            *out += static_cast<char>(c);
        } else {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", c);
            *out += escaped;
        }
    }
    *out += text.substr(copied);
    *out += '"';
}

void append_seconds(TimestampMs time, std::string* out) {
    char text[32];
    *out += std::string_view(text, static_cast<size_t>(std::snprintf(text, sizeof text, "%lld.%03d",
                                                                     static_cast<long long>(time.value() / 1000),
                                                                     static_cast<int>(time.value() % 1000))));
}

std::string iso_time(TimestampMs time, bool milliseconds) {
    int64_t seconds = time.value() / 1000, rest = time.value() % 1000;
    if (rest < 0) {
        rest += 1000;
        --seconds;
    }
    const auto at = static_cast<std::time_t>(seconds);
    std::tm parts{};
    gmtime_r(&at, &parts);
    char text[48];
    size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    if (milliseconds)
        size += static_cast<size_t>(std::snprintf(text + size, sizeof text - size, ".%03d", static_cast<int>(rest)));
    return std::string(text, size) + "Z";
}

void append_json(const pattern::JsonTree& tree, std::string* out) {
    using Kind = pattern::JsonTree::Kind;
    if (tree.kind == Kind::string) return append_json_string(tree.text, out);
    if (tree.kind != Kind::array && tree.kind != Kind::object) {
        *out += tree.text;
        return;
    }
    const bool object = tree.kind == Kind::object;
    *out += object ? '{' : '[';
    bool first = true;
    for (const pattern::JsonTree& child : tree.children) {
        if (!first) *out += ',';
        first = false;
        if (object) {
            append_json_string(child.name, out);
            *out += ':';
        }
        append_json(child, out);
    }
    *out += object ? '}' : ']';
}

}  // namespace millrace::flow::mapping
