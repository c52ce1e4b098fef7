// The one writer. Two threads take turns on commits:
//
//   executing   takes all that waits, carries it out (commit.h), hands the batch to RocksDB, which has it in its log
//               file and its memtable then, and takes a snapshot: the view as of this commit
//   syncing     makes the log durable, shows the view to readers, and calls everybody back
//
// So the next commit is carried out while the last one is on its way to the disk, and it sees it; readers see neither
// before they are durable.
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

    // Filled in by the executing thread.
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
    struct Executed {
        std::vector<Waiting> waiting;
        std::shared_ptr<const View> view;
        std::unordered_set<uint64_t> streams;
        bool wrote = false;
        std::optional<Error> error;
    };
    void execute_all();
    Executed execute(std::vector<Waiting> waiting);
    void sync_all();
    void finish(Executed executed);
    Error stopped_error() const;

    const Database& database_;
    const io::Clock& clock_;
    Subscriptions& subscriptions_;
    const bool sync_;
    const uint64_t waiting_bytes_max_;
    const int64_t token_retention_ms_;
    CommitterState state_;  // of the executing thread
    std::atomic<bool> failed_{false};

    mutable std::mutex view_mutex_;
    std::shared_ptr<const View> view_;

    std::mutex mutex_;
    std::condition_variable work_, room_;
    std::vector<Waiting> queue_;
    std::vector<Waiting> maintenance_;
    uint64_t waiting_bytes_ = 0;
    std::optional<Executed> executed_;  // not yet being synced
    bool stopping_ = false;
    bool executing_ended_ = false;
    std::thread executing_, syncing_;
};

}  // namespace millrace::table::engine
