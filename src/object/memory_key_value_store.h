// A KeyValueStore in memory for tests: what was written is durable; writes fail on demand.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "src/table/key_value_store.h"

namespace millrace::object {

class MemoryKeyValueStore final : public table::KeyValueStore {
  public:
    // Called around each write, under no lock; an error is the write's. After an error from `after` the write has
    // happened all the same, as with a commit whose answer got lost.
    std::function<Status()> before;
    std::function<Status()> after;
    // Runs when a key has been read: what it writes, the reader has missed.
    std::function<void(std::string_view key)> after_get;

    Result<std::optional<std::string>> get(std::string_view key) override {
        std::optional<std::string> value;
        {
            std::lock_guard lock(mutex_);
            if (const auto found = map_.find(key); found != map_.end()) value = found->second;
        }
        if (const auto hook = after_get) hook(key);  // which may take itself away
        return value;
    }
    Status write(const table::WriteBatch& batch) override {
        if (before) TRY(before());
        {
            std::lock_guard lock(mutex_);
            for (const auto& [key, value] : batch.operations()) {
                if (value) {
                    map_[key] = *value;
                } else {
                    map_.erase(key);
                }
            }
        }
        return after ? after() : Status();
    }
    std::unique_ptr<table::Cursor> cursor() override {
        std::lock_guard lock(mutex_);
        return std::make_unique<Walk>(map_);
    }
    size_t count(std::string_view prefix) const {
        size_t found = 0;
        for (const auto& [key, value] : map_) found += key.starts_with(prefix) ? 1 : 0;
        return found;
    }

  private:
    using Map = std::map<std::string, std::string, std::less<>>;
    class Walk final : public table::Cursor {
      public:
        explicit Walk(const Map& map) : map_(map), at_(map_.end()) {}
        void seek(std::string_view key) override { at_ = map_.lower_bound(key); }
        bool valid() const override { return at_ != map_.end(); }
        void next() override { ++at_; }
        std::string_view key() const override { return at_->first; }
        std::string_view value() const override { return at_->second; }
        Status status() const override { return {}; }

      private:
        const Map map_;  // a copy: as it was when made
        Map::const_iterator at_;
    };

    mutable std::mutex mutex_;
    Map map_;
};

}  // namespace millrace::object
