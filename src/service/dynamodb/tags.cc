#include <tuple>

#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/table_edit.h"
#include "src/service/dynamodb/tag_set.h"
#include "src/table/arn.h"

namespace millrace::service::dynamodb {
namespace {

constexpr size_t tags_per_page = 50;  // as many as there may be: AWS gives them all at once

// Only tables carry tags.
Outcome<table::TableRef> tagged_table(DynamoDb& self, const CallContext& context, const std::string& arn) {
    if (!arn.starts_with("arn:")) {
        return validation("Invalid TableArn: ARNs must start with 'arn:': Invalid ResourceArn provided as input " +
                          arn);
    }
    const auto parsed = table::parse_arn(arn);
    if (!parsed || !parsed->kind.empty()) {
        return validation("Invalid TableArn: Invalid ResourceArn provided as input " + arn);
    }
    if (parsed->scope != context.scope) {
        return access_denied("User: arn:aws:iam::" + context.scope.account +
                             ":root is not authorized to perform: dynamodb:" + std::string(context.operation) +
                             " on resource: " + arn);
    }
    auto table = self.parts().tables.find(parsed->scope, parsed->table);
    if (!table.ok()) return resource_not_found("Requested resource not found: ResourcArn: " + arn + " not found");
    return *std::move(table);
}

}  // namespace

Outcome<shapes::TagResourceOutput> tag_resource(DynamoDb& self, const CallContext& context,
                                                const shapes::TagResourceInput& input) {
    TRY_ASSIGN(const table::TableRef table, tagged_table(self, context, input.ResourceArn));
    if (input.Tags.empty()) return validation("Atleast one Tag needs to be provided as Input.");  // AWS's spelling
    TRY_ASSIGN(std::ignore, edit_table(self.parts().tables, table->scope, table->name,
                                       [&](table::TableDefinition*, TableSettings* settings) {
                                           return add_tags(input.Tags, &settings->tags);
                                       }));
    return shapes::TagResourceOutput{};
}

Outcome<shapes::UntagResourceOutput> untag_resource(DynamoDb& self, const CallContext& context,
                                                    const shapes::UntagResourceInput& input) {
    TRY_ASSIGN(const table::TableRef table, tagged_table(self, context, input.ResourceArn));
    if (input.TagKeys.empty()) return validation("Atleast one Tag Key needs to be provided as Input.");
    const Edit remove = [&](table::TableDefinition*, TableSettings* settings) -> std::optional<aws::Failure> {
        for (const std::string& key : input.TagKeys) settings->tags.erase(key);
        return std::nullopt;
    };
    TRY_ASSIGN(std::ignore, edit_table(self.parts().tables, table->scope, table->name, remove));
    return shapes::UntagResourceOutput{};
}

Outcome<shapes::ListTagsOfResourceOutput> list_tags_of_resource(DynamoDb& self, const CallContext& context,
                                                                const shapes::ListTagsOfResourceInput& input) {
    TRY_ASSIGN(const table::TableRef table, tagged_table(self, context, input.ResourceArn));
    auto settings = decode_table_settings(table->settings);
    if (!settings.ok()) return failure_of(settings.error());
    shapes::ListTagsOfResourceOutput output;
    output.Tags.emplace();
    // The token is the last key of the page before.
    for (auto tag = settings->tags.upper_bound(input.NextToken.value_or("")); tag != settings->tags.end(); ++tag) {
        if (output.Tags->size() == tags_per_page) {
            output.NextToken = output.Tags->back().Key;
            break;
        }
        output.Tags->push_back({.Key = tag->first, .Value = tag->second});
    }
    return output;
}

}  // namespace millrace::service::dynamodb
