// An ordered, durable map from bytes to bytes with atomic batches: what the catalog, object metadata and checkpoints
// stand on. The embedded adapter is RocksDB; table/postgres will be the other.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/result.h"

namespace millrace::table {

class WriteBatch {
  public:
    void put(std::string key, std::string value) { operations_.push_back({std::move(key), std::move(value)}); }
    void erase(std::string key) { operations_.push_back({std::move(key), std::nullopt}); }
    const std::vector<std::pair<std::string, std::optional<std::string>>>& operations() const { return operations_; }
    bool empty() const { return operations_.empty(); }

  private:
    std::vector<std::pair<std::string, std::optional<std::string>>> operations_;
};

// A walk over keys in byte order. Sees the store as it was when made. One thread at a time.
class Cursor {
  public:
    virtual ~Cursor() = default;
    virtual void seek(std::string_view key) = 0;  // to the first key at or after `key`
    virtual bool valid() const = 0;
    virtual void next() = 0;
    virtual std::string_view key() const = 0;  // until the cursor moves
    virtual std::string_view value() const = 0;
    virtual Status status() const = 0;  // look once valid() turns false: corruption or io
};

class KeyValueStore {
  public:
    virtual ~KeyValueStore() = default;
    virtual Result<std::optional<std::string>> get(std::string_view key) = 0;
    // All or nothing; durable on return where the store was opened with sync (concurrent writers share one sync).
    virtual Status write(const WriteBatch& batch) = 0;
    virtual std::unique_ptr<Cursor> cursor() = 0;
};

struct StoreOptions {
    std::string directory;
    bool sync = true;  // false for --durability os
    size_t cache_bytes = 16 << 20;
    size_t write_buffer_bytes = 8 << 20;
};
Result<std::unique_ptr<KeyValueStore>> open_rocksdb(StoreOptions options);

}  // namespace millrace::table
