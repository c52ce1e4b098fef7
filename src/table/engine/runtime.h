// A table as the committer's thread has it: the newest definition, how much there is, how far back-fills have come.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "src/table/definition.h"

namespace millrace::table::engine {

// Written by the committer's thread, read by all.
struct Counter {
    std::atomic<uint64_t> items{0};
    std::atomic<uint64_t> bytes{0};  // counted
    // Writes since the last count that were not counted for what they did (PreparedWrite::weight): 0 is exact.
    std::atomic<uint64_t> uncounted{0};
    // `weight` items of this size. What is only near may not go below nothing.
    void add(uint64_t counted, uint64_t weight = 1) {
        items.fetch_add(weight, std::memory_order_relaxed);
        bytes.fetch_add(weight * counted, std::memory_order_relaxed);
    }
    void subtract(uint64_t counted, uint64_t weight = 1) {
        take(&items, weight);
        take(&bytes, weight * counted);
    }

  private:
    static void take(std::atomic<uint64_t>* from, uint64_t count) {
        const uint64_t there = from->load(std::memory_order_relaxed);  // one writer
        from->store(there - std::min(there, count), std::memory_order_relaxed);
    }
};

// How far a back-fill has come: places up to here are in the index and kept there by every write; places beyond are not
// yet, and writes there leave the index alone: the back-fill will come by. nullopt: all of it.
using FilledTo = std::optional<std::string>;
inline bool is_filled(const FilledTo& filled_to, std::string_view place) {
    return !filled_to || place <= *filled_to;
}

struct IndexRuntime {
    std::shared_ptr<Counter> size;
    FilledTo filled_to;
};

struct TableRuntime {
    TableRef definition;
    std::shared_ptr<Counter> size;
    std::vector<IndexRuntime> indexes;  // in the order of definition->indexes
    FilledTo expiry_filled_to;
    // No expiry entry lies before this second but those that the sweep has seen: where the next sweep starts.
    std::shared_ptr<std::atomic<uint64_t>> sweep_from = std::make_shared<std::atomic<uint64_t>>(0);
};

// What a commit starts from and leaves behind. Of the committer's thread (before it starts: of open()).
struct CommitterState {
    std::unordered_map<uint64_t, TableRuntime> tables;  // by TableDefinition::id
    uint64_t next_sequence = 1;
    int64_t last_time_ms = 0;  // times of commits never go back
    uint64_t last_commit = 0;
    uint64_t logged = 0;  // commits in the log (commit_log.h), ever

    // The newest commit that wrote a key of this hash: what somebody read before it may be old.
    static constexpr size_t slots = 1 << 16;
    std::vector<uint64_t> written_by = std::vector<uint64_t>(slots);
    uint64_t& written(uint64_t key_hash) { return written_by[key_hash % slots]; }
};

}  // namespace millrace::table::engine
