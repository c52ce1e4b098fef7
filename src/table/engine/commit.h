// One commit being put together: writes are carried out one after the other, each sees what those before it did, and
// what all of them do is gathered in one batch.
//
// Of the committer's thread, until finish().
#pragma once

#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <rocksdb/write_batch.h>

#include "src/table/engine/database.h"
#include "src/table/engine/evaluate.h"
#include "src/table/engine/repeats.h"
#include "src/table/engine/runtime.h"

namespace millrace::table::engine {

// A table's size at one moment, as its Counter had it.
struct CountedSize {
    uint64_t items = 0, bytes = 0, uncounted = 0;
};

class Commit {
  public:
    Commit(const Database& database, CommitterState& state, int64_t now_ms, int64_t token_retention_ms);

    WriteResult write(PreparedWrite& write);
    Result<TransactionOutcome> transact(std::span<PreparedWrite> writes, const std::string& token,
                                        const std::string& digest);

    // For maintenance, which is alone at the beginning of a commit: the store is then what the database says.
    const Database& database() const { return database_; }
    CommitterState& state() { return state_; }
    TimestampMs time() const { return TimestampMs(state_.last_time_ms); }
    void put(Family family, std::string_view key, std::string_view value);
    void erase(Family family, std::string_view key);
    void erase_range(Family family, const std::string& begin, const std::string& end);
    void erase_prefix(Family family, const std::string& prefix) { erase_range(family, prefix, successor(prefix)); }
    void add_index_entry(const TableRuntime& table, size_t index, const Item& item, std::string_view encoded);
    void add_expiry_entry(const TableRuntime& table, const Item& item, std::string_view place);
    // Where the table's size was taken for `then`, it was counted now.
    void correct_size(uint64_t table, const CountedSize& then, uint64_t items, uint64_t bytes);

    // Puts the batch together; it is empty where nothing changed. After it the commit is its batch, its streams and
    // what the cache is told, of any one thread.
    rocksdb::WriteBatch& finish();
    std::span<const Repeat> repeats() const { return repeats_; }  // in the batch
    uint64_t number() const { return number_; }                   // of the View that shows it
    uint64_t next_sequence() const { return next_sequence_; }
    const std::unordered_set<uint64_t>& streams() const { return streams_; }  // that got a change
    // The items it wrote are told to the cache: once durable, before a view shows them.
    void tell_cache() const;

  private:
    struct Key {
        std::string_view bytes;
        uint64_t hash;
        bool operator==(const Key& other) const { return bytes == other.bytes; }
    };
    struct KeyHash {
        size_t operator()(const Key& key) const { return key.hash; }
    };
    struct Written {
        std::optional<StoredItem> item;  // null: erased
        size_t image_at = 0;             // where the batch has it as a change's new image; 0: nowhere
    };
    Result<Effect, WriteError> look(PreparedWrite& write, TableRuntime** table);
    void apply(TableRuntime& table, Effect& effect);
    void apply_indexes(TableRuntime& table, const Effect& effect);
    void apply_expiry(TableRuntime& table, const Effect& effect);
    void record_change(const TableRuntime& table, const Effect& effect, Written* written);
    void append_change(const ChangeStream& stream, StreamView view, const Effect& effect, std::string_view keys,
                       size_t keys_counted, Written* written);
    void repeats_image(const Written& written);
    void keep_history(const TableRuntime& table, const Effect& effect);
    void put_items();

    const Database& database_;
    CommitterState& state_;
    const int64_t token_retention_ms_;
    const uint64_t number_;
    uint64_t next_sequence_ = 0;
    rocksdb::WriteBatch batch_;
    std::unordered_map<Key, Written, KeyHash> overlay_;    // keys live in their PreparedWrites
    std::unordered_map<std::string, std::string> tokens_;  // of this commit; with their digests
    std::unordered_map<uint32_t, std::shared_ptr<Counter>> counted_;
    std::unordered_set<uint64_t> streams_;
    std::vector<Repeat> repeats_;
    std::string scratch_;
};

}  // namespace millrace::table::engine
