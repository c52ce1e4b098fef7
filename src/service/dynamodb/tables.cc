// Tables are made, shown, listed and deleted. A change takes hold before its request is answered; as on AWS the answer
// says CREATING, UPDATING or DELETING, and DescribeTable says ACTIVE (or nothing) as soon as that is so.
#include <algorithm>

#include "src/flow/change_copy/change_copies.h"
#include "src/io/clock.h"
#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/policy.h"
#include "src/service/dynamodb/table_description.h"
#include "src/service/dynamodb/table_edit.h"
#include "src/service/dynamodb/table_name.h"
#include "src/service/dynamodb/table_schema.h"
#include "src/service/dynamodb/tag_set.h"

namespace millrace::service::dynamodb {
namespace {

constexpr size_t list_limit_max = 100;
constexpr size_t tables_max = 10'000;  // of an account in a region, the most that AWS grants

std::optional<aws::Failure> check_present(const shapes::CreateTableInput& input) {
    std::string missing;
    int count = 0;
    for (const auto& [name, present] : {std::pair("attributeDefinitions", input.AttributeDefinitions.has_value()),
                                        std::pair("keySchema", input.KeySchema.has_value())}) {
        if (present) continue;
        missing += std::string(count++ ? "; " : "") + "Value null at '" + name +
                   "' failed to satisfy constraint: Member must not be null";
    }
    if (count == 0) return std::nullopt;
    return validation(std::to_string(count) + (count > 1 ? " validation errors" : " validation error") +
                      " detected: " + missing);
}

std::optional<aws::Failure> apply_rest(const shapes::CreateTableInput& input, TimestampMs now,
                                       table::TableDefinition* definition, TableSettings* settings) {
    if (input.StreamSpecification) {
        auto stream = stream_of(*input.StreamSpecification);
        if (!stream.ok()) return std::move(stream).error();
        definition->stream = *std::move(stream);
    }
    if (auto failure = check_encryption(input.SSESpecification)) return failure;
    if (input.Tags) {
        if (auto failure = add_tags(*input.Tags, &settings->tags)) return failure;
    }
    if (input.ResourcePolicy) {
        if (auto failure = check_policy(*input.ResourcePolicy)) return failure;
        settings->policy = *input.ResourcePolicy;
        settings->policy_revision = new_revision(now, "");
    }
    settings->table_class = input.TableClass.value_or("");
    settings->deletion_protection = input.DeletionProtectionEnabled.value_or(false);
    if (settings->on_demand) settings->on_demand_since = now;
    return std::nullopt;
}

}  // namespace

Outcome<shapes::CreateTableOutput> create_table(DynamoDb& self, const CallContext& context,
                                                const shapes::CreateTableInput& input) {
    if (auto failure = check_present(input)) return *std::move(failure);
    table::TableDefinition definition;
    definition.scope = context.scope;
    TRY_ASSIGN(definition.name, table_name(context, input.TableName));
    TableSettings settings;
    if (auto failure = apply({.attributes = *input.AttributeDefinitions,
                              .key = *input.KeySchema,
                              .billing_mode = input.BillingMode,
                              .throughput = input.ProvisionedThroughput,
                              .on_demand = input.OnDemandThroughput,
                              .warm = input.WarmThroughput,
                              .local_indexes = input.LocalSecondaryIndexes,
                              .global_indexes = input.GlobalSecondaryIndexes},
                             &definition, &settings)) {
        return *std::move(failure);
    }
    definition.created = self.parts().clock.now();
    if (auto failure = apply_rest(input, definition.created, &definition, &settings)) return *std::move(failure);
    TRY_ASSIGN(const table::TableRef table, make_table(self, std::move(definition), settings));
    auto description = describe(self.parts().tables, table);
    if (!description.ok()) return failure_of(description.error());
    description->TableStatus = "CREATING";
    if (description->GlobalSecondaryIndexes) {
        for (auto& index : *description->GlobalSecondaryIndexes) index.IndexStatus = "CREATING";
    }
    shapes::CreateTableOutput output;
    output.TableDescription = *std::move(description);
    return output;
}

Outcome<table::TableRef> make_table(DynamoDb& self, table::TableDefinition definition, const TableSettings& settings) {
    table::Tables& tables = self.parts().tables;
    const std::string name = definition.name;
    if (tables.list(definition.scope, "", tables_max).size() >= tables_max) {
        return limit_exceeded("Subscriber limit exceeded: there are " + std::to_string(tables_max) +
                              " tables in the region already");
    }
    definition.settings = encode(settings);
    auto table = tables.create(std::move(definition));
    if (table.ok()) return *std::move(table);
    if (table.error().code == ErrorCode::already_exists) return resource_in_use("Table already exists: " + name);
    return failure_of(table.error());
}

Outcome<shapes::DescribeTableOutput> describe_table(DynamoDb& self, const CallContext& context,
                                                    const shapes::DescribeTableInput& input) {
    TRY_ASSIGN(const table::TableRef table, find_table(self.parts().tables, context, input.TableName));
    auto description = describe(self.parts().tables, table);
    if (!description.ok()) return failure_of(description.error());
    shapes::DescribeTableOutput output;
    output.Table = *std::move(description);
    return output;
}

Outcome<shapes::ListTablesOutput> list_tables(DynamoDb& self, const CallContext& context,
                                              const shapes::ListTablesInput& input) {
    const size_t limit = input.Limit ? static_cast<size_t>(*input.Limit) : list_limit_max;
    auto found = self.parts().tables.list(context.scope, input.ExclusiveStartTableName.value_or(""), limit + 1);
    shapes::ListTablesOutput output;
    output.TableNames.emplace();
    for (size_t i = 0; i < std::min(limit, found.size()); ++i) output.TableNames->push_back(found[i]->name);
    if (found.size() > limit) output.LastEvaluatedTableName = output.TableNames->back();
    return output;
}

Outcome<shapes::DeleteTableOutput> delete_table(DynamoDb& self, const CallContext& context,
                                                const shapes::DeleteTableInput& input) {
    TRY_ASSIGN(const table::TableRef table, find_table(self.parts().tables, context, input.TableName));
    auto description = describe(self.parts().tables, table);
    if (!description.ok()) return failure_of(description.error());
    if (description->DeletionProtectionEnabled.value_or(false)) {
        return validation(
            "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection "
            "first.");
    }
    if (auto failure = check_not_changing(*table)) return *std::move(failure);
    const Status removed = self.parts().tables.remove(context.scope, table->name);
    if (!removed.ok()) {
        return removed.error().code == ErrorCode::not_found ? table_not_found(table->name)
                                                            : failure_of(removed.error());
    }
    // What is left of it, where this fails, goes at the next start.
    static_cast<void>(self.parts().copies.forget(*table));
    // As on AWS, what is on its way out is no longer described in full.
    description->TableStatus = "DELETING";
    description->KeySchema.reset();
    description->AttributeDefinitions.reset();
    description->CreationDateTime.reset();
    description->GlobalSecondaryIndexes.reset();
    description->LocalSecondaryIndexes.reset();
    shapes::DeleteTableOutput output;
    output.TableDescription = *std::move(description);
    return output;
}

}  // namespace millrace::service::dynamodb
