// The world around a delivery, in memory, for tests: a log, objects and a store that can die at any step. Each
// operation that a real crash could fall before or after is a step; from the step at which the world dies, every
// operation fails, and what was durable by then is all that the next life finds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "src/flow/engine.h"
#include "src/io/clock.h"
#include "src/log/log.h"
#include "src/object/store.h"
#include "src/table/key_value_store.h"

namespace millrace::flow {

// Counts steps and dies at one of them.
struct Fate {
    int64_t steps_left = INT64_MAX;
    bool after = false;  // the step at which it dies still has its effect
    int64_t steps = 0;

    bool dead() const { return steps_left < 0; }
    // Call with the step's effect. Returns whether the caller hears of success.
    template <class Effect>
    Status step(Effect effect) {
        const Error gone{ErrorCode::unavailable, "the process is dead"};
        if (dead()) return gone;
        ++steps;
        if (--steps_left < 0) {
            if (after) static_cast<void>(effect());
            return gone;
        }
        return effect();
    }
};

class MemoryStore final : public table::KeyValueStore {
  public:
    explicit MemoryStore(Fate& fate) : fate_(fate) {}
    Result<std::optional<std::string>> get(std::string_view key) override {
        const auto found = map_.find(std::string(key));
        if (found == map_.end()) return std::optional<std::string>();
        return std::optional<std::string>(found->second);
    }
    Status write(const table::WriteBatch& batch) override {
        return fate_.step([&]() -> Status {
            apply(batch);
            return {};
        });
    }
    void apply(const table::WriteBatch& batch) {
        for (const auto& [key, value] : batch.operations()) {
            if (value) {
                map_[key] = *value;
            } else {
                map_.erase(key);
            }
        }
    }
    std::unique_ptr<table::Cursor> cursor() override { return nullptr; }
    bool empty() const { return map_.empty(); }

  private:
    Fate& fate_;
    std::map<std::string, std::string> map_;
};

class MemoryLog final : public log::Log {
  public:
    MemoryLog(Fate& fate, const io::Clock& clock) : fate_(fate), clock_(clock) {}

    log::Position put(log::ShardKey shard, std::string data, std::string key = "") {
        const log::Position position(next_);
        next_ += data.size() + 17;
        shards_[shard.value()].records.push_back({position, clock_.now(), std::move(data), std::move(key)});
        return position;
    }
    Result<log::ShardKey> create_shards(size_t count) override {
        const log::ShardKey first(next_shard_);
        for (size_t i = 0; i < count; ++i) shards_[next_shard_++];
        return first;
    }
    Result<log::ShardKey> create_shard() override { return create_shards(1); }
    std::vector<log::ShardKey> shards() override {
        std::vector<log::ShardKey> keys;
        for (const auto& [key, shard] : shards_) keys.push_back(log::ShardKey(key));
        return keys;
    }
    Status drop_shard(log::ShardKey shard) override { return drop_shards(std::span(&shard, 1)); }
    Status drop_shards(std::span<const log::ShardKey> shards) override {
        for (const log::ShardKey shard : shards) shards_.erase(shard.value());
        return {};
    }
    void append(log::Batch, AppendDone) override {}
    void append(std::vector<log::Batch>, std::function<void(Result<std::vector<log::Appended>>)>) override {}
    Result<log::Appended> append_and_wait(log::Batch) override { return Error{ErrorCode::unsupported, "not here"}; }

    Result<log::ReadResult> read(log::ShardKey key, log::Position from, log::ReadLimits limits) override {
        TRY(fate_.step([] { return Status(); }));
        const auto found = shards_.find(key.value());
        if (found == shards_.end()) return Error{ErrorCode::not_found, "no such shard"};
        const Shard& shard = found->second;
        if (from < shard.horizon) return Error{ErrorCode::out_of_range, "below the horizon"};
        log::ReadResult result;
        result.next = from;
        size_t bytes = 0;
        const auto& records = shard.records;
        auto at = std::lower_bound(records.begin(), records.end(), from,
                                   [](const Record& record, log::Position p) { return record.position < p; });
        for (; at != records.end(); ++at) {
            if (at->position == corrupt) {
                if (result.records.empty()) return Error{ErrorCode::corruption, "segment 0, offset 0"};
                return result;
            }
            if (!result.records.empty() && bytes + at->data.size() > limits.bytes_max) return result;
            if (result.records.size() == limits.records_max) return result;
            bytes += at->data.size();
            result.records.push_back({at->position, at->time, at->key, at->data});
            result.next = log::Position(at->position.value() + 1);
        }
        result.at_end = true;
        result.next = log::Position(next_);
        return result;
    }
    Result<log::Position> skip_corrupt(log::ShardKey, log::Position from) override {
        return log::Position(std::max(from, corrupt.value_or(from)).value() + 1);
    }
    Result<log::Position> find_time(log::ShardKey key, TimestampMs time) override {
        for (const Record& record : shards_[key.value()].records) {
            if (record.time >= time) return record.position;
        }
        return log::Position(next_);
    }
    Result<log::Position> horizon(log::ShardKey key) override { return shards_[key.value()].horizon; }
    Result<log::Position> end(log::ShardKey) override { return log::Position(next_); }
    Status trim(log::ShardKey, TimestampMs) override { return Error{ErrorCode::unsupported, "not here"}; }
    Status trim_to(log::ShardKey key, log::Position position) override {
        return fate_.step([&]() -> Status {
            Shard& shard = shards_[key.value()];
            shard.horizon = std::max(shard.horizon, position);
            std::erase_if(shard.records, [&](const Record& record) { return record.position < position; });
            return {};
        });
    }
    std::shared_ptr<void> subscribe(log::ShardKey, std::function<void()>) override { return nullptr; }
    const log::RecoveryReport& recovery() const override { return recovery_; }

    size_t kept(log::ShardKey shard) const { return shards_.at(shard.value()).records.size(); }
    std::optional<log::Position> corrupt;

  private:
    struct Record {
        log::Position position;
        TimestampMs time;
        std::string data, key;
    };
    struct Shard {
        log::Position horizon;
        std::vector<Record> records;
    };
    Fate& fate_;
    const io::Clock& clock_;
    std::map<uint64_t, Shard> shards_;
    uint64_t next_ = 1, next_shard_ = 1;
    log::RecoveryReport recovery_;
};

class MemoryObjects final : public object::Store {
  public:
    // `beside`: the store that commit_together() also writes.
    MemoryObjects(Fate& fate, MemoryStore& beside) : fate_(fate), beside_(beside) { buckets_.insert({"bucket", {}}); }

    struct Seen {
        std::string bucket, key, bytes;
    };
    std::vector<Seen> visible;  // in the order of commits; one entry a commit, so that nothing twice stays unseen
    std::string owner;          // of all buckets; "": everybody
    void drop_bucket() { buckets_.clear(); }
    void make_bucket(const std::string& name) { buckets_.insert({name, {}}); }

    Result<std::unique_ptr<object::Upload>> begin_put(std::string_view bucket, std::string_view key,
                                                      object::PutOptions) override {
        TRY(fate_.step([] { return Status(); }));
        TRY(need(bucket));
        return std::unique_ptr<object::Upload>(
            std::make_unique<MemoryUpload>(*this, std::string(bucket), std::string(key)));
    }
    Status commit_together(std::span<const std::unique_ptr<object::Upload>> uploads, table::WriteBatch also) override {
        return fate_.step([&]() -> Status {
            for (const auto& upload : uploads) TRY(need(static_cast<MemoryUpload&>(*upload).seen.bucket));
            for (const auto& upload : uploads) visible.push_back(static_cast<MemoryUpload&>(*upload).seen);
            beside_.apply(also);
            return {};
        });
    }
    Result<object::ObjectInfo> head(std::string_view bucket, std::string_view key) override {
        TRY(fate_.step([] { return Status(); }));
        TRY(need(bucket));
        for (const Seen& seen : visible) {
            if (seen.bucket == bucket && seen.key == key) return info(seen);
        }
        return Error{ErrorCode::not_found, "object not found"};
    }
    Result<object::BucketInfo> bucket(std::string_view name) override {
        TRY(need(name));
        object::BucketInfo found{std::string(name)};
        found.account = owner;
        return found;
    }

    Status create_bucket(const object::BucketInfo&) override { return no(); }
    Status update_bucket(const object::BucketInfo&) override { return no(); }
    Status delete_bucket(std::string_view) override { return no(); }
    Result<std::vector<object::BucketInfo>> buckets() override { return no(); }
    Result<std::unique_ptr<object::ObjectReader>> open_object(std::string_view, std::string_view) override {
        return no();
    }
    Result<object::ObjectInfo> copy(std::string_view, std::string_view, std::string_view, std::string_view,
                                    std::optional<object::PutOptions>, const std::optional<std::string>&) override {
        return no();
    }
    Status set_tags(std::string_view, std::string_view, std::map<std::string, std::string>) override { return no(); }
    Status remove(std::string_view, std::string_view) override { return no(); }
    Status remove_if(std::string_view, std::string_view, std::string_view) override { return no(); }
    Status remove_many(std::string_view, const std::vector<std::string>&) override { return no(); }
    Result<object::ListPage> list(std::string_view, const object::ListOptions&) override { return no(); }
    Result<std::string> create_multipart(std::string_view, std::string_view, object::PutOptions, std::string) override {
        return no();
    }
    Result<std::unique_ptr<object::Upload>> begin_part(std::string_view, std::string_view, std::string_view,
                                                       int) override {
        return no();
    }
    Result<object::ObjectInfo> complete_multipart(std::string_view, std::string_view, std::string_view,
                                                  std::vector<object::CompletedPart>, object::PutOptions) override {
        return no();
    }
    Status abort_multipart(std::string_view, std::string_view, std::string_view) override { return no(); }
    Result<object::MultipartInfo> multipart(std::string_view, std::string_view, std::string_view) override {
        return no();
    }
    Result<std::vector<object::PartInfo>> parts(std::string_view, std::string_view, std::string_view) override {
        return no();
    }
    Result<std::vector<object::MultipartInfo>> multiparts(std::string_view, std::string_view) override { return no(); }

  private:
    class MemoryUpload final : public object::Upload {
      public:
        MemoryUpload(MemoryObjects& objects, std::string bucket, std::string key)
            : objects_(objects), seen{std::move(bucket), std::move(key), ""} {}
        Status write(std::string_view bytes) override {
            return objects_.fate_.step([&]() -> Status {
                seen.bytes += bytes;
                return {};
            });
        }
        uint64_t size() const override { return seen.bytes.size(); }
        Result<object::ObjectInfo> commit() override {
            TRY(objects_.fate_.step([&]() -> Status {
                TRY(objects_.need(seen.bucket));
                objects_.visible.push_back(seen);
                return {};
            }));
            return info(seen);
        }
        std::string etag_so_far() override { return ""; }
        std::optional<object::Checksum> checksum_so_far() override { return std::nullopt; }

      private:
        MemoryObjects& objects_;

      public:
        Seen seen;
    };

    static object::ObjectInfo info(const Seen& seen) {
        object::ObjectInfo out;
        out.key = seen.key;
        out.size = seen.bytes.size();
        return out;
    }
    Status need(std::string_view bucket) const {
        if (buckets_.contains(std::string(bucket))) return {};
        return Error{ErrorCode::not_found, "bucket not found"};
    }
    static Error no() { return Error{ErrorCode::unsupported, "not here"}; }

    Fate& fate_;
    MemoryStore& beside_;
    std::map<std::string, int> buckets_;
};

}  // namespace millrace::flow
