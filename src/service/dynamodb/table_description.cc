#include "src/service/dynamodb/table_description.h"

#include <algorithm>

#include "src/table/arn.h"
#include "src/table/change_names.h"

namespace millrace::service::dynamodb {

namespace shapes = aws::dynamodb;

namespace {

// What AWS shows where nobody asked for more: on demand starts at these, provisioned at what is provisioned.
constexpr Units warm_on_demand{12'000, 4'000};

template <class Shape>
Shape units(const Units& given) {
    Shape out;
    out.ReadUnitsPerSecond = given.read;
    out.WriteUnitsPerSecond = given.write;
    return out;
}

shapes::OnDemandThroughput on_demand(const Units& given) {
    return {.MaxReadRequestUnits = given.read, .MaxWriteRequestUnits = given.write};
}

Units warm_units(const std::optional<Units>& given, bool is_on_demand, const Throughput& throughput) {
    if (given) return *given;
    return is_on_demand ? warm_on_demand : throughput.units;
}

std::string_view index_status(table::IndexState state) {
    switch (state) {
        case table::IndexState::creating:
            return "CREATING";
        case table::IndexState::deleting:
            return "DELETING";
        case table::IndexState::active:
            break;
    }
    return "ACTIVE";
}

// The attributes that keys use: deleting an index leaves definitions behind that nothing needs.
bool is_used(const table::TableDefinition& table, const std::string& name) {
    return table.key.has(name) || std::any_of(table.indexes.begin(), table.indexes.end(),
                                              [&](const auto& index) { return index.key.has(name); });
}

Status add_index(table::Tables& tables, const table::TableRef& table, const table::Index& index,
                 const TableSettings& settings, shapes::TableDescription* out) {
    TRY_ASSIGN(const table::TableSize size, tables.size(table, &index));
    if (!index.global) {
        shapes::LocalSecondaryIndexDescription local;
        local.IndexName = index.name;
        local.KeySchema = key_schema(index.key);
        local.Projection = projection(index.projection);
        local.IndexSizeBytes = static_cast<int64_t>(size.bytes);
        local.ItemCount = static_cast<int64_t>(size.items);
        local.IndexArn = table::arn_of(*table, index);
        if (!out->LocalSecondaryIndexes) out->LocalSecondaryIndexes.emplace();
        out->LocalSecondaryIndexes->push_back(std::move(local));
        return {};
    }
    TRY_ASSIGN(const IndexSettings own, decode_index_settings(index.settings));
    shapes::GlobalSecondaryIndexDescription global;
    global.IndexName = index.name;
    global.KeySchema = key_schema(index.key);
    global.Projection = projection(index.projection);
    global.IndexStatus = index_status(index.state);
    if (index.state == table::IndexState::creating) global.Backfilling = index.backfilling;
    global.ProvisionedThroughput = throughput(own.throughput);
    global.IndexSizeBytes = static_cast<int64_t>(size.bytes);
    global.ItemCount = static_cast<int64_t>(size.items);
    global.IndexArn = table::arn_of(*table, index);
    if (own.on_demand_max) global.OnDemandThroughput = on_demand(*own.on_demand_max);
    global.WarmThroughput = units<shapes::GlobalSecondaryIndexWarmThroughputDescription>(
        warm_units(own.warm, settings.on_demand, own.throughput));
    global.WarmThroughput->Status = "ACTIVE";
    if (!out->GlobalSecondaryIndexes) out->GlobalSecondaryIndexes.emplace();
    out->GlobalSecondaryIndexes->push_back(std::move(global));
    return {};
}

void add_stream(const table::TableDefinition& table, shapes::TableDescription* out) {
    if (!table.stream) return;
    out->LatestStreamArn = table::arn_of(table, *table.stream);
    out->LatestStreamLabel = table.stream->label;
    if (!table.stream->enabled) return;
    out->StreamSpecification.emplace();
    out->StreamSpecification->StreamEnabled = true;
    out->StreamSpecification->StreamViewType = table::view_name(table.stream->view);
}

void add_billing(const TableSettings& settings, shapes::TableDescription* out) {
    out->ProvisionedThroughput = throughput(settings.throughput);
    if (settings.on_demand || settings.on_demand_since.value() > 0) {
        out->BillingModeSummary.emplace().BillingMode = settings.on_demand ? "PAY_PER_REQUEST" : "PROVISIONED";
        out->BillingModeSummary->LastUpdateToPayPerRequestDateTime = settings.on_demand_since;
    }
    if (settings.on_demand_max) out->OnDemandThroughput = on_demand(*settings.on_demand_max);
    out->WarmThroughput = units<shapes::TableWarmThroughputDescription>(
        warm_units(settings.warm, settings.on_demand, settings.throughput));
    out->WarmThroughput->Status = "ACTIVE";
    if (!settings.table_class.empty()) {
        out->TableClassSummary.emplace().TableClass = settings.table_class;
        if (settings.class_changed.value() > 0) out->TableClassSummary->LastUpdateDateTime = settings.class_changed;
    }
}

}  // namespace

std::vector<shapes::KeySchemaElement> key_schema(const table::KeyNames& key) {
    std::vector<shapes::KeySchemaElement> schema;
    for (size_t i = 0; i < key.size(); ++i) {
        const auto [name, type, is_partition] = key.at(i);
        schema.push_back({.AttributeName = name, .KeyType = is_partition ? "HASH" : "RANGE"});
    }
    return schema;
}

shapes::Projection projection(const table::Projection& from) {
    shapes::Projection out;
    switch (from.kind) {
        case table::Projection::Kind::all:
            out.ProjectionType = "ALL";
            break;
        case table::Projection::Kind::keys_only:
            out.ProjectionType = "KEYS_ONLY";
            break;
        case table::Projection::Kind::include:
            out.ProjectionType = "INCLUDE";
            out.NonKeyAttributes = from.attributes;
            break;
    }
    return out;
}

shapes::ProvisionedThroughputDescription throughput(const Throughput& from) {
    shapes::ProvisionedThroughputDescription out;
    if (from.increased.value() > 0) out.LastIncreaseDateTime = from.increased;
    if (from.decreased.value() > 0) out.LastDecreaseDateTime = from.decreased;
    out.NumberOfDecreasesToday = from.decreases_today;
    out.ReadCapacityUnits = from.units.read;
    out.WriteCapacityUnits = from.units.write;
    return out;
}

std::string_view status_name(const table::TableDefinition& table) {
    switch (table.state) {
        case table::TableState::creating:
            return "CREATING";
        case table::TableState::deleting:
            return "DELETING";
        case table::TableState::updating:
            return "UPDATING";
        case table::TableState::active:
            break;
    }
    // As on AWS, an index on its way keeps the table from further changes of that kind.
    const bool changing = std::any_of(table.indexes.begin(), table.indexes.end(),
                                      [](const auto& index) { return index.state != table::IndexState::active; });
    return changing ? "UPDATING" : "ACTIVE";
}

Result<shapes::TableDescription> describe(table::Tables& tables, const table::TableRef& table) {
    TRY_ASSIGN(const TableSettings settings, decode_table_settings(table->settings));
    TRY_ASSIGN(const table::TableSize size, tables.size(table, nullptr));
    shapes::TableDescription out;
    out.AttributeDefinitions.emplace();
    for (const auto& [name, type] : settings.attributes) {
        if (!is_used(*table, name)) continue;
        out.AttributeDefinitions->push_back(
            {.AttributeName = name, .AttributeType = std::string(table::name_of(type))});
    }
    out.TableName = table->name;
    out.KeySchema = key_schema(table->key);
    out.TableStatus = status_name(*table);
    out.CreationDateTime = table->created;
    out.TableSizeBytes = static_cast<int64_t>(size.bytes);
    out.ItemCount = static_cast<int64_t>(size.items);
    out.TableArn = table::arn_of(*table);
    out.TableId = table->uuid;
    out.DeletionProtectionEnabled = settings.deletion_protection;
    add_billing(settings, &out);
    for (const table::Index& index : table->indexes) TRY(add_index(tables, table, index, settings, &out));
    add_stream(*table, &out);
    if (settings.restored) {
        shapes::RestoreSummary& restored = out.RestoreSummary.emplace();
        if (!settings.restored->backup_arn.empty()) restored.SourceBackupArn = settings.restored->backup_arn;
        if (!settings.restored->table_arn.empty()) restored.SourceTableArn = settings.restored->table_arn;
        restored.RestoreDateTime = settings.restored->time;
        restored.RestoreInProgress = table->state == table::TableState::creating;
    }
    return out;
}

}  // namespace millrace::service::dynamodb
