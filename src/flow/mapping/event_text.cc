#include "src/flow/mapping/event_text.h"

#include <cstdio>

#include "src/base/json_text.h"

namespace millrace::flow::mapping {

void append_seconds(TimestampMs time, std::string* out) {
    char text[32];
    *out += std::string_view(text, static_cast<size_t>(std::snprintf(text, sizeof text, "%lld.%03d",
                                                                     static_cast<long long>(time.value() / 1000),
                                                                     static_cast<int>(time.value() % 1000))));
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
