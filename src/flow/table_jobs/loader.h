// Items on their way into a table that nobody else writes to yet, in batches of bounded size.
#pragma once

#include <vector>

#include "src/base/result.h"
#include "src/table/tables.h"

namespace millrace::flow {

class Loader {
  public:
    Loader(table::Tables& tables, table::TableRef table) : tables_(tables), table_(std::move(table)) {}
    Status add(table::Item item, size_t counted_bytes);
    Status flush();  // what was added is durable on return
    uint64_t items() const { return items_; }
    uint64_t bytes() const { return bytes_; }

  private:
    table::Tables& tables_;
    const table::TableRef table_;
    std::vector<table::Item> batch_;
    size_t batch_bytes_ = 0;
    uint64_t items_ = 0;
    uint64_t bytes_ = 0;
};

// The table that a job fills, while it is still being made; not_found where it was removed meanwhile.
Result<table::TableRef> table_being_made(table::Tables& tables, const Scope& scope, const std::string& name,
                                         uint64_t id);
// From here on everybody may use it.
Status finish_table(table::Tables& tables, const table::TableDefinition& table);
// A table that could not be filled goes.
void drop_unfinished(table::Tables& tables, const Scope& scope, const std::string& name, uint64_t id);

}  // namespace millrace::flow
