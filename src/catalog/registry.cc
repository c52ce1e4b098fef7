// The registry over the ordered store.
//
//   ("registry", kind, account, region, name) -> the owner's bytes
//   ("counter", name)                         -> 8 bytes, big-endian: numbers below it may have been given out
//
// A counter is raised by a block at a time and the block is durable before its first number is returned: a restart
// skips what is left of a block and never repeats a number.
#include "src/catalog/registry.h"

#include <map>

#include "src/catalog/key.h"
#include "src/catalog/striped_mutex.h"
#include "src/table/key_value_store.h"

namespace millrace::catalog {

namespace {

constexpr uint64_t counter_block = 64;

std::string entry_key(std::string_view kind, const Scope& scope, std::string_view name) {
    return key_of({"registry", kind, scope.account, scope.region, name});
}

std::string big_endian(uint64_t number) {
    std::string bytes(8, '\0');
    for (int i = 7; i >= 0; --i, number >>= 8) bytes[i] = static_cast<char>(number & 0xff);
    return bytes;
}

uint64_t from_big_endian(std::string_view bytes) {
    uint64_t number = 0;
    for (const char byte : bytes) number = number << 8 | static_cast<uint8_t>(byte);
    return number;
}

class StoredRegistry final : public Registry {
  public:
    explicit StoredRegistry(table::KeyValueStore& store) : store_(store) {}

    Result<std::optional<std::string>> get(std::string_view kind, const Scope& scope, std::string_view name) override {
        return store_.get(entry_key(kind, scope, name));
    }

    Status create(std::string_view kind, const Scope& scope, std::string_view name, std::string value) override {
        std::string key = entry_key(kind, scope, name);
        const auto lock = locks_.lock(key);
        TRY_ASSIGN(const auto present, store_.get(key));
        if (present) {
            return Error{ErrorCode::already_exists, std::string(kind) + " " + std::string(name) + " already exists"};
        }
        return write_one(std::move(key), std::move(value));
    }

    Status put(std::string_view kind, const Scope& scope, std::string_view name, std::string value) override {
        std::string key = entry_key(kind, scope, name);
        const auto lock = locks_.lock(key);
        return write_one(std::move(key), std::move(value));
    }

    Status remove(std::string_view kind, const Scope& scope, std::string_view name) override {
        std::string key = entry_key(kind, scope, name);
        const auto lock = locks_.lock(key);
        TRY_ASSIGN(const auto present, store_.get(key));
        if (!present) {
            return Error{ErrorCode::not_found, std::string(kind) + " " + std::string(name) + " does not exist"};
        }
        table::WriteBatch batch;
        batch.erase(std::move(key));
        return store_.write(batch);
    }

    Result<std::vector<Entry>> list(std::string_view kind, const Scope& scope, std::string_view after,
                                    size_t limit) override {
        const std::string prefix = key_of({"registry", kind, scope.account, scope.region});
        std::vector<Entry> entries;
        const auto cursor = store_.cursor();
        cursor->seek(after.empty() ? prefix : just_after(entry_key(kind, scope, after)));
        for (; cursor->valid() && cursor->key().starts_with(prefix) && entries.size() < limit; cursor->next()) {
            std::string_view rest = cursor->key().substr(prefix.size());
            Entry& entry = entries.emplace_back();
            if (!take_component(rest, entry.name)) return corrupt_key(kind);
            entry.value = cursor->value();
        }
        TRY(cursor->status());
        return entries;
    }

    Status for_each(std::string_view kind, const std::function<void(const Scope&, const Entry&)>& visit) override {
        const std::string prefix = key_of({"registry", kind});
        const auto cursor = store_.cursor();
        for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
            std::string_view rest = cursor->key().substr(prefix.size());
            Scope scope;
            Entry entry;
            if (!take_component(rest, scope.account) || !take_component(rest, scope.region) ||
                !take_component(rest, entry.name)) {
                return corrupt_key(kind);
            }
            entry.value = cursor->value();
            visit(scope, entry);
        }
        return cursor->status();
    }

    Result<uint64_t> next_number(std::string_view counter) override {
        const std::lock_guard lock(counters_mutex_);
        Counter& state = counters_[std::string(counter)];
        if (state.next == state.end) {
            std::string key = key_of({"counter", counter});
            TRY_ASSIGN(const auto stored, store_.get(key));
            if (stored && stored->size() != 8) {
                return Error{ErrorCode::corruption, "counter " + std::string(counter) + " is not 8 bytes"};
            }
            const uint64_t first = stored ? from_big_endian(*stored) : 0;
            TRY(write_one(std::move(key), big_endian(first + counter_block)));
            state = {first, first + counter_block};
        }
        return state.next++;
    }

  private:
    struct Counter {
        uint64_t next = 0;
        uint64_t end = 0;
    };

    static Error corrupt_key(std::string_view kind) {
        return {ErrorCode::corruption, "a key of " + std::string(kind) + " in the catalog's store is malformed"};
    }

    Status write_one(std::string key, std::string value) {
        table::WriteBatch batch;
        batch.put(std::move(key), std::move(value));
        return store_.write(batch);
    }

    table::KeyValueStore& store_;
    StripedMutex locks_;
    std::mutex counters_mutex_;
    std::map<std::string, Counter> counters_;
};

}  // namespace

std::unique_ptr<Registry> Registry::open(table::KeyValueStore& store) {
    return std::make_unique<StoredRegistry>(store);
}

}  // namespace millrace::catalog
