// What CreateTable, UpdateTable, restores and imports ask a table to look like, checked in AWS's order and words, and
// turned into the engine's definition.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/dynamodb/shapes.h"

#include "src/aws/failure.h"
#include "src/service/dynamodb/key_schema.h"
#include "src/service/dynamodb/table_settings.h"
#include "src/table/definition.h"

namespace millrace::service::dynamodb {

constexpr size_t global_indexes_max = 20;
constexpr size_t local_indexes_max = 5;
constexpr size_t projected_attributes_max = 100;  // NonKeyAttributes over all indexes of a table
constexpr int64_t units_max = 1'000'000'000'000;

// A table as it is asked for. Each optional is as the request has it.
struct TableWish {
    std::vector<aws::dynamodb::AttributeDefinition> attributes;
    std::vector<aws::dynamodb::KeySchemaElement> key;
    std::optional<std::string> billing_mode;
    std::optional<aws::dynamodb::ProvisionedThroughput> throughput;
    std::optional<aws::dynamodb::OnDemandThroughput> on_demand;
    std::optional<aws::dynamodb::WarmThroughput> warm;
    std::optional<std::vector<aws::dynamodb::LocalSecondaryIndex>> local_indexes;
    std::optional<std::vector<aws::dynamodb::GlobalSecondaryIndex>> global_indexes;
};
// Fills key, indexes and settings of *definition and *settings (which is not yet encoded into it).
std::optional<aws::Failure> apply(const TableWish& wish, table::TableDefinition* definition, TableSettings* settings);

// One GSI, of CreateTable's list or of UpdateTable.
aws::Outcome<table::Index> global_index(const aws::dynamodb::GlobalSecondaryIndex& wish, const Attributes& attributes,
                                        bool on_demand);
// NonKeyAttributes over all indexes, and names that appear twice.
std::optional<aws::Failure> check_indexes(const std::vector<table::Index>& indexes);

std::optional<aws::Failure> check_units(const aws::dynamodb::ProvisionedThroughput& throughput);
std::optional<Units> units_of(const std::optional<aws::dynamodb::OnDemandThroughput>& given);
std::optional<Units> units_of(const std::optional<aws::dynamodb::WarmThroughput>& given);
// CreateTable's and UpdateTable's: what turns a stream on; null where it asks for none.
aws::Outcome<std::optional<table::ChangeStream>> stream_of(const aws::dynamodb::StreamSpecification& wish);
// Items are kept as they come: whoever asks for encryption is told that there is none.
std::optional<aws::Failure> check_encryption(const std::optional<aws::dynamodb::SSESpecification>& wish);

}  // namespace millrace::service::dynamodb
