// The one writer: a thread that takes all that waits, carries it out (commit.h), hands the batch to the log
// (commit_log.h) and, while the log writes and syncs it, puts it into RocksDB's memory and carries the next commit out.
// Once a commit is durable its view is shown to readers and everybody is called back: by the log's writer thread, or,
// where that one has the next commit to write and the committing thread waits, by the latter meanwhile. Two commits are
// on their way at most, one of them in the log's hands: the busier the tables, the more writes share a sync.
//
// Until it is durable nobody is told of a commit, nor of one that looked at it: answers keep the commits' order.
//
// A failed write or sync ends writing for the life of this object: what the disk holds is unknown then, and a second
// fdatasync would lie. Readers go on with what was durable.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "src/table/engine/commit.h"
#include "src/table/engine/commit_log.h"
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
    // `database`, `log`, `clock` and `subscriptions` outlive it.
    Committer(const Database& database, CommitLog& log, CommitterState state, const io::Clock& clock,
              Subscriptions& subscriptions, const TablesOptions& options);
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
    // A commit on its way to the disk.
    struct Flight {
        Flight(const Database& database, CommitterState& state, int64_t now_ms, int64_t token_retention_ms,
               std::vector<Waiting> taken)
            : waiting(std::move(taken)), commit(database, state, now_ms, token_retention_ms) {}
        std::vector<Waiting> waiting;
        Commit commit;
        bool writes = false;
        std::shared_ptr<const View> view;  // as of it, where it writes
        // With mutex_ held:
        std::optional<CommitLog::Record> record;  // until the log gets it
        bool applied = false;                     // to RocksDB's memory: there is a view
        std::optional<Status> durable;
    };

    void run();
    std::vector<Waiting> take();
    void commit(std::vector<Waiting> waiting);
    static void carry_out(Flight& flight);
    void append_next(std::unique_lock<std::mutex>& lock);
    void appended(Flight& flight, Status status);
    void settle();
    void tell(Flight& flight);
    void stop_writing(const Error& why);
    void release_log();
    Error stopped_error() const;

    const Database& database_;
    CommitLog& log_;
    const io::Clock& clock_;
    Subscriptions& subscriptions_;
    const uint64_t waiting_bytes_max_;
    const int64_t token_retention_ms_;
    CommitterState state_;  // of the committing thread
    uint64_t unreleased_bytes_ = 0;
    bool keeps_log_ = false;  // it is not known what of it may go
    std::atomic<bool> failed_{false};

    mutable std::mutex view_mutex_;
    std::shared_ptr<const View> view_;

    std::mutex settling_;  // one thread at a time tells of commits; taken before mutex_
    bool lost_ = false;    // with it held: a commit was lost, and with it all that may have looked at it

    std::mutex mutex_;
    std::condition_variable work_;  // for the thread
    std::condition_variable landed_;
    enum class WaitsFor : uint8_t { nothing, work, room } waits_for_ = WaitsFor::nothing;
    std::deque<std::shared_ptr<Flight>> flights_;  // in order
    bool in_log_ = false;                          // the log has one of them
    bool settles_ = false;                         // the thread is asked to settle
    int callbacks_ = 0;                            // of the log, that have not ended
    std::vector<Waiting> queue_;
    std::vector<Waiting> maintenance_;
    uint64_t waiting_bytes_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace millrace::table::engine
