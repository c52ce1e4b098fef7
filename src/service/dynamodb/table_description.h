// A table as DescribeTable shows it.
#pragma once

#include "aws/dynamodb/shapes.h"

#include "src/service/dynamodb/table_settings.h"
#include "src/table/tables.h"

namespace millrace::service::dynamodb {

// corruption where its settings do not parse.
Result<aws::dynamodb::TableDescription> describe(table::Tables& tables, const table::TableRef& table);

std::vector<aws::dynamodb::KeySchemaElement> key_schema(const table::KeyNames& key);
aws::dynamodb::Projection projection(const table::Projection& projection);
aws::dynamodb::ProvisionedThroughputDescription throughput(const Throughput& throughput);
std::string_view status_name(const table::TableDefinition& table);  // "ACTIVE"

}  // namespace millrace::service::dynamodb
