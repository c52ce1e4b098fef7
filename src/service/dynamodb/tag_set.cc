#include "src/service/dynamodb/tag_set.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "src/service/dynamodb/errors.h"

namespace millrace::service::dynamodb {

namespace {

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/tagging.html: letters, whitespace, numbers and
// + - = . _ : / and, as elsewhere on AWS, @. Letters outside ASCII are not told from other characters.
bool is_taggable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x80 || std::isalnum(byte) != 0 ||
               std::string_view(" \t\n\r+-=._:/@").find(c) != std::string_view::npos;
    });
}

}  // namespace

std::optional<aws::Failure> add_tags(const std::vector<aws::dynamodb::Tag>& given,
                                     std::map<std::string, std::string>* tags) {
    std::set<std::string> seen;
    for (const aws::dynamodb::Tag& tag : given) {
        if (tag.Key.starts_with("aws:"))
            return validation(
                "One of the provided tag keys is reserved: aws: prefixed tag key names are not allowed for external "
                "use.");
        for (const std::string& text : {tag.Key, tag.Value}) {
            if (!is_taggable(text))
                return invalid_parameter("Tags may hold letters, whitespace, numbers and + - = . _ : / @ alone: " +
                                         text);
        }
        if (!seen.insert(tag.Key).second) return validation("Duplicate tag key: " + tag.Key);
        (*tags)[tag.Key] = tag.Value;
    }
    if (tags->size() > tags_max) {
        return invalid_parameter("Too many tags: a table can have at most " + std::to_string(tags_max));
    }
    return std::nullopt;
}

}  // namespace millrace::service::dynamodb
