// One delivery stream at work: reads its shards from the checkpoint, fills a batch, makes its objects visible together
// with the checkpoint's move. A state machine without a thread or a clock of its own: step() does a bounded piece of
// work and says when it wants to be called again, so that one test can be a year or a thousand crashes.
//
//      +---------------- error: the batch is dropped, cursors go back, wait ----------------+
//      v                                                                                    |
//   read all shards -> [processors: gather -> function -> partition keys] -> add to the batch -> full or old? -> seal:
//     finish the objects | commit them and the checkpoint in one write
//
// A step waits where it must wait for a function; other deliveries have its turn meanwhile (turns.h).
//
// Memory: one read of every shard (read_bytes_max together), what processors gather, and an encoder's buffers. The
// batch itself lies in objects that nobody sees, or in a spool file, and once more in the log, from which it is taken
// again after an error.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "src/flow/batch.h"
#include "src/flow/definition.h"
#include "src/flow/engine.h"
#include "src/flow/progress.h"
#include "src/flow/stepped.h"
#include "src/flow/turns.h"

namespace millrace::flow {

class Processing;

// What the deliveries of a process have together.
struct Shared {
    explicit Shared(uint32_t turns_at_once) : turns(turns_at_once) {}
    std::mutex converting;  // see ConversionParts
    Turns turns;
};

class Delivery final : public Stepped {
  public:
    // All outlive the delivery.
    Delivery(Definition definition, EngineOptions options, EngineParts parts, Shared& shared);
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
        std::string id;           // of a Kinesis source
        log::Position delivered;  // the checkpoint
        log::Position cursor;     // read so far
        bool at_end = false;      // the last read left nothing behind `cursor`...
        int64_t at_end_ns = 0;    // ...at this monotonic time
    };

    Status run(bool flush, const std::atomic<bool>& stopping, Next* next);
    void take_new_definition();
    Status refresh_shards();
    Status compile_destination();
    Status reload_progress();
    Result<std::vector<log::ReadResult>> read_round();
    Status consume(const std::vector<log::ReadResult>& round);
    void open_batch(TimestampMs oldest);
    Result<std::unique_ptr<BatchWriter>> make_writer(BatchTarget target);
    // What the processors have gathered goes through them and into the batch.
    Status process();
    Status seal();
    Status advance(Progress reached);
    Status rest();
    void drop_batch();
    void failed(const Error& error, Next* next);
    Result<log::ReadResult> read(Shard& shard, size_t bytes_max);

    const EngineOptions options_;
    EngineParts parts_;
    Shared& shared_;

    Definition definition_;
    CompiledDestination destination_;
    bool compiled_ = false;
    std::unique_ptr<Processing> processing_;  // null: records go into the batch as they are
    bool progress_known_ = true;              // false: a commit failed, and what became of it only the store knows
    std::vector<Shard> shards_;
    bool shards_changed_ = true;
    int64_t refresh_due_ns_ = 0;
    std::unique_ptr<Batch> batch_;
    const std::atomic<bool>* stopping_ = nullptr;  // of the step under way
    uint32_t attempts_ = 0;                        // failures in a row
    int64_t retry_due_ns_ = 0;

    mutable std::mutex mutex_;  // guards what other threads see
    std::optional<Definition> new_definition_;
    Description seen_;
};

}  // namespace millrace::flow
