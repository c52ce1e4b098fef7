#include "src/catalog/lake.h"
#include "src/service/glue/glue.h"
#include "src/service/glue/request.h"

namespace millrace::service::glue {

using namespace aws::glue;

namespace {

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lower;
}

}  // namespace

std::string Glue::database_arn(const Scope& scope, std::string_view database) {
    return "arn:aws:glue:" + scope.region + ":" + scope.account + ":database/" + lower_case(database);
}

namespace {

// Only databases carry tags here: of Glue's taggable resources they alone exist.
aws::Outcome<std::string> taggable(catalog::Lake& lake, const Scope& scope, const std::string& arn) {
    const std::string prefix = Glue::database_arn(scope, "");
    if (!arn.starts_with(prefix) || arn.size() == prefix.size()) {
        return invalid_input("Millrace keeps tags of databases of this account and region only, not of " + arn);
    }
    const std::string name = arn.substr(prefix.size());
    GLUE_TRY_ASSIGN(const catalog::Database database, lake.database(scope, name));
    return Glue::database_arn(scope, database.name);
}

}  // namespace

aws::Outcome<GetTagsOutput> Glue::get_tags(const aws::CallContext& context, const GetTagsInput& input) {
    const auto arn = taggable(lake_, context.scope, input.ResourceArn);
    if (!arn.ok()) return arn.error();
    GLUE_TRY_ASSIGN(catalog::Tags tags, tags_.get(context.scope, *arn));
    return GetTagsOutput{.Tags = std::move(tags)};
}

aws::Outcome<TagResourceOutput> Glue::tag_resource(const aws::CallContext& context, const TagResourceInput& input) {
    const auto arn = taggable(lake_, context.scope, input.ResourceArn);
    if (!arn.ok()) return arn.error();
    GLUE_TRY(tags_.add(context.scope, *arn, input.TagsToAdd));
    return TagResourceOutput{};
}

aws::Outcome<UntagResourceOutput> Glue::untag_resource(const aws::CallContext& context,
                                                       const UntagResourceInput& input) {
    const auto arn = taggable(lake_, context.scope, input.ResourceArn);
    if (!arn.ok()) return arn.error();
    GLUE_TRY(tags_.remove(context.scope, *arn, input.TagsToRemove));
    return UntagResourceOutput{};
}

}  // namespace millrace::service::glue
