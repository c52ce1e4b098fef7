#include "src/flow/table_jobs/loader.h"

#include <cstdio>

namespace millrace::flow {
namespace {

constexpr size_t batch_items_max = 2000;
constexpr size_t batch_bytes_max = 4 << 20;

}  // namespace

Status Loader::add(table::Item item, size_t counted_bytes) {
    batch_.push_back(std::move(item));
    batch_bytes_ += counted_bytes;
    return batch_.size() >= batch_items_max || batch_bytes_ >= batch_bytes_max ? flush() : Status();
}

Status Loader::flush() {
    if (batch_.empty()) return {};
    const size_t count = batch_.size();
    TRY(tables_.load(table_, std::move(batch_)));
    items_ += count;
    bytes_ += batch_bytes_;
    batch_.clear();
    batch_bytes_ = 0;
    return {};
}

Result<table::TableRef> table_being_made(table::Tables& tables, const Scope& scope, const std::string& name,
                                         uint64_t id) {
    TRY_ASSIGN(table::TableRef table, tables.find(scope, name));
    if (table->id != id || table->state != table::TableState::creating) {
        return {ErrorCode::not_found, "the table " + name + " was deleted before it was made"};
    }
    return table;
}

Status finish_table(table::Tables& tables, const table::TableDefinition& table) {
    auto finished = tables.update(table.scope, table.name, [&](table::TableDefinition* definition) -> Status {
        if (definition->id != table.id) return {ErrorCode::not_found, "the table was deleted"};
        definition->state = table::TableState::active;
        return {};
    });
    return finished.ok() ? Status() : Status(finished.error());
}

void drop_unfinished(table::Tables& tables, const Scope& scope, const std::string& name, uint64_t id) {
    if (!table_being_made(tables, scope, name, id).ok()) return;
    if (const Status removed = tables.remove(scope, name); !removed.ok()) {
        std::fprintf(stderr, "millrace: the table %s, which could not be filled, could not be removed: %s\n",
                     name.c_str(), removed.error().message.c_str());
    }
}

}  // namespace millrace::flow
