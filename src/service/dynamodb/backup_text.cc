// Job::details is {"table": what DescribeTable answered, "ttl": its time to live attribute}.
#include "src/service/dynamodb/backup_text.h"

#include <algorithm>
#include <set>

#include <boost/json.hpp>

#include "src/service/dynamodb/kept_shape.h"
#include "src/service/dynamodb/table_description.h"
#include "src/table/arn.h"

namespace millrace::service::dynamodb {

namespace shapes = aws::dynamodb;
namespace json = boost::json;

namespace {

struct Remembered {
    shapes::TableDescription table;
    std::string ttl_attribute;
};

Result<Remembered> remembered(const flow::Job& backup) {
    try {
        const json::object object = json::parse(backup.details).as_object();
        Remembered out;
        out.ttl_attribute = json::value_to<std::string>(object.at("ttl"));
        TRY_ASSIGN(shapes::DescribeTableOutput kept,
                   kept_shape<shapes::DescribeTableOutput>(json::serialize(object.at("table"))));
        if (kept.Table) out.table = *std::move(kept.Table);
        return out;
    } catch (const std::exception& error) {
        return {ErrorCode::corruption, std::string("what a backup kept of its table is damaged: ") + error.what()};
    }
}

shapes::ProvisionedThroughput units_of(const std::optional<shapes::ProvisionedThroughputDescription>& from) {
    shapes::ProvisionedThroughput out;
    out.ReadCapacityUnits = from ? from->ReadCapacityUnits.value_or(0) : 0;
    out.WriteCapacityUnits = from ? from->WriteCapacityUnits.value_or(0) : 0;
    return out;
}

bool on_demand(const shapes::TableDescription& table) {
    return table.BillingModeSummary && table.BillingModeSummary->BillingMode == "PAY_PER_REQUEST";
}

shapes::SourceTableDetails source_of(const shapes::TableDescription& table, const flow::Job& backup) {
    shapes::SourceTableDetails out;
    out.TableName = backup.table;
    out.TableId = table.TableId.value_or("");
    out.TableArn = table.TableArn;
    out.TableSizeBytes = table.TableSizeBytes;
    out.KeySchema = table.KeySchema.value_or(std::vector<shapes::KeySchemaElement>());
    out.TableCreationDateTime = table.CreationDateTime.value_or(TimestampMs());
    out.ProvisionedThroughput = units_of(table.ProvisionedThroughput);
    out.OnDemandThroughput = table.OnDemandThroughput;
    out.ItemCount = table.ItemCount;
    out.BillingMode = on_demand(table) ? "PAY_PER_REQUEST" : "PROVISIONED";
    return out;
}

shapes::SourceTableFeatureDetails features_of(const Remembered& from) {
    shapes::SourceTableFeatureDetails out;
    if (from.table.LocalSecondaryIndexes) {
        out.LocalSecondaryIndexes.emplace();
        for (const auto& index : *from.table.LocalSecondaryIndexes) {
            out.LocalSecondaryIndexes->push_back(
                {.IndexName = index.IndexName, .KeySchema = index.KeySchema, .Projection = index.Projection});
        }
    }
    if (from.table.GlobalSecondaryIndexes) {
        out.GlobalSecondaryIndexes.emplace();
        for (const auto& index : *from.table.GlobalSecondaryIndexes) {
            shapes::GlobalSecondaryIndexInfo info;
            info.IndexName = index.IndexName;
            info.KeySchema = index.KeySchema;
            info.Projection = index.Projection;
            info.ProvisionedThroughput = units_of(index.ProvisionedThroughput);
            info.OnDemandThroughput = index.OnDemandThroughput;
            out.GlobalSecondaryIndexes->push_back(std::move(info));
        }
    }
    out.StreamDescription = from.table.StreamSpecification;
    if (!from.ttl_attribute.empty()) {
        out.TimeToLiveDescription.emplace();
        out.TimeToLiveDescription->TimeToLiveStatus = "ENABLED";
        out.TimeToLiveDescription->AttributeName = from.ttl_attribute;
    }
    return out;
}

}  // namespace

Result<std::string> remember(table::Tables& tables, const table::TableRef& table) {
    shapes::DescribeTableOutput description;
    TRY_ASSIGN(description.Table, describe(tables, table));
    return json::serialize(
        json::object{{"table", json::parse(keep_shape(description))}, {"ttl", table->ttl_attribute}});
}

std::string backup_arn(const flow::Job& backup) {
    return table::arn_of(backup.scope, backup.table) + "/backup/" + backup.id;
}

Result<shapes::BackupDetails> details_of(const flow::Job& backup) {
    shapes::BackupDetails out;
    out.BackupArn = backup_arn(backup);
    out.BackupName = backup.name;
    out.BackupStatus = backup.state == flow::JobState::done ? "AVAILABLE" : "CREATING";
    out.BackupType = "USER";
    out.BackupCreationDateTime = backup.created;
    out.BackupSizeBytes = static_cast<int64_t>(backup.bytes);
    return out;
}

Result<shapes::BackupDescription> description_of(const flow::Job& backup) {
    TRY_ASSIGN(const Remembered from, remembered(backup));
    shapes::BackupDescription out;
    TRY_ASSIGN(shapes::BackupDetails details, details_of(backup));
    out.BackupDetails = std::move(details);
    out.SourceTableDetails = source_of(from.table, backup);
    out.SourceTableFeatureDetails = features_of(from);
    return out;
}

Result<shapes::BackupSummary> summarize_backup(const flow::Job& backup) {
    TRY_ASSIGN(const Remembered from, remembered(backup));
    TRY_ASSIGN(const shapes::BackupDetails details, details_of(backup));
    shapes::BackupSummary out;
    out.TableName = backup.table;
    out.TableId = from.table.TableId;
    out.TableArn = from.table.TableArn;
    out.BackupArn = details.BackupArn;
    out.BackupName = details.BackupName;
    out.BackupCreationDateTime = details.BackupCreationDateTime;
    out.BackupStatus = details.BackupStatus;
    out.BackupType = details.BackupType;
    out.BackupSizeBytes = details.BackupSizeBytes;
    return out;
}

Result<TableWish> wish_of(const flow::Job& backup) {
    TRY_ASSIGN(const Remembered from, remembered(backup));
    return wish_of(from.table);
}

TableWish wish_of(const shapes::TableDescription& table) {
    TableWish wish;
    wish.attributes = table.AttributeDefinitions.value_or(std::vector<shapes::AttributeDefinition>());
    wish.key = table.KeySchema.value_or(std::vector<shapes::KeySchemaElement>());
    wish.billing_mode = on_demand(table) ? "PAY_PER_REQUEST" : "PROVISIONED";
    if (on_demand(table)) {
        wish.on_demand = table.OnDemandThroughput;
    } else {
        wish.throughput = units_of(table.ProvisionedThroughput);
    }
    if (table.LocalSecondaryIndexes) {
        wish.local_indexes.emplace();
        for (const auto& index : *table.LocalSecondaryIndexes) {
            shapes::LocalSecondaryIndex local;
            local.IndexName = index.IndexName.value_or("");
            local.KeySchema = index.KeySchema.value_or(std::vector<shapes::KeySchemaElement>());
            local.Projection = index.Projection.value_or(shapes::Projection());
            wish.local_indexes->push_back(std::move(local));
        }
    }
    if (table.GlobalSecondaryIndexes) {
        wish.global_indexes.emplace();
        for (const auto& index : *table.GlobalSecondaryIndexes) {
            shapes::GlobalSecondaryIndex global;
            global.IndexName = index.IndexName.value_or("");
            global.KeySchema = index.KeySchema.value_or(std::vector<shapes::KeySchemaElement>());
            global.Projection = index.Projection.value_or(shapes::Projection());
            if (!on_demand(table)) global.ProvisionedThroughput = units_of(index.ProvisionedThroughput);
            global.OnDemandThroughput = index.OnDemandThroughput;
            wish.global_indexes->push_back(std::move(global));
        }
    }
    return wish;
}

void drop_unused_attributes(TableWish* wish) {
    std::set<std::string> used;
    const auto use = [&](const std::vector<shapes::KeySchemaElement>& key) {
        for (const auto& element : key) used.insert(element.AttributeName);
    };
    use(wish->key);
    for (const auto& index : wish->local_indexes.value_or(std::vector<shapes::LocalSecondaryIndex>())) {
        use(index.KeySchema);
    }
    for (const auto& index : wish->global_indexes.value_or(std::vector<shapes::GlobalSecondaryIndex>())) {
        use(index.KeySchema);
    }
    std::erase_if(wish->attributes, [&](const auto& attribute) { return !used.contains(attribute.AttributeName); });
}

}  // namespace millrace::service::dynamodb
