#include "src/catalog/tag_store.h"

#include <boost/json.hpp>

#include "src/catalog/registry.h"

namespace millrace::catalog {
namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;

}  // namespace

Result<Tags> TagStore::get(const Scope& scope, std::string_view arn) {
    TRY_ASSIGN(const auto stored, registry_.get(kind_, scope, arn));
    Tags tags;
    if (!stored) return tags;
    try {
        const json::value parsed = json::parse(*stored);
        if (parsed.at("format").to_number<int64_t>() != format_version) {
            return Error{ErrorCode::unsupported, "the tags of " + std::string(arn) + " are of a newer millrace"};
        }
        for (const auto& [key, value] : parsed.at("tags").as_object()) {
            tags.emplace(key, json::value_to<std::string>(value));
        }
    } catch (const std::exception& problem) {
        return Error{ErrorCode::corruption, "the tags of " + std::string(arn) + " do not parse: " + problem.what()};
    }
    return tags;
}

Status TagStore::write(const Scope& scope, std::string_view arn, const Tags& tags) {
    json::object all;
    for (const auto& [key, value] : tags) all[key] = value;
    return registry_.put(kind_, scope, arn,
                         json::serialize(json::object{{"format", format_version}, {"tags", std::move(all)}}));
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
    Status removed = registry_.remove(kind_, scope, arn);
    if (!removed.ok() && removed.error().code == ErrorCode::not_found) return {};
    return removed;
}

}  // namespace millrace::catalog
