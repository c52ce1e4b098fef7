// The latest commits, as they were written: who reads at the tail never waits for the disk. Bounded by the memory that
// the buffers take. Not locked: the log's lock guards it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "src/log/buffer.h"
#include "src/log/segment.h"

namespace millrace::log {

class TailCache {
  public:
    explicit TailCache(uint64_t bytes_max) : bytes_max_(bytes_max) {}

    // [begin, end) are the commit's positions; `bytes` lie in `buffer`.
    void add(uint64_t begin, uint64_t end, const char* bytes, std::shared_ptr<const Buffer> buffer) {
        held_ += buffer->capacity();
        commits_.push_back({begin, end, bytes, std::move(buffer)});
        while (held_ > bytes_max_ && !commits_.empty()) {
            held_ -= commits_.front().buffer->capacity();
            commits_.pop_front();
        }
    }

    // The bytes at [begin, end), which lie in one commit.
    std::optional<Stretch> find(uint64_t begin, uint64_t end) const {
        auto after = std::upper_bound(commits_.begin(), commits_.end(), begin,
                                      [](uint64_t position, const Commit& commit) { return position < commit.begin; });
        if (after == commits_.begin()) return std::nullopt;
        const Commit& commit = *--after;
        if (end > commit.end) return std::nullopt;
        return Stretch{{commit.bytes + (begin - commit.begin), end - begin}, commit.buffer};
    }

  private:
    struct Commit {
        uint64_t begin;
        uint64_t end;
        const char* bytes;
        std::shared_ptr<const Buffer> buffer;
    };
    const uint64_t bytes_max_;
    uint64_t held_ = 0;
    std::deque<Commit> commits_;  // by position
};

}  // namespace millrace::log
