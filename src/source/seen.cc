#include "src/source/seen.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <set>

#include "src/base/checksum.h"

namespace millrace::source {
namespace {

constexpr std::string_view seen_prefix = "source/seen/";
constexpr size_t id_digits = 16;
constexpr size_t extra_forgotten = 10'000;  // a write
constexpr size_t batch_max = 10'000;

std::string number_bytes(uint64_t value) {
    std::string out;
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
    return out;
}

std::optional<uint64_t> number_of(std::string_view bytes) {
    if (bytes.size() != 8) return std::nullopt;
    uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

std::string prefix_of(uint64_t id) {
    std::string out(seen_prefix);
    for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[id >> shift & 15];
    return out + "/";
}

Error damaged() {
    return {ErrorCode::corruption, "what a source remembers can not be read"};
}

}  // namespace

SeenKey seen_key(std::string_view key) {
    SeenKey out;
    std::memcpy(out.data(), sha256(key).data(), out.size());
    return out;
}

std::string Seen::by_key(const SeenKey& key) const {
    return prefix_ + "k/" + std::string(key.data(), key.size());
}

std::string Seen::by_time(int64_t until_ms, const SeenKey& key) const {
    return prefix_ + "t/" + number_bytes(static_cast<uint64_t>(until_ms)) + std::string(key.data(), key.size());
}

Result<Seen> Seen::open(table::KeyValueStore& store, uint64_t source_id, uint64_t remember_ms, uint64_t keys_max) {
    Seen seen(store, prefix_of(source_id), remember_ms, keys_max);
    TRY_ASSIGN(const std::optional<std::string> count, store.get(seen.prefix_ + "n"));
    if (count) {
        const auto number = number_of(*count);
        if (!number) return damaged();
        seen.count_ = seen.next_count_ = *number;
    }
    seen.forgotten_to_ = seen.prefix_ + "t/";
    return seen;
}

Result<std::vector<Sight>> Seen::look(std::span<const SeenKey> keys, TimestampMs now) const {
    std::vector<Sight> out;
    out.reserve(keys.size());
    for (const SeenKey& key : keys) {
        Sight& sight = out.emplace_back(Sight{.key = key});
        TRY_ASSIGN(const std::optional<std::string> found, store_->get(by_key(key)));
        if (!found) continue;
        const auto until = number_of(*found);
        if (!until) return damaged();
        sight.until_ms = static_cast<int64_t>(*until);
        sight.is_new = *sight.until_ms <= now.value();
    }
    return out;
}

Status Seen::remember(std::span<const Sight> sights, TimestampMs now, table::WriteBatch* batch) {
    next_count_ = count_;
    // First: where a key is forgotten and seen in one batch, the later operation counts.
    TRY_ASSIGN(const std::vector<SeenKey> forgotten, forget_oldest(now, sights, batch));
    const std::set<SeenKey> gone(forgotten.begin(), forgotten.end());
    const auto until = now.value() + static_cast<int64_t>(remember_ms_);
    for (const Sight& sight : sights) {
        const bool was_there = sight.until_ms && !gone.contains(sight.key);
        if (was_there) {
            if (*sight.until_ms - now.value() > static_cast<int64_t>(remember_ms_ / 2)) continue;
            if (*sight.until_ms == until) continue;
            batch->erase(by_time(*sight.until_ms, sight.key));
        } else {
            ++next_count_;
        }
        batch->put(by_key(sight.key), number_bytes(static_cast<uint64_t>(until)));
        batch->put(by_time(until, sight.key), "");
    }
    if (next_count_ != count_) batch->put(prefix_ + "n", number_bytes(next_count_));
    return {};
}

Result<std::vector<SeenKey>> Seen::forget_oldest(TimestampMs now, std::span<const Sight> sights,
                                                 table::WriteBatch* batch) {
    std::vector<SeenKey> forgotten;
    const std::string list = prefix_ + "t/";
    const auto added = std::count_if(sights.begin(), sights.end(), [](const Sight& sight) { return !sight.until_ms; });
    const uint64_t total = count_ + static_cast<uint64_t>(added);
    uint64_t over = total > keys_max_ ? total - keys_max_ : 0;
    const size_t most = sights.size() + extra_forgotten;
    const std::unique_ptr<table::Cursor> cursor = store_->cursor();
    for (cursor->seek(forgotten_to_); cursor->valid() && cursor->key().starts_with(list); cursor->next()) {
        const std::string_view rest = cursor->key().substr(list.size());
        const auto until = number_of(rest.substr(0, 8));
        SeenKey key;
        if (!until || rest.size() != 8 + key.size()) return damaged();
        const bool late = static_cast<int64_t>(*until) <= now.value();
        if ((!late && over == 0) || forgotten.size() == most) break;
        std::memcpy(key.data(), rest.data() + 8, key.size());
        batch->erase(std::string(cursor->key()));
        batch->erase(by_key(key));
        forgotten.push_back(key);
        if (over > 0) --over;
        --next_count_;
    }
    TRY(cursor->status());
    // Erased entries stay in the store's files for a while: the next walk need not step over them. A wall clock that is
    // set back may bring entries before this place; they are found after a restart.
    if (cursor->valid() && cursor->key().starts_with(list)) forgotten_to_ = cursor->key();
    return forgotten;
}

Status Seen::forget(table::KeyValueStore& store, uint64_t source_id) {
    const std::string prefix = prefix_of(source_id);
    for (;;) {
        table::WriteBatch batch;
        const std::unique_ptr<table::Cursor> cursor = store.cursor();
        for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
            if (batch.operations().size() == batch_max) break;
            batch.erase(std::string(cursor->key()));
        }
        TRY(cursor->status());
        if (batch.empty()) return {};
        TRY(store.write(batch));
    }
}

Result<std::vector<uint64_t>> Seen::ids(table::KeyValueStore& store) {
    std::vector<uint64_t> out;
    const std::unique_ptr<table::Cursor> cursor = store.cursor();
    cursor->seek(seen_prefix);
    while (cursor->valid() && cursor->key().starts_with(seen_prefix)) {
        const std::string_view digits = cursor->key().substr(seen_prefix.size(), id_digits);
        uint64_t id = 0;
        const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), id, 16);
        if (problem != std::errc() || end != digits.data() + id_digits) return damaged();
        out.push_back(id);
        cursor->seek(prefix_of(id).substr(0, seen_prefix.size() + id_digits) + "0");  // '0' follows '/'
    }
    TRY(cursor->status());
    return out;
}

}  // namespace millrace::source
