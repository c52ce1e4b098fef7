// A write on its way to the committer, taken as far as its caller's thread could: its key, its bytes, and what was
// stored there a moment ago.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/table/tables.h"

namespace millrace::table::engine {

struct PreparedWrite {
    WriteOperation operation;
    bool expire = false;  // an erase that holds only where the item has expired by `expire_now`
    int64_t expire_now_s = 0;
    bool plain = false;                 // load(): no stream, no history, no check of index keys
    std::optional<WriteError> refused;  // found out before it got here

    std::string key;  // in Family::items
    uint64_t key_hash = 0;
    std::optional<StoredItem> new_item;  // of a put
    size_t new_counted = 0;

    // How many writes this one stands for in its table's size: 1; or, where the table is large and the item before is
    // of no other use, 0 for a blind one, which does not look, and blind_sample for one in so many, which does. So the
    // size is right on average, whatever it is that is written.
    uint32_t weight = 1;
    bool blind() const { return weight == 0; }

    uint64_t looked_at = 0;  // the commit as of which `old_item` was there
    std::optional<StoredItem> old_item;
    std::optional<Item> old_tree;  // the same, where it will be looked into
    size_t bytes = 0;              // held while it waits

    explicit PreparedWrite(WriteOperation an_operation) : operation(std::move(an_operation)) {}
};

constexpr uint32_t blind_sample = 32;

// Whether carrying it out looks into the item that was there.
bool needs_old_tree(const PreparedWrite& write);
// Whether it comes out the same whatever was there, but for the table's size.
bool may_be_blind(const TableDefinition& definition, const PreparedWrite& write);

}  // namespace millrace::table::engine
