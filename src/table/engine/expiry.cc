// Deleting expired items: a walk over the expiry entries that are due, not over the items.
//
// Every delete is a write like others, which holds only if the item is still expired when its turn comes, and which its
// stream shows as the TTL service's. A sweep starts where the last one ended, unless an entry was written before that
// (an item that was put when it had expired already).
#include <future>

#include "src/io/clock.h"
#include "src/table/engine/background.h"
#include "src/table/engine/index_entries.h"
#include "src/table/engine/prepare.h"
#include "src/table/value/item_codec.h"

namespace millrace::table::engine {
namespace {

constexpr size_t sweep_items = 256;  // a commit, and then others have their turn

Result<Item> key_of_place(const KeyNames& names, std::string_view place) {
    place.remove_prefix(std::min<size_t>(4, place.size()));
    Item key;
    TRY_ASSIGN(AttributeValue partition, take_key_value(&place, names.partition_type));
    key.set(names.partition, std::move(partition));
    if (names.sort.empty()) return key;
    TRY_ASSIGN(AttributeValue sort, take_key_value(&place, names.sort_type));
    key.set(names.sort, std::move(sort));
    return key;
}

void lower(std::atomic<uint64_t>& second, uint64_t to) {
    uint64_t now = second.load();
    while (to < now && !second.compare_exchange_weak(now, to)) {
    }
}

}  // namespace

bool Background::sweep_expired() {
    bool more = false;
    for (const TableRef& table : definitions_.all()) {
        if (table->ttl_id != 0 && !stopping()) more |= sweep_table(table);
    }
    return more;
}

bool Background::sweep_table(const TableRef& table) {
    const auto sweep_from = definitions_.sweep_from(*table);
    if (!sweep_from) return false;
    const int64_t now_s = clock_.now().value() / 1000;
    if (now_s <= 0) return false;
    const auto end_s = static_cast<uint64_t>(now_s);  // expired: before this second
    const uint64_t last = sweep_from->exchange(end_s);
    if (last > end_s) lower(*sweep_from, last);  // the clock was set back
    const uint64_t oldest = end_s > expired_seconds_max ? end_s - expired_seconds_max : 0;
    uint64_t reached = end_s;

    const auto view = committer_.view();
    const std::string begin = expiry_key(table->ttl_id, std::max(last, oldest), "");
    const std::string end = expiry_key(table->ttl_id, end_s, "");
    if (begin >= end) return false;
    const rocksdb::Slice from = slice_of(begin), to = slice_of(end);
    Waiting waiting;
    bool more = false;
    {
        const auto cursor = database_.walk(Family::indexes, &from, &to, view->snapshot());
        for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
            const std::string_view key = cursor->key().ToStringView();
            if (waiting.writes.size() >= sweep_items) {
                reached = read_u64(key.substr(4));
                more = true;
                break;
            }
            auto item_keys = key_of_place(table->key, key.substr(12));
            if (!item_keys) continue;
            PreparedWrite write = prepare({.kind = WriteOperation::Kind::erase,
                                           .table = table,
                                           .item = std::move(item_keys).value(),
                                           .by_ttl = true});
            write.expire = true;
            write.expire_now_s = now_s;
            look_up(database_, *view, /*cached_only=*/false, &write);
            waiting.bytes += write.bytes;
            waiting.writes.push_back(std::move(write));
        }
        if (!cursor->status().ok()) reached = std::max(last, oldest);
    }
    bool failed = false;
    if (!waiting.writes.empty()) {
        std::promise<bool> all_done;
        waiting.done_each = [&](const std::vector<WriteResult>& results) {
            bool good = true;
            for (const WriteResult& result : results) {
                if (!result && result.error().error.code == ErrorCode::resource_exhausted) good = false;
            }
            all_done.set_value(good);
        };
        committer_.submit(std::move(waiting));
        failed = !all_done.get_future().get();
    }
    if (failed) {
        lower(*sweep_from, std::max(last, oldest));
        return false;
    }
    if (reached < end_s) lower(*sweep_from, reached);
    return more;
}

}  // namespace millrace::table::engine
