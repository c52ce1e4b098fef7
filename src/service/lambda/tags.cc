#include "src/service/lambda/edit.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/limits.h"

namespace millrace::service::lambda {

using namespace aws::lambda;

namespace {

// Tags are a function's: neither a version's nor an alias's.
aws::Outcome<Named> tagged(function::Functions& functions, const aws::CallContext& context,
                           const std::string& resource) {
    if (!resource.starts_with("arn:") || resource.find(":function:") == std::string::npos) {
        return not_honoured(
            "Resource", "functions and event source mappings have tags, and nothing else of Lambda's has: " + resource);
    }
    TRY_ASSIGN(Named named, find_named(functions, context, resource));
    if (named.name.qualifier.empty()) return named;
    return invalid_parameter("Tags on function aliases and versions are not supported. Please specify a function ARN.");
}

}  // namespace

aws::Outcome<ListTagsOutput> Lambda::list_tags(const aws::CallContext& context, const ListTagsInput& input) {
    std::map<std::string, std::string> tags;
    TRY_ASSIGN(const bool of_mapping,
               edit_mapping_tags(context, input.Resource, [&](auto& found) -> aws::Outcome<void> {
                   tags = found;
                   return {};
               }));
    if (of_mapping) {
        ListTagsOutput output;
        output.Tags = std::move(tags);
        return output;
    }
    TRY_ASSIGN(const Named named, tagged(functions_, context, input.Resource));
    ListTagsOutput output;
    output.Tags = named.record->tags;
    return output;
}

aws::Outcome<TagResourceOutput> Lambda::tag_resource(const aws::CallContext& context, const TagResourceInput& input) {
    TRY_ASSIGN(const bool of_mapping, edit_mapping_tags(context, input.Resource, [&](auto& tags) -> aws::Outcome<void> {
                   for (const auto& [key, value] : input.Tags) tags[key] = value;
                   if (tags.size() > tags_max) return invalid_parameter("An event source mapping has at most 50 tags.");
                   return {};
               }));
    if (of_mapping) return TagResourceOutput{};
    TRY_ASSIGN(const Named named, tagged(functions_, context, input.Resource));
    TRY(edit(functions_, named.name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
        for (const auto& [key, value] : input.Tags) record.tags[key] = value;
        if (record.tags.size() > tags_max) return invalid_parameter("A function has at most 50 tags.");
        return {};
    }));
    return TagResourceOutput{};
}

aws::Outcome<UntagResourceOutput> Lambda::untag_resource(const aws::CallContext& context,
                                                         const UntagResourceInput& input) {
    TRY_ASSIGN(const bool of_mapping, edit_mapping_tags(context, input.Resource, [&](auto& tags) -> aws::Outcome<void> {
                   for (const std::string& key : input.TagKeys) tags.erase(key);
                   return {};
               }));
    if (of_mapping) return UntagResourceOutput{};
    TRY_ASSIGN(const Named named, tagged(functions_, context, input.Resource));
    TRY(edit(functions_, named.name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
        for (const std::string& key : input.TagKeys) record.tags.erase(key);
        return {};
    }));
    return UntagResourceOutput{};
}

}  // namespace millrace::service::lambda
