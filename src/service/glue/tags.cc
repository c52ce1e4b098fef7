#include <mutex>

#include "src/aws/json.h"
#include "src/catalog/lake.h"
#include "src/catalog/registry.h"
#include "src/service/glue/glue.h"
#include "src/service/glue/limits.h"
#include "src/service/glue/request.h"
#include "src/service/glue/tag_store.h"

namespace millrace::service::glue {

using namespace aws::glue;

namespace {

constexpr std::string_view kind = "glue.tags";

// Tags change seldom: one lock for all keeps read, change and write together.
std::mutex& tags_mutex() {
    static std::mutex mutex;
    return mutex;
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lower;
}

}  // namespace

std::string database_arn(const Scope& scope, std::string_view database) {
    return "arn:aws:glue:" + scope.region + ":" + scope.account + ":database/" + lower_case(database);
}

Result<Tags> TagStore::get(const Scope& scope, std::string_view arn) {
    TRY_ASSIGN(const auto stored, registry_.get(kind, scope, arn));
    if (!stored) return Tags();
    std::string padded = *stored;
    padded.append(64, '\0');
    GetTagsOutput tags;
    aws::Decoding decoding;
    if (!aws::decode_json(shape_of(static_cast<const GetTagsOutput*>(nullptr)),
                          std::string_view(padded).substr(0, stored->size()), &tags, decoding)) {
        return Error{ErrorCode::corruption, "the tags of " + std::string(arn) + " are malformed"};
    }
    return tags.Tags.value_or(Tags());
}

Status TagStore::write(const Scope& scope, std::string_view arn, const Tags& tags) {
    const GetTagsOutput output{.Tags = tags};
    std::string text;
    aws::encode_json(shape_of(static_cast<const GetTagsOutput*>(nullptr)), &output, text);
    return registry_.put(kind, scope, arn, std::move(text));
}

Status TagStore::add(const Scope& scope, std::string_view arn, const Tags& tags) {
    const std::lock_guard lock(tags_mutex());
    TRY_ASSIGN(Tags all, get(scope, arn));
    for (const auto& [key, value] : tags) all[key] = value;
    if (all.size() > tags_max) return Error{ErrorCode::invalid_argument, "A resource has at most 50 tags."};
    return write(scope, arn, all);
}

Status TagStore::remove(const Scope& scope, std::string_view arn, const std::vector<std::string>& keys) {
    const std::lock_guard lock(tags_mutex());
    TRY_ASSIGN(Tags all, get(scope, arn));
    for (const std::string& key : keys) all.erase(key);
    return write(scope, arn, all);
}

Status TagStore::forget(const Scope& scope, std::string_view arn) {
    const std::lock_guard lock(tags_mutex());
    const Status removed = registry_.remove(kind, scope, arn);
    if (!removed.ok() && removed.error().code != ErrorCode::not_found) return removed;
    return {};
}

namespace {

// Only databases carry tags here: of Glue's taggable resources they alone exist.
aws::Outcome<std::string> taggable(catalog::Lake& lake, const Scope& scope, const std::string& arn) {
    const std::string prefix = database_arn(scope, "");
    if (!arn.starts_with(prefix) || arn.size() == prefix.size()) {
        return invalid_input("Millrace keeps tags of databases of this account and region only, not of " + arn);
    }
    const std::string name = arn.substr(prefix.size());
    GLUE_TRY_ASSIGN(const catalog::Database database, lake.database(scope, name));
    return database_arn(scope, database.name);
}

}  // namespace

aws::Outcome<GetTagsOutput> Glue::get_tags(const aws::CallContext& context, const GetTagsInput& input) {
    const auto arn = taggable(lake_, context.scope, input.ResourceArn);
    if (!arn.ok()) return arn.error();
    GLUE_TRY_ASSIGN(Tags tags, TagStore(registry_).get(context.scope, *arn));
    return GetTagsOutput{.Tags = std::move(tags)};
}

aws::Outcome<TagResourceOutput> Glue::tag_resource(const aws::CallContext& context, const TagResourceInput& input) {
    const auto arn = taggable(lake_, context.scope, input.ResourceArn);
    if (!arn.ok()) return arn.error();
    GLUE_TRY(TagStore(registry_).add(context.scope, *arn, input.TagsToAdd));
    return TagResourceOutput{};
}

aws::Outcome<UntagResourceOutput> Glue::untag_resource(const aws::CallContext& context,
                                                       const UntagResourceInput& input) {
    const auto arn = taggable(lake_, context.scope, input.ResourceArn);
    if (!arn.ok()) return arn.error();
    GLUE_TRY(TagStore(registry_).remove(context.scope, *arn, input.TagsToRemove));
    return UntagResourceOutput{};
}

}  // namespace millrace::service::glue
