// The embedded log. One writer thread commits (writer.cc), one maintenance thread does what commits must not wait for
// (maintenance.cc), and readers come in on their own threads (reader.cc).
//
// Lock order: there is one lock, mutex_, for queue, shards and segments. No I/O happens under it, with one exception:
// manifest_mutex_ is taken before it and held across the manifest's replacement, so that manifests reach the disk in
// the order of the states that they describe.
#pragma once

#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/io/subscription.h"
#include "src/log/batch.h"
#include "src/log/format.h"
#include "src/log/log.h"
#include "src/log/manifest.h"
#include "src/log/mark_file.h"
#include "src/log/segment.h"
#include "src/log/tail_cache.h"

namespace millrace::log {

class LogImpl final : public Log {
  public:
    LogImpl(Options options, io::FileSystem& files, const io::Clock& clock);
    ~LogImpl() override;
    Status open();  // recovery, then the threads

    Result<ShardKey> create_shard() override { return create_shards(1); }
    Result<ShardKey> create_shards(size_t count) override;
    std::vector<ShardKey> shards() override;
    Status drop_shard(ShardKey shard) override;
    Status drop_shards(std::span<const ShardKey> shards) override;
    void append(Batch batch, AppendDone done) override;
    void append(std::vector<Batch> batches, std::function<void(Result<std::vector<Appended>>)> done) override;
    Result<Appended> append_and_wait(Batch batch) override;
    Result<ReadResult> read(ShardKey shard, Position from, ReadLimits limits) override;
    Result<Position> skip_corrupt(ShardKey shard, Position from) override;
    Result<Position> find_time(ShardKey shard, TimestampMs time) override;
    Result<Position> horizon(ShardKey shard) override;
    Result<Position> end(ShardKey shard) override;
    Status trim(ShardKey shard, TimestampMs time) override;
    Status trim_to(ShardKey shard, Position position) override;
    std::shared_ptr<void> subscribe(ShardKey shard, std::function<void()> wake) override;
    const RecoveryReport& recovery() const override { return recovery_; }

  private:
    struct Shard {
        uint64_t horizon = 0;
        int64_t created_ms = 0;
        std::vector<std::weak_ptr<io::Subscription>> subscriptions;
    };
    // One append() that waits for a commit.
    struct Pending {
        std::vector<Batch> batches;
        size_t bytes = 0;
        AppendDone done_one;
        std::function<void(Result<std::vector<Appended>>)> done_all;
        void fail(const Error& error);
    };
    // A batch's place in a commit.
    struct CommitRun {
        uint64_t shard;
        uint32_t call;
        uint32_t batch;
        uint32_t offset;  // in the commit
    };
    struct SealedSegment {
        std::shared_ptr<Segment> segment;           // null until somebody reads it
        std::shared_ptr<const SegmentIndex> index;  // null unless cached
        uint64_t bytes = 0;
        uint64_t last_used = 0;
        bool index_saved = true;
    };
    struct Hole {  // positions that no file holds any more
        uint64_t begin;
        uint64_t end;
    };
    // What a read needs of one segment, taken under the lock.
    struct SegmentView {
        std::shared_ptr<Segment> segment;  // null: there is none at or after the position asked for
        uint64_t base = 0;
        uint64_t next = 0;  // where the next segment begins, or the log's end
        bool active = false;
        bool complete = true;  // `entries` are all there are, from the position asked for
        std::vector<IndexEntry> entries;
        std::vector<CorruptRange> corrupt;
        int64_t first_time_ms = 0;
    };

    // recovery.cc
    Status recover();
    Status start_empty();
    Status recover_segments(const std::vector<SegmentName>& names);
    Status adopt_active(std::shared_ptr<Segment> segment, SegmentIndex index, uint64_t end);
    Status read_tail_block();

    // writer.cc
    void enqueue(Pending pending);
    void run_writer();
    void commit(std::vector<Pending> taken);
    Status make_room(uint64_t block_bytes, int64_t time_ms);
    Status roll(std::unique_lock<std::mutex>& lock);
    Status write_block(const Buffer& buffer, uint64_t start, uint64_t end);
    std::vector<std::shared_ptr<io::Subscription>> publish(const std::vector<Pending>& taken,
                                                           const std::vector<CommitRun>& runs, uint64_t position,
                                                           uint64_t end, int64_t time_ms, const char* block,
                                                           std::shared_ptr<const Buffer> buffer);
    void answer(std::vector<Pending>& taken, const std::vector<CommitRun>& runs, uint64_t position, int64_t time_ms);
    void stop_appending(std::vector<Pending>& taken, const Error& cause);
    void fail_all(std::vector<Pending>& taken, const Error& error);

    // maintenance.cc
    void run_maintenance();
    Status prepare_next();
    void save_indexes();
    void free_segments();
    Status write_manifest();
    SegmentHeader new_header(uint64_t base) const;

    // reader.cc
    Result<SegmentView> view_at(uint64_t shard, uint64_t from, size_t bytes_max, uint64_t end);
    uint64_t segment_end(uint64_t from);
    Result<std::shared_ptr<const SegmentIndex>> index_of(uint64_t base, std::shared_ptr<Segment>* segment);
    void evict_indexes(uint64_t keep_base);
    Result<ReadResult> read_until_damage(ShardKey shard, Position from, ReadLimits limits, uint64_t* resume);
    // A stretch of the view's segment that holds entries[first] and perhaps more; *last becomes the last it holds.
    Result<Stretch> fetch(const SegmentView& view, size_t first, size_t bytes_wanted, size_t* last, bool* cached);

    const Options options_;
    io::FileSystem& files_;
    const io::Clock& clock_;
    const bool want_direct_;
    RecoveryReport recovery_;
    std::unique_ptr<MarkFile> mark_;
    uint64_t log_id_ = 0;

    std::mutex manifest_mutex_;
    mutable std::mutex mutex_;
    std::condition_variable writer_wakes_;
    std::condition_variable maintenance_wakes_;
    std::condition_variable next_ready_;
    std::deque<Pending> pending_;
    uint64_t pending_bytes_ = 0;
    bool stopping_ = false;
    std::optional<Error> failed_;  // once set, the log takes no more
    std::unordered_map<uint64_t, Shard> shards_;
    uint64_t next_shard_ = 1;
    uint64_t end_ = 0;  // the log's end: everything below is durable
    int64_t last_time_ms_ = 0;
    std::map<uint64_t, SealedSegment> sealed_;  // by base
    uint64_t use_counter_ = 0;
    std::shared_ptr<Segment> active_;
    SegmentIndex active_index_;
    TailCache tail_;
    std::vector<Hole> holes_;

    std::shared_ptr<Segment> next_;  // made ready ahead, so that a commit never waits for it
    bool next_wanted_ = false;
    std::optional<Error> next_failed_;
    std::vector<std::string> spares_;  // names of freed files, to be used again
    bool mark_dirty_ = false;
    bool manifest_dirty_ = false;
    bool indexes_dirty_ = false;
    bool may_free_ = false;

    // The writer's own.
    std::string tail_block_;       // the log's last, partly filled disk block: [align_down(end_), end_)
    uint64_t previous_block_ = 0;  // position of the last commit

    std::thread writer_;
    std::thread maintenance_;
};

}  // namespace millrace::log
