// The reader that fills one archive. An archive has a store of its own rather than the log: a log's shard that is kept
// for ever would keep every segment it shares with all others. Events and the reader's position move in one write, so
// an archive holds each event once, whatever dies when. Replayed events are not archived again, as in AWS.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include "src/bus/parts.h"
#include "src/flow/pattern/pattern.h"
#include "src/flow/stepped.h"

namespace millrace::bus {

struct ArchiveState {
    uint64_t position = 0;  // of the bus's log: everything before is in the archive, or was none of its
    uint64_t events = 0, bytes = 0;
};

class Archiver final : public flow::Stepped {
  public:
    static Result<std::shared_ptr<Archiver>> open(const ArchiveDefinition& archive, const BusDefinition& bus,
                                                  const Parts& parts);

    Next step(bool flush, const std::atomic<bool>& stopping) override;
    bool sources_changed() override { return !subscribed_; }
    std::vector<std::shared_ptr<void>> subscribe(const std::function<void()>& wake) override;

    // Any thread.
    ArchiveState state() const { return {position_, events_, bytes_}; }
    // From the next event on, another pattern ("" is all); or another retention.
    Status update(const ArchiveDefinition& archive);
    // Everything that is in the log by now is archived soon, rather than a moment later.
    void hurry() { hurried_ = true; }

    // Forgets up to `count_max` of an archive's events, and its state with the last; returns whether that was all.
    static Result<bool> erase_some(table::KeyValueStore& store, uint64_t archive, size_t count_max);

  private:
    Archiver(const ArchiveDefinition& archive, const BusDefinition& bus, const Parts& parts);
    Result<bool> archive_some();  // whether there may be more
    Status drop_expired();

    const uint64_t id_;
    const BusDefinition bus_;
    const Parts parts_;
    std::mutex mutex_;
    std::optional<flow::pattern::Pattern> pattern_;
    std::atomic<int> retention_days_{0};
    std::atomic<uint64_t> position_{0}, events_{0}, bytes_{0};
    std::atomic<bool> hurried_{false};
    int64_t next_ns_ = 0, sweep_ns_ = 0;
    bool failed_ = false;
    bool subscribed_ = false;
};

}  // namespace millrace::bus
