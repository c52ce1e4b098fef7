// What a write does to the item it finds. Pure: nothing is written here, so that a transaction can look at all of its
// writes before it carries one out.
#pragma once

#include <optional>

#include "src/table/engine/prepared_write.h"

namespace millrace::table::engine {

struct Effect {
    PreparedWrite* write = nullptr;
    bool changes = false;  // false: the item stays as it is (a check; the same again; an erase of nothing)
    std::optional<StoredItem> old_item, new_item;
    std::optional<Item> old_tree;  // where needs_old_tree() or an index will want it
    std::optional<Item> new_tree;  // of a put and an update
    size_t old_counted = 0, new_counted = 0;

    WriteOutcome outcome() const;  // as the operation wants it
};

// `old_tree`: of `old_item`, where somebody has it already. Errors as WriteError's.
Result<Effect, WriteError> evaluate(const TableDefinition& definition, PreparedWrite& write,
                                    std::optional<StoredItem> old_item, std::optional<Item> old_tree);

}  // namespace millrace::table::engine
