#include "src/table/engine/prepare.h"

#include "src/table/engine/index_entries.h"
#include "src/table/engine/reads.h"
#include "src/table/value/item_codec.h"

namespace millrace::table::engine {
namespace {

constexpr size_t overhead_bytes = 512;  // of a write that waits, beside its items

}  // namespace

PreparedWrite prepare(WriteOperation operation) {
    PreparedWrite write(std::move(operation));
    const TableDefinition& table = *write.operation.table;
    write.bytes = overhead_bytes;
    auto key = item_key(table.data_id, table.key, write.operation.item);
    if (!key) {
        write.refused = WriteError{std::move(key).error()};
        return write;
    }
    write.key = std::move(key).value();
    write.key_hash = std::hash<std::string_view>()(write.key);
    write.bytes += write.key.size();
    if (write.operation.kind != WriteOperation::Kind::put) return write;
    write.new_counted = counted_bytes(write.operation.item);
    if (write.new_counted > item_bytes_max) {
        write.refused = WriteError{{ErrorCode::invalid_argument, "Item size has exceeded the maximum allowed size"}};
        return write;
    }
    write.new_item = StoredItem(encode_item(write.operation.item));
    write.bytes += 2 * write.new_item->bytes().size();
    return write;
}

bool look_up(const Database& database, const View& view, bool cached_only, PreparedWrite* write) {
    if (write->refused) return true;
    auto stored = read_item(database, view, write->key, write->key_hash, cached_only);
    if (!stored) {
        if (cached_only && stored.error().code == ErrorCode::unavailable) return false;
        write->refused = WriteError{std::move(stored).error()};
        return true;
    }
    write->looked_at = view.commit;
    if (!*stored) return true;
    write->bytes += (*stored)->bytes().size();
    write->old_item = *std::move(stored);
    if (!needs_old_tree(*write)) return true;
    auto tree = write->old_item->item();
    if (!tree) {
        write->refused = WriteError{std::move(tree).error()};
        return true;
    }
    write->bytes += 2 * write->old_item->bytes().size();
    write->old_tree = std::move(tree).value();
    return true;
}

}  // namespace millrace::table::engine
