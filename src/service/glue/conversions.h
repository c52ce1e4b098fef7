// The model's structs to the catalogue's and back. What the catalogue does not know of is kept as JSON beside it
// (extra_json) and comes back as it was sent.
#pragma once

#include "aws/glue/shapes.h"

#include "src/base/scope.h"
#include "src/catalog/lake.h"

namespace millrace::service::glue {

catalog::Database from_wire(const aws::glue::DatabaseInput& input);
catalog::Table from_wire(std::string_view database, const aws::glue::TableInput& input);
catalog::Partition from_wire(const aws::glue::PartitionInput& input);

aws::glue::Database to_wire(const Scope& scope, const catalog::Database& database);
aws::glue::Table to_wire(const Scope& scope, const catalog::Table& table);
aws::glue::Partition to_wire(const Scope& scope, std::string_view database, std::string_view table,
                             const catalog::Partition& partition);

}  // namespace millrace::service::glue
