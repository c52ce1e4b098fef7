#include "src/service/dynamodb/table_schema.h"

#include <algorithm>
#include <set>

#include "src/service/dynamodb/errors.h"

namespace millrace::service::dynamodb {

namespace shapes = aws::dynamodb;
using aws::Failure;
using aws::Outcome;

namespace {

Outcome<table::Projection> projection_of(const shapes::Projection& wish) {
    if (!wish.ProjectionType) return invalid_parameter("Unknown ProjectionType: null");
    const std::string& type = *wish.ProjectionType;
    if (wish.NonKeyAttributes && type != "INCLUDE") {
        return invalid_parameter("ProjectionType is " + type + ", but NonKeyAttributes is specified");
    }
    table::Projection projection;
    if (type == "KEYS_ONLY") projection.kind = table::Projection::Kind::keys_only;
    if (type == "INCLUDE") {
        if (!wish.NonKeyAttributes) {
            return invalid_parameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
        }
        projection.kind = table::Projection::Kind::include;
        projection.attributes = *wish.NonKeyAttributes;
        const std::set<std::string> distinct(projection.attributes.begin(), projection.attributes.end());
        if (distinct.size() != projection.attributes.size()) {
            return invalid_parameter("Duplicate attribute in NonKeyAttributes: " + listed(projection.attributes));
        }
    }
    return projection;
}

Outcome<table::Index> local_index(const shapes::LocalSecondaryIndex& wish, const table::KeyNames& table_key,
                                  const Attributes& attributes) {
    if (auto failure = check_two_at_most(wish.KeySchema, "localSecondaryIndexes.keySchema")) return *std::move(failure);
    table::Index index;
    index.name = wish.IndexName;
    index.global = false;
    TRY_ASSIGN(index.key, key_names(wish.KeySchema, attributes));
    if (index.key.sort.empty()) {
        return invalid_parameter("Index KeySchema does not have a range key for index: " + wish.IndexName);
    }
    if (index.key.partition != table_key.partition) {
        return invalid_parameter(
            "Index KeySchema does not have the same leading hash key as table KeySchema for index: " + wish.IndexName +
            ". index hash key: " + index.key.partition + ", table hash key: " + table_key.partition);
    }
    TRY_ASSIGN(index.projection, projection_of(wish.Projection));
    return index;
}

std::optional<Failure> apply_billing(const TableWish& wish, TableSettings* settings) {
    settings->on_demand = wish.billing_mode.value_or("PROVISIONED") == "PAY_PER_REQUEST";
    settings->on_demand_max = units_of(wish.on_demand);
    settings->warm = units_of(wish.warm);
    if (settings->on_demand) {
        if (wish.throughput) {
            return invalid_parameter(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                "BillingMode is PAY_PER_REQUEST");
        }
        return std::nullopt;
    }
    if (!wish.throughput) {
        return invalid_parameter(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED");
    }
    if (wish.on_demand) {
        return invalid_parameter("OnDemandThroughput can not be specified when BillingMode is PROVISIONED");
    }
    if (auto failure = check_units(*wish.throughput)) return failure;
    settings->throughput.units = {wish.throughput->ReadCapacityUnits, wish.throughput->WriteCapacityUnits};
    return std::nullopt;
}

std::optional<Failure> apply_indexes(const TableWish& wish, table::TableDefinition* definition,
                                     const TableSettings& settings) {
    if (wish.local_indexes) {
        if (wish.local_indexes->empty()) return invalid_parameter("List of LocalSecondaryIndexes is empty");
        if (definition->key.sort.empty()) {
            return invalid_parameter(
                "Table KeySchema does not have a range key, which is required when specifying a "
                "LocalSecondaryIndex");
        }
        for (const auto& one : *wish.local_indexes) {
            auto index = local_index(one, definition->key, settings.attributes);
            if (!index.ok()) return std::move(index).error();
            definition->indexes.push_back(*std::move(index));
        }
        if (wish.local_indexes->size() > local_indexes_max) {
            return invalid_parameter("Number of LocalSecondaryIndexes exceeds per-table limit of " +
                                     std::to_string(local_indexes_max));
        }
    }
    if (wish.global_indexes) {
        if (wish.global_indexes->empty()) return invalid_parameter("List of GlobalSecondaryIndexes is empty");
        for (const auto& one : *wish.global_indexes) {
            auto index = global_index(one, settings.attributes, settings.on_demand);
            if (!index.ok()) return std::move(index).error();
            definition->indexes.push_back(*std::move(index));
        }
        if (wish.global_indexes->size() > global_indexes_max) {
            return invalid_parameter("GlobalSecondaryIndex count exceeds the per-table limit of " +
                                     std::to_string(global_indexes_max));
        }
    }
    return check_indexes(definition->indexes);
}

}  // namespace

Outcome<table::Index> global_index(const shapes::GlobalSecondaryIndex& wish, const Attributes& attributes,
                                   bool on_demand) {
    table::Index index;
    index.name = wish.IndexName;
    TRY_ASSIGN(index.key, global_key_names(wish.KeySchema, attributes));
    TRY_ASSIGN(index.projection, projection_of(wish.Projection));
    IndexSettings settings;
    settings.on_demand_max = units_of(wish.OnDemandThroughput);
    settings.warm = units_of(wish.WarmThroughput);
    if (on_demand && wish.ProvisionedThroughput) {
        return invalid_parameter("ProvisionedThroughput should not be specified for index: " + wish.IndexName +
                                 " when BillingMode is PAY_PER_REQUEST");
    }
    if (!on_demand) {
        if (!wish.ProvisionedThroughput) {
            return invalid_parameter("ProvisionedThroughput must be specified for index: " + wish.IndexName);
        }
        if (auto failure = check_units(*wish.ProvisionedThroughput)) return *std::move(failure);
        settings.throughput.units = {wish.ProvisionedThroughput->ReadCapacityUnits,
                                     wish.ProvisionedThroughput->WriteCapacityUnits};
    }
    index.settings = encode(settings);
    return index;
}

std::optional<Failure> check_indexes(const std::vector<table::Index>& indexes) {
    std::set<std::string> names;
    size_t projected = 0;
    for (const table::Index& index : indexes) {
        if (!names.insert(index.name).second) return invalid_parameter("Duplicate index name: " + index.name);
        projected += index.projection.attributes.size();
    }
    if (projected > projected_attributes_max) {
        return invalid_parameter("Number of NonKeyAttributes of all indexes exceeds the per-table limit of " +
                                 std::to_string(projected_attributes_max));
    }
    return std::nullopt;
}

std::optional<Failure> check_units(const shapes::ProvisionedThroughput& throughput) {
    for (const auto& [name, value] :
         {std::pair<std::string, int64_t>("ReadCapacityUnits", throughput.ReadCapacityUnits),
          {"WriteCapacityUnits", throughput.WriteCapacityUnits}}) {
        if (value > units_max)
            return validation("Given value " + std::to_string(value) + " for " + name + " is out of bounds");
    }
    return std::nullopt;
}

std::optional<Units> units_of(const std::optional<shapes::OnDemandThroughput>& given) {
    if (!given) return std::nullopt;
    return Units{given->MaxReadRequestUnits.value_or(-1), given->MaxWriteRequestUnits.value_or(-1)};
}
std::optional<Units> units_of(const std::optional<shapes::WarmThroughput>& given) {
    if (!given) return std::nullopt;
    return Units{given->ReadUnitsPerSecond.value_or(0), given->WriteUnitsPerSecond.value_or(0)};
}

Outcome<std::optional<table::ChangeStream>> stream_of(const shapes::StreamSpecification& wish) {
    if (!wish.StreamEnabled) {
        if (wish.StreamViewType) {
            return invalid_parameter("StreamViewType can not be specified when StreamEnabled is false");
        }
        return std::optional<table::ChangeStream>();
    }
    if (!wish.StreamViewType) {
        return invalid_parameter("StreamViewType must be specified when StreamEnabled is true");
    }
    table::ChangeStream stream;
    if (*wish.StreamViewType == "KEYS_ONLY") stream.view = table::StreamView::keys_only;
    if (*wish.StreamViewType == "NEW_IMAGE") stream.view = table::StreamView::new_image;
    if (*wish.StreamViewType == "OLD_IMAGE") stream.view = table::StreamView::old_image;
    return std::optional(stream);
}

std::optional<Failure> check_encryption(const std::optional<shapes::SSESpecification>& wish) {
    if (!wish) return std::nullopt;
    if (wish->Enabled.value_or(false) || wish->SSEType || wish->KMSMasterKeyId) {
        return validation(
            "Millrace does not honour the parameter SSESpecification: there are no KMS keys; encrypt the "
            "disk under the data directory instead");
    }
    return std::nullopt;
}

std::optional<Failure> apply(const TableWish& wish, table::TableDefinition* definition, TableSettings* settings) {
    if (auto failure = check_two_at_most(wish.key, "keySchema")) return failure;
    if (auto failure = apply_billing(wish, settings)) return failure;
    if (auto failure = add_attributes(wish.attributes, &settings->attributes)) return failure;
    if (wish.key.size() > settings->attributes.size()) {
        return validation("Invalid KeySchema: Some index key attribute have no definition");
    }
    auto key = key_names(wish.key, settings->attributes);
    if (!key.ok()) return std::move(key).error();
    definition->key = *std::move(key);
    if (auto failure = apply_indexes(wish, definition, *settings)) return failure;
    return check_used(*definition, settings->attributes);
}

}  // namespace millrace::service::dynamodb
