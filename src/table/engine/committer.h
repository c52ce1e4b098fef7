// The one writer: a thread that takes all that waits, carries it out (commit.h), hands the batch to RocksDB, makes it
// durable, shows the view as of this commit to readers, and calls everybody back. While it does the next commit
// gathers: the busier the tables, the more writes share a sync. A second thread that carried the next commit out
// meanwhile made commits smaller and cost more in wake-ups than it won (bench/tables.py, 2 cores).
//
// A failed write or sync ends writing for the life of this object: what the disk holds is unknown then, and a second
// fdatasync would lie. Readers go on with what was durable.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "src/table/engine/commit.h"
#include "src/table/engine/subscriptions.h"

namespace millrace::table::engine {

// What waits for a commit: a write, some, a transaction, or maintenance of ours.
struct Waiting {
    std::vector<PreparedWrite> writes;
    size_t bytes = 0;
    // One of these.
    std::function<void(WriteResult)> done_one;
    std::function<void(std::vector<WriteResult>)> done_each;
    std::function<void(Result<TransactionOutcome>)> done_transaction;
    std::function<void(Status)> done_maintenance;

    std::string token, digest;                   // of a transaction
    std::function<Status(Commit&)> maintenance;  // an error: nothing of it may have been written

    // Filled in by the committing thread.
    std::vector<WriteResult> results;
    std::optional<Result<TransactionOutcome>> outcome;
    Status status;

    void answer();
    void fail(const Error& error);
};

class Committer {
  public:
    // `database`, `clock` and `subscriptions` outlive it.
    Committer(const Database& database, CommitterState state, const io::Clock& clock, Subscriptions& subscriptions,
              const TablesOptions& options);
    ~Committer();  // finishes what waits
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    // Any thread. Over the bound, or after a failed write, it fails at once.
    void submit(Waiting waiting);
    // Between commits, alone; true for durable.
    Status maintain(std::function<Status(Commit&)> work);

    std::shared_ptr<const View> view() const;  // what is durable now
    bool failed() const { return failed_.load(std::memory_order_acquire); }

  private:
    void run();
    void commit(std::vector<Waiting> waiting);
    Status write(Commit& commit);
    Error stopped_error() const;

    const Database& database_;
    const io::Clock& clock_;
    Subscriptions& subscriptions_;
    const bool sync_;
    const uint64_t waiting_bytes_max_;
    const int64_t token_retention_ms_;
    CommitterState state_;  // of the committing thread
    std::atomic<bool> failed_{false};

    mutable std::mutex view_mutex_;
    std::shared_ptr<const View> view_;

    std::mutex mutex_;
    std::condition_variable work_;
    bool idle_ = false;  // the thread waits for `work_`: it is woken once, not by every write
    std::vector<Waiting> queue_;
    std::vector<Waiting> maintenance_;
    uint64_t waiting_bytes_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace millrace::table::engine
