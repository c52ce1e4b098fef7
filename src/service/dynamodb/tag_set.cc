#include "src/service/dynamodb/tag_set.h"

#include <set>

#include "src/service/dynamodb/errors.h"

namespace millrace::service::dynamodb {

std::optional<aws::Failure> add_tags(const std::vector<aws::dynamodb::Tag>& given,
                                     std::map<std::string, std::string>* tags) {
    std::set<std::string> seen;
    for (const aws::dynamodb::Tag& tag : given) {
        if (tag.Key.starts_with("aws:"))
            return validation(
                "One of the provided tag keys is reserved: aws: prefixed tag key names are not allowed for external "
                "use.");
        if (!seen.insert(tag.Key).second) return validation("Duplicate tag key: " + tag.Key);
        (*tags)[tag.Key] = tag.Value;
    }
    if (tags->size() > tags_max) {
        return limit_exceeded("Too many tags: a table can have at most " + std::to_string(tags_max));
    }
    return std::nullopt;
}

}  // namespace millrace::service::dynamodb
