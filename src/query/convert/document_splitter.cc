#include "src/query/convert/document_splitter.h"

namespace millrace::query {

std::string_view take_document(std::string_view& rest) {
    size_t begin = rest.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) begin = rest.size();
    rest.remove_prefix(begin);
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < rest.size(); ++i) {
        const char c = rest[i];
        if (quoted) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                quoted = false;
            }
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{') {
            ++depth;
        } else if (c == '}' && depth > 0 && --depth == 0) {
            const std::string_view document = rest.substr(0, i + 1);
            rest.remove_prefix(i + 1);
            return document;
        }
        if (depth == 0) break;  // not an object
    }
    const std::string_view document = rest;
    rest = {};
    return document;
}

}  // namespace millrace::query
