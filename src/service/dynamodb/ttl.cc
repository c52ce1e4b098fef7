// Time to live: which attribute says when an item expires. The engine deletes what has expired.
#include <tuple>

#include "src/io/clock.h"
#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/table_edit.h"
#include "src/service/dynamodb/table_name.h"

namespace millrace::service::dynamodb {

Outcome<shapes::DescribeTimeToLiveOutput> describe_time_to_live(DynamoDb& self, const CallContext& context,
                                                                const shapes::DescribeTimeToLiveInput& input) {
    TRY_ASSIGN(const table::TableRef table, find_table(self.parts().tables, context, input.TableName));
    shapes::DescribeTimeToLiveOutput output;
    output.TimeToLiveDescription.emplace();
    output.TimeToLiveDescription->TimeToLiveStatus = table->ttl_attribute.empty() ? "DISABLED" : "ENABLED";
    if (!table->ttl_attribute.empty()) output.TimeToLiveDescription->AttributeName = table->ttl_attribute;
    return output;
}

Outcome<shapes::UpdateTimeToLiveOutput> update_time_to_live(DynamoDb& self, const CallContext& context,
                                                            const shapes::UpdateTimeToLiveInput& input) {
    TRY_ASSIGN(const std::string name, table_name(context, input.TableName));
    const std::string& attribute = input.TimeToLiveSpecification.AttributeName;
    const Edit change = [&](table::TableDefinition* definition,
                            TableSettings* settings) -> std::optional<aws::Failure> {
        if (auto failure = check_not_changing(*definition)) return failure;
        if (input.TimeToLiveSpecification.Enabled) {
            if (definition->ttl_attribute == attribute) return validation("TimeToLive is already enabled");
            if (!definition->ttl_attribute.empty()) {
                return validation("TimeToLive is active on a different AttributeName: current AttributeName is " +
                                  definition->ttl_attribute);
            }
            definition->ttl_attribute = attribute;
        } else {
            if (definition->ttl_attribute.empty()) return validation("TimeToLive is already disabled");
            if (definition->ttl_attribute != attribute) {
                return validation("TimeToLive is active on a different AttributeName: current AttributeName is " +
                                  definition->ttl_attribute);
            }
            definition->ttl_attribute.clear();
        }
        settings->ttl_changed = self.parts().clock.now();
        return std::nullopt;
    };
    TRY_ASSIGN(std::ignore, edit_table(self.parts().tables, context.scope, name, change));
    shapes::UpdateTimeToLiveOutput output;
    output.TimeToLiveSpecification = input.TimeToLiveSpecification;
    return output;
}

}  // namespace millrace::service::dynamodb
