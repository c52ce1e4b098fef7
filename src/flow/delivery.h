// One delivery stream at work: reads its shards from the checkpoint, fills a batch, makes its objects visible, moves
// the checkpoint. A state machine without a thread or a clock of its own: step() does a bounded piece of work and says
// when it wants to be called again, so that one test can be a year or a thousand crashes.
//
//            +------------------------- error: the batch is dropped, cursors go back, wait ------------------+
//            v                                                                                               |
//   resolve a left-over intent -> read all shards -> add to the batch -> full or old? -> seal:               |
//     finish the objects | save the intent | commit the error object | commit the data object | advance -----+
//
// Memory: one read of every shard (read_bytes_max together) and an encoder's buffers. The batch itself lies in
// objects that nobody sees, or in a spool file, and once more in the log, from which it is taken again after an error.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "src/flow/batch_writer.h"
#include "src/flow/buffer.h"
#include "src/flow/definition.h"
#include "src/flow/engine.h"
#include "src/flow/progress.h"
#include "src/flow/stepped.h"

namespace millrace::flow {

class Delivery final : public Stepped {
  public:
    // `conversion_lock`: see ConversionParts. All outlive the delivery.
    Delivery(Definition definition, EngineOptions options, EngineParts parts, std::mutex& conversion_lock);
    ~Delivery() override;

    // Reads what an earlier life left. Before the first step().
    Status open();

    Next step(bool flush, const std::atomic<bool>& stopping) override;
    bool sources_changed() override;
    std::vector<std::shared_ptr<void>> subscribe(const std::function<void()>& wake) override;

    // Takes effect with the next step: what is buffered is taken again for the new destination. Any thread.
    void reconfigure(Definition definition);
    // Any thread.
    Description describe() const;

  private:
    struct Shard {
        log::ShardKey key;
        log::Position delivered;  // the checkpoint
        log::Position cursor;     // read so far
        bool at_end = false;      // the last read left nothing behind `cursor`...
        int64_t at_end_ns = 0;    // ...at this monotonic time
    };
    struct Batch;

    Status run(bool flush, const std::atomic<bool>& stopping, Next* next);
    void take_new_definition();
    Status refresh_shards();
    Status resolve_intent();
    Result<std::vector<log::ReadResult>> read_round();
    Status consume(const std::vector<log::ReadResult>& round);
    Status open_batch(TimestampMs oldest);
    Result<std::unique_ptr<BatchWriter>> make_writer(BatchTarget target, std::optional<uint64_t> table_version,
                                                     uint64_t* used_version);
    Status seal();
    Status replay(const Intent& intent, bool data_visible, bool errors_visible);
    Status commit_and_advance(FinishedBatch finished);
    Status advance();
    Status rest();
    Result<bool> visible(const std::string& bucket, const std::string& key);
    void drop_batch();
    void failed(const Error& error, Next* next);
    Result<log::ReadResult> read(Shard& shard, size_t bytes_max);

    const EngineOptions options_;
    EngineParts parts_;
    std::mutex& conversion_lock_;

    Definition definition_;
    CompiledDestination destination_;
    bool compiled_ = false;
    Progress progress_;
    std::vector<Shard> shards_;
    bool shards_changed_ = true;
    int64_t refresh_due_ns_ = 0;
    std::unique_ptr<Batch> batch_;
    uint32_t attempts_ = 0;  // failures in a row
    int64_t retry_due_ns_ = 0;

    mutable std::mutex mutex_;  // guards what other threads see
    std::optional<Definition> new_definition_;
    Description seen_;
};

}  // namespace millrace::flow
