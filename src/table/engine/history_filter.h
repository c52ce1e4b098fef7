// Old images leave the store where compaction meets them after their retention, and some time more: the time is in the
// key.
#pragma once

#include <rocksdb/compaction_filter.h>

#include "src/io/clock.h"
#include "src/table/engine/keys.h"

namespace millrace::table::engine {

// A restore or an export of the oldest moment that is offered waits for its turn, and takes its time.
constexpr int64_t history_slack_ms = int64_t{24} * 3600 * 1000;

class HistoryFilter final : public rocksdb::CompactionFilter {
  public:
    HistoryFilter(const io::Clock& clock, int64_t retention_ms) : clock_(clock), retention_ms_(retention_ms) {}
    const char* Name() const override { return "millrace.history"; }
    bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice&, std::string*, bool*) const override {
        constexpr size_t tail_bytes = 16;  // time, sequence
        if (key.size() < tail_bytes) return false;
        const auto time = static_cast<int64_t>(read_u64(key.ToStringView().substr(key.size() - tail_bytes)));
        return time < clock_.now().value() - retention_ms_ - history_slack_ms;
    }

  private:
    const io::Clock& clock_;
    const int64_t retention_ms_;
};

}  // namespace millrace::table::engine
