#include "src/service/s3/tags.h"

#include <algorithm>

#include "src/service/s3/errors.h"
#include "src/service/s3/limits.h"
#include "src/service/s3/names.h"

namespace millrace::service::s3 {
namespace {

// Unicode characters, of UTF-8 bytes: those that do not continue another.
size_t characters(std::string_view text) {
    return static_cast<size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

aws::Outcome<void> add(TagMap& tags, std::string key, std::string value, size_t tags_max) {
    if (key.empty() || characters(key) > tag_key_characters_max || key.starts_with("aws:")) {
        return aws::Failure{"InvalidTag", "The TagKey you have provided is invalid", 400, {{"TagKey", key}}, {}};
    }
    if (characters(value) > tag_value_characters_max) {
        return aws::Failure{
            "InvalidTag", "The TagValue you have provided is invalid", 400, {{"TagKey", key}, {"TagValue", value}}, {}};
    }
    if (!tags.emplace(key, std::move(value)).second) {
        return aws::Failure{"InvalidTag", "Cannot provide multiple Tags with the same key", 400, {{"TagKey", key}}, {}};
    }
    if (tags.size() > tags_max) {
        return aws::Failure{
            "BadRequest", "Object tags cannot be greater than " + std::to_string(tags_max), 400, {}, {}};
    }
    return {};
}

}  // namespace

aws::Outcome<TagMap> parse_tagging_header(std::string_view header, size_t tags_max) {
    TagMap tags;
    while (!header.empty()) {
        const size_t end = std::min(header.find('&'), header.size());
        const std::string_view pair = header.substr(0, end);
        header.remove_prefix(std::min(end + 1, header.size()));
        const size_t equals = std::min(pair.find('='), pair.size());
        if (equals == 0) {
            return invalid_argument(
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag "
                "name duplicates.",
                "x-amz-tagging", pair);
        }
        std::string value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
        TRY(add(tags, percent_decode(pair.substr(0, equals), true), std::move(value), tags_max));
    }
    return tags;
}

aws::Outcome<TagMap> tags_of(const std::vector<aws::s3::Tag>& given, size_t tags_max) {
    TagMap tags;
    for (const aws::s3::Tag& tag : given) TRY(add(tags, tag.Key, tag.Value, tags_max));
    return tags;
}

std::vector<aws::s3::Tag> to_shapes(const TagMap& tags) {
    std::vector<aws::s3::Tag> out;
    for (const auto& [key, value] : tags) out.push_back({key, value});
    return out;
}

}  // namespace millrace::service::s3
