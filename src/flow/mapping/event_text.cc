#include "src/flow/mapping/event_text.h"

#include <cstdio>
#include <ctime>

#include "src/base/json_text.h"

namespace millrace::flow::mapping {

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
    if (tree.kind == Kind::string) return append_json_string(tree.text, *out);
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
            append_json_string(child.name, *out);
            *out += ':';
        }
        append_json(child, out);
    }
    *out += object ? '}' : ']';
}

}  // namespace millrace::flow::mapping
