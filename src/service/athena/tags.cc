#include "src/service/athena/tags.h"

#include "aws/athena/shapes.h"

#include "src/service/athena/limits.h"
#include "src/service/athena/stored.h"

namespace millrace::service::athena {

namespace {
constexpr std::string_view kind = "athena.tags";
}

Result<Tags> TagStore::get(const Scope& scope, std::string_view arn) {
    TRY_ASSIGN(const auto stored, get_stored<aws::athena::ListTagsForResourceOutput>(registry_, kind, scope, arn));
    Tags tags;
    if (!stored || !stored->Tags) return tags;
    for (const aws::athena::Tag& tag : *stored->Tags) tags[tag.Key.value_or("")] = tag.Value.value_or("");
    return tags;
}

Status TagStore::write(const Scope& scope, std::string_view arn, const Tags& tags) {
    aws::athena::ListTagsForResourceOutput stored;
    stored.Tags.emplace();
    for (const auto& [key, value] : tags) stored.Tags->push_back({.Key = key, .Value = value});
    return registry_.put(kind, scope, arn, encode_stored(stored));
}

Status TagStore::add(const Scope& scope, std::string_view arn, const Tags& tags) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Tags all, get(scope, arn));
    for (const auto& [key, value] : tags) all[key] = value;
    if (all.size() > tags_max) return Error{ErrorCode::invalid_argument, "A resource has at most 50 tags."};
    return write(scope, arn, all);
}

Status TagStore::remove(const Scope& scope, std::string_view arn, const std::vector<std::string>& keys) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Tags all, get(scope, arn));
    for (const std::string& key : keys) all.erase(key);
    return write(scope, arn, all);
}

Status TagStore::forget(const Scope& scope, std::string_view arn) {
    const std::lock_guard lock(mutex_);
    Status removed = registry_.remove(kind, scope, arn);
    if (!removed.ok() && removed.error().code == ErrorCode::not_found) return {};
    return removed;
}

}  // namespace millrace::service::athena
