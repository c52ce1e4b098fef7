#include "src/table/engine/commit.h"

#include <algorithm>

#include "src/table/engine/change_codec.h"
#include "src/table/engine/index_entries.h"
#include "src/table/value/item_codec.h"

namespace millrace::table::engine {
namespace {

constexpr size_t repeat_bytes_min = 64;  // a repeat takes 12 itself

// Reasons that a transaction's caller is told; anything else (a damaged block) fails the whole call.
bool is_reason(const WriteError& error) {
    return error.error.code == ErrorCode::failed_precondition || error.error.code == ErrorCode::invalid_argument ||
           error.error.code == ErrorCode::not_found;
}

size_t counted_of(std::string_view encoded) {
    const auto counted = counted_bytes_of_encoded(encoded);
    MILLRACE_CHECK(counted.ok());  // we have just made these bytes
    return *counted;
}

}  // namespace

Commit::Commit(const Database& database, CommitterState& state, int64_t now_ms, int64_t token_retention_ms)
    : database_(database), state_(state), token_retention_ms_(token_retention_ms), number_(++state.last_commit) {
    state_.last_time_ms = std::max(state_.last_time_ms, now_ms);
}

void Commit::put(Family family, std::string_view key, std::string_view value) {
    MILLRACE_CHECK(batch_.Put(database_.family(family), slice_of(key), slice_of(value)).ok());
}

void Commit::erase(Family family, std::string_view key) {
    MILLRACE_CHECK(batch_.Delete(database_.family(family), slice_of(key)).ok());
}

void Commit::erase_range(Family family, const std::string& begin, const std::string& end) {
    MILLRACE_CHECK(batch_.DeleteRange(database_.family(family), slice_of(begin), slice_of(end)).ok());
}

// What was read for the write by its caller still holds unless a later commit, or this one, wrote a key of its hash.
Result<Effect, WriteError> Commit::look(PreparedWrite& write, TableRuntime** table) {
    if (write.refused) return *write.refused;
    const auto found = state_.tables.find(write.operation.table->id);
    if (found == state_.tables.end()) {
        return WriteError{{ErrorCode::not_found, "the table " + write.operation.table->name + " is being deleted"}};
    }
    *table = &found->second;
    const TableDefinition& definition = *found->second.definition;
    if (write.blind()) {
        if (may_be_blind(definition, write)) return evaluate(definition, write, std::nullopt, std::nullopt);
        write.weight = 1;  // an index, a stream or the like has come since: look now
    } else if (state_.written(write.key_hash) <= write.looked_at) {
        return evaluate(definition, write, std::move(write.old_item), std::move(write.old_tree));
    }
    if (state_.written(write.key_hash) == number_) {
        if (const auto mine = overlay_.find(Key{write.key, write.key_hash}); mine != overlay_.end()) {
            return evaluate(definition, write, mine->second.item, std::nullopt);
        }
    }
    auto stored = database_.read(Family::items, write.key, nullptr);
    if (!stored) return WriteError{std::move(stored).error()};
    std::optional<StoredItem> old_item;
    if (*stored) old_item = StoredItem(std::move(**stored));
    return evaluate(definition, write, std::move(old_item), std::nullopt);
}

WriteResult Commit::write(PreparedWrite& write) {
    TableRuntime* table = nullptr;
    auto effect = look(write, &table);
    if (!effect) return std::move(effect).error();
    apply(*table, *effect);
    return effect->outcome();
}

Result<TransactionOutcome> Commit::transact(std::span<PreparedWrite> writes, const std::string& token,
                                            const std::string& digest) {
    TransactionOutcome outcome;
    if (!token.empty()) {
        std::optional<std::string> kept;
        if (const auto mine = tokens_.find(token); mine != tokens_.end()) {
            kept = mine->second;
        } else {
            TRY_ASSIGN(const auto stored, database_.read(Family::meta, meta_key('t') + token, nullptr));
            if (stored && static_cast<int64_t>(read_u64(*stored)) > state_.last_time_ms) kept = stored->substr(8);
        }
        if (kept && *kept != digest) {
            return Error{ErrorCode::failed_precondition, "the token was used with another request"};
        }
        if (kept) {
            outcome.committed = outcome.repeated = true;
            return outcome;
        }
    }
    std::vector<std::pair<TableRuntime*, Effect>> effects;
    std::vector<std::optional<WriteError>> reasons(writes.size());
    bool cancelled = false;
    for (size_t i = 0; i < writes.size(); ++i) {
        TableRuntime* table = nullptr;
        auto effect = look(writes[i], &table);
        if (effect) {
            effects.emplace_back(table, std::move(effect).value());
            continue;
        }
        if (!is_reason(effect.error())) return std::move(effect).error().error;
        reasons[i] = std::move(effect).error();
        cancelled = true;
    }
    if (cancelled) {
        outcome.reasons = std::move(reasons);
        return outcome;
    }
    for (auto& [table, effect] : effects) {
        apply(*table, effect);
        outcome.outcomes.push_back(effect.outcome());
    }
    if (!token.empty()) {
        std::string value;
        append_u64(static_cast<uint64_t>(state_.last_time_ms + token_retention_ms_), &value);
        put(Family::meta, meta_key('e') + value + token, "");
        put(Family::meta, meta_key('t') + token, value + digest);
        tokens_.emplace(token, digest);
    }
    outcome.committed = true;
    return outcome;
}

void Commit::apply(TableRuntime& table, Effect& effect) {
    if (!effect.changes) return;
    const PreparedWrite& write = *effect.write;
    if (effect.new_item) table.size->add(effect.new_counted, write.weight);
    if (effect.old_item) table.size->subtract(effect.old_counted, write.weight);
    if (write.weight != 1) table.size->uncounted.fetch_add(1, std::memory_order_relaxed);
    counted_[table.definition->data_id] = table.size;
    Written& written = overlay_[Key{write.key, write.key_hash}];
    written = {effect.new_item};
    state_.written(write.key_hash) = number_;
    if (!table.indexes.empty()) apply_indexes(table, effect);
    if (table.definition->ttl_id != 0) apply_expiry(table, effect);
    if (!write.plain) {
        record_change(table, effect, &written);
        if (table.definition->history) keep_history(table, effect);
    }
    ++state_.next_sequence;
}

void Commit::apply_indexes(TableRuntime& table, const Effect& effect) {
    const TableDefinition& definition = *table.definition;
    for (size_t i = 0; i < table.indexes.size(); ++i) {
        const Index& index = definition.indexes[i];
        if (index.state == IndexState::deleting) continue;
        if (!is_filled(table.indexes[i].filled_to, place_of(effect.write->key))) continue;
        std::optional<std::string> old_key, new_key;
        std::string old_value, new_value;
        if (effect.old_tree) old_key = index_key(index, definition.key, *effect.old_tree);
        if (old_key) old_value = index_value(index, definition.key, *effect.old_tree, effect.old_item->bytes());
        if (effect.new_tree) new_key = index_key(index, definition.key, *effect.new_tree);
        if (new_key) new_value = index_value(index, definition.key, *effect.new_tree, effect.new_item->bytes());
        if (old_key == new_key && old_value == new_value) continue;
        Counter& size = *table.indexes[i].size;
        if (old_key) size.subtract(counted_of(old_value));
        if (old_key && old_key != new_key) erase(Family::indexes, *old_key);
        if (new_key) {
            size.add(counted_of(new_value));
            put(Family::indexes, *new_key, new_value);
        }
        counted_[index.id] = table.indexes[i].size;
    }
}

void Commit::correct_size(uint64_t table, const CountedSize& then, uint64_t items, uint64_t bytes) {
    const auto found = state_.tables.find(table);
    if (found == state_.tables.end()) return;
    Counter& size = *found->second.size;
    const auto correct = [](std::atomic<uint64_t>* now, uint64_t thought, uint64_t counted) {
        const uint64_t sum = now->load(std::memory_order_relaxed) + counted;
        now->store(sum - std::min(sum, thought), std::memory_order_relaxed);
    };
    correct(&size.items, then.items, items);
    correct(&size.bytes, then.bytes, bytes);
    size.uncounted.fetch_sub(then.uncounted, std::memory_order_relaxed);
    counted_[found->second.definition->data_id] = found->second.size;
}

void Commit::add_index_entry(const TableRuntime& table, size_t i, const Item& item, std::string_view encoded) {
    const TableDefinition& definition = *table.definition;
    const Index& index = definition.indexes[i];
    const auto key = index_key(index, definition.key, item);
    if (!key) return;
    const std::string value = index_value(index, definition.key, item, encoded);
    put(Family::indexes, *key, value);
    table.indexes[i].size->add(counted_of(value));
    counted_[index.id] = table.indexes[i].size;
}

void Commit::apply_expiry(TableRuntime& table, const Effect& effect) {
    const std::string_view place = place_of(effect.write->key);
    if (!is_filled(table.expiry_filled_to, place)) return;
    const TableDefinition& definition = *table.definition;
    std::optional<uint64_t> before, after;
    if (effect.old_tree) before = expiry_second(definition, *effect.old_tree);
    if (effect.new_tree) after = expiry_second(definition, *effect.new_tree);
    if (before == after) return;
    if (before) erase(Family::indexes, expiry_key(definition.ttl_id, *before, place));
    if (after) add_expiry_entry(table, *effect.new_tree, place);
}

void Commit::add_expiry_entry(const TableRuntime& table, const Item& item, std::string_view place) {
    const auto second = expiry_second(*table.definition, item);
    if (!second) return;
    put(Family::indexes, expiry_key(table.definition->ttl_id, *second, place), "");
    uint64_t from = table.sweep_from->load();
    while (*second < from && !table.sweep_from->compare_exchange_weak(from, *second)) {
    }
}

void Commit::record_change(const TableRuntime& table, const Effect& effect, Written* written) {
    const TableDefinition& definition = *table.definition;
    const bool on = definition.stream && definition.stream->enabled;
    const bool copied = definition.copied_stream && definition.copied_stream->enabled;
    if (!on && !copied) return;
    const Item keys = keys_of(definition.key, effect.write->operation.item);
    const std::string encoded = encode_item(keys);
    const size_t counted = counted_of(encoded);
    if (on) append_change(*definition.stream, definition.stream->view, effect, encoded, counted, written);
    if (copied) {
        append_change(*definition.copied_stream, StreamView::new_and_old_images, effect, encoded, counted, written);
    }
}

void Commit::append_change(const ChangeStream& stream, StreamView view, const Effect& effect, std::string_view keys,
                           size_t keys_counted, Written* written) {
    ChangeRecord record;
    record.kind = !effect.old_item ? ChangeKind::insert : effect.new_item ? ChangeKind::modify : ChangeKind::remove;
    record.time = TimestampMs(state_.last_time_ms);
    record.by_ttl = effect.write->operation.by_ttl;
    record.keys = keys;
    record.counted = keys_counted;
    const bool both = view == StreamView::new_and_old_images;
    if ((both || view == StreamView::old_image) && effect.old_item) {
        record.old_image = effect.old_item->bytes();
        record.counted += effect.old_counted;
    }
    if ((both || view == StreamView::new_image) && effect.new_item) {
        record.new_image = effect.new_item->bytes();
        record.counted += effect.new_counted;
    }
    scratch_.clear();
    append_change_head(record, &scratch_);
    const std::string key = change_key(stream.id, state_.next_sequence);
    const rocksdb::Slice key_part = slice_of(key);
    const rocksdb::Slice parts[] = {slice_of(scratch_), slice_of(record.new_image.value_or(std::string_view()))};
    MILLRACE_CHECK(
        batch_.Put(database_.family(Family::changes), rocksdb::SliceParts(&key_part, 1), rocksdb::SliceParts(parts, 2))
            .ok());
    streams_.insert(stream.id);
    if (!record.new_image) return;
    repeats_image(*written);
    if (written->image_at == 0) written->image_at = batch_.GetDataSize() - record.new_image->size();
}

// The bytes put last end with an item that may be in the batch already.
void Commit::repeats_image(const Written& written) {
    const size_t size = written.item->bytes().size();
    if (written.image_at == 0 || size < repeat_bytes_min) return;
    repeats_.push_back({batch_.GetDataSize() - size, written.image_at, size});
}

void Commit::keep_history(const TableRuntime& table, const Effect& effect) {
    std::string key = effect.write->key;  // begins with the data's id, as history's keys do
    append_u64(static_cast<uint64_t>(state_.last_time_ms), &key);
    append_u64(state_.next_sequence, &key);
    scratch_.assign(1, effect.old_item ? '\x01' : '\x00');
    if (effect.old_item) scratch_.append(effect.old_item->bytes());
    put(Family::history, key, scratch_);
}

void Commit::tell_cache() const {
    for (const auto& [key, written] : overlay_) {
        database_.item_cache().written(key.bytes, key.hash, number_, written.item);
    }
}

// Each key once, with what it has in the end, and in order: RocksDB's memtable finds the next place from the last.
void Commit::put_items() {
    std::vector<const decltype(overlay_)::value_type*> written;
    written.reserve(overlay_.size());
    for (const auto& each : overlay_) written.push_back(&each);
    std::sort(written.begin(), written.end(),
              [](const auto* one, const auto* other) { return one->first.bytes < other->first.bytes; });
    for (const auto* each : written) {
        if (each->second.item) {
            put(Family::items, each->first.bytes, each->second.item->bytes());
            repeats_image(each->second);
        } else {
            erase(Family::items, each->first.bytes);
        }
    }
}

rocksdb::WriteBatch& Commit::finish() {
    put_items();
    std::string value;
    for (const auto& [id, counter] : counted_) {
        value.clear();
        append_u64(counter->items.load(std::memory_order_relaxed), &value);
        append_u64(counter->bytes.load(std::memory_order_relaxed), &value);
        const uint64_t uncounted = counter->uncounted.load(std::memory_order_relaxed);
        if (uncounted != 0) append_u64(uncounted, &value);
        put(Family::meta, meta_key('c', id), value);
    }
    if (batch_.Count() > 0) {
        value.clear();
        append_u64(state_.next_sequence, &value);
        append_u64(static_cast<uint64_t>(state_.last_time_ms), &value);
        append_u64(++state_.logged, &value);
        put(Family::meta, meta_key('s'), value);
    }
    next_sequence_ = state_.next_sequence;
    return batch_;
}

}  // namespace millrace::table::engine
