#include "src/flow/processing/deaggregate.h"

namespace millrace::flow {
namespace {

constexpr std::string_view white_space = " \t\r\n";

// The length of the object that `text` begins with, by its brackets outside strings; 0 where it does not end.
size_t object_length(std::string_view text) {
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return i + 1;
        }
    }
    return 0;
}

}  // namespace

std::vector<std::string_view> split_json_objects(std::string_view record) {
    std::vector<std::string_view> parts;
    std::string_view rest = record;
    for (;;) {
        rest.remove_prefix(std::min(rest.find_first_not_of(white_space), rest.size()));
        if (rest.empty()) break;
        const size_t length = rest.front() == '{' ? object_length(rest) : 0;
        if (length == 0 || parts.size() == deaggregated_records_max) return {record};
        parts.push_back(rest.substr(0, length));
        rest.remove_prefix(length);
    }
    if (parts.empty()) return {record};
    return parts;
}

std::vector<std::string_view> split_delimited(std::string_view record, std::string_view delimiter) {
    std::vector<std::string_view> parts;
    std::string_view rest = record;
    while (!rest.empty()) {
        const size_t at = rest.find(delimiter);
        const std::string_view part = rest.substr(0, at);
        if (!part.empty()) {
            if (parts.size() == deaggregated_records_max) return {record};
            parts.push_back(part);
        }
        if (at == std::string_view::npos) break;
        rest.remove_prefix(at + delimiter.size());
    }
    if (parts.empty()) return {record};
    return parts;
}

}  // namespace millrace::flow
