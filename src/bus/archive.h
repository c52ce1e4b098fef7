// The reader that fills one archive. An archive has a store of its own rather than the log: a log's shard that is kept
// for ever would keep every segment it shares with all others. Events and the reader's position move in one write, so
// an archive holds each event once, whatever dies when. Replayed events are not archived again, as in AWS.
//
// What can not be written (a full disk) is tried again, and the log kept for it, for a day; then the log is let go, and
// what was in it is missing from the archive: said in the server's log, and by DescribeArchive meanwhile.
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
                                                  const Options& options, const Parts& parts);

    Next step(bool flush, const std::atomic<bool>& stopping) override;
    bool sources_changed() override { return !subscribed_; }
    std::vector<std::shared_ptr<void>> subscribe(const std::function<void()>& wake) override;

    // Any thread.
    ArchiveState state() const { return {position_, events_, bytes_}; }
    // From the next event on, another pattern ("" is all); or another retention.
    Status update(const ArchiveDefinition& archive);
    // Whether the log is kept for it: not where it could not be written for as long as Options::archive_patience_ms.
    bool holds_log() const;
    std::string problem() const;  // why it can not be written; "" where it can
    // Everything that is in the log by now is archived soon, rather than a moment later.
    void hurry() { hurried_ = true; }

    // Forgets up to `count_max` of an archive's events, and its state with the last; returns whether that was all.
    static Result<bool> erase_some(table::KeyValueStore& store, uint64_t archive, size_t count_max);

  private:
    Archiver(const ArchiveDefinition& archive, const BusDefinition& bus, const Options& options, const Parts& parts);
    void fail(const Error& error);
    Result<bool> archive_some();  // whether there may be more
    Status drop_expired();

    const uint64_t id_;
    const BusDefinition bus_;
    const int64_t patience_ns_;
    const Parts parts_;
    mutable std::mutex mutex_;
    std::string problem_;
    std::optional<flow::pattern::Pattern> pattern_;
    std::atomic<int> retention_days_{0};
    std::atomic<uint64_t> position_{0}, events_{0}, bytes_{0};
    std::atomic<bool> hurried_{false};
    std::atomic<int64_t> failing_since_ns_{INT64_MAX};
    int64_t next_ns_ = 0, sweep_ns_ = 0;
    int64_t pause_ns_ = 0;  // after the last failure
    bool subscribed_ = false;
};

}  // namespace millrace::bus
