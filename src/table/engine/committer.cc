#include "src/table/engine/committer.h"

#include <future>

#include <pthread.h>

#include "src/io/clock.h"
#include "src/io/wakeup.h"

namespace millrace::table::engine {

void Waiting::answer() {
    if (done_one) {
        done_one(std::move(results.front()));
    } else if (done_each) {
        done_each(std::move(results));
    } else if (done_transaction) {
        done_transaction(std::move(*outcome));
    } else {
        done_maintenance(std::move(status));
    }
}

void Waiting::fail(const Error& error) {
    results.clear();
    for (size_t i = 0; i < writes.size(); ++i) results.emplace_back(WriteError{error});
    outcome = error;
    status = error;
    answer();
}

Committer::Committer(const Database& database, CommitterState state, const io::Clock& clock,
                     Subscriptions& subscriptions, const TablesOptions& options)
    : database_(database),
      clock_(clock),
      subscriptions_(subscriptions),
      sync_(options.sync),
      waiting_bytes_max_(options.waiting_bytes_max),
      token_retention_ms_(options.token_retention_ms),
      state_(std::move(state)) {
    view_ = std::make_shared<const View>(database_, state_.last_commit, state_.next_sequence);
    executing_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "table-commit");
        execute_all();
    });
    syncing_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "table-sync");
        sync_all();
    });
}

Committer::~Committer() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    work_.notify_all();
    room_.notify_all();
    executing_.join();
    syncing_.join();
}

Error Committer::stopped_error() const {
    return {ErrorCode::unavailable, "the tables stopped taking writes after a failed one; restart millrace"};
}

void Committer::submit(Waiting waiting) {
    std::optional<Error> refused;
    {
        std::lock_guard lock(mutex_);
        if (stopping_) refused = Error{ErrorCode::unavailable, "millrace is stopping"};
        if (failed()) refused = stopped_error();
        if (!refused && waiting_bytes_ > 0 && waiting_bytes_ + waiting.bytes > waiting_bytes_max_) {
            refused = Error{ErrorCode::resource_exhausted, "too many writes wait for the disk; try again"};
        }
        if (!refused) {
            waiting_bytes_ += waiting.bytes;
            (waiting.maintenance ? maintenance_ : queue_).push_back(std::move(waiting));
        }
    }
    if (refused) return waiting.fail(*refused);
    work_.notify_one();
}

Status Committer::maintain(std::function<Status(Commit&)> work) {
    std::promise<Status> promise;
    Waiting waiting;
    waiting.maintenance = std::move(work);
    waiting.done_maintenance = [&](Status status) { promise.set_value(std::move(status)); };
    submit(std::move(waiting));
    return promise.get_future().get();
}

std::shared_ptr<const View> Committer::view() const {
    std::lock_guard lock(view_mutex_);
    return view_;
}

void Committer::execute_all() {
    std::unique_lock lock(mutex_);
    while (true) {
        // What is taken is taken late: while two commits are under way, the third one gathers.
        work_.wait(lock, [&] {
            const bool work = !queue_.empty() || !maintenance_.empty();
            return (work && !executed_) || (stopping_ && !work);
        });
        if (queue_.empty() && maintenance_.empty()) break;
        std::vector<Waiting> taken;
        if (!maintenance_.empty()) {
            taken.push_back(std::move(maintenance_.front()));
            maintenance_.erase(maintenance_.begin());
        }
        if (taken.empty()) {
            taken.swap(queue_);
        } else {
            std::move(queue_.begin(), queue_.end(), std::back_inserter(taken));
            queue_.clear();
        }
        lock.unlock();
        Executed executed = execute(std::move(taken));
        lock.lock();
        executed_ = std::move(executed);
        room_.notify_one();
    }
    executing_ended_ = true;
    room_.notify_one();
}

Committer::Executed Committer::execute(std::vector<Waiting> waiting) {
    Executed executed;
    executed.waiting = std::move(waiting);
    if (failed()) {
        executed.error = stopped_error();
        return executed;
    }
    Commit commit(database_, state_, clock_.now().value(), token_retention_ms_);
    for (Waiting& one : executed.waiting) {
        if (one.maintenance) {
            one.status = one.maintenance(commit);
        } else if (one.done_transaction) {
            one.outcome = commit.transact(one.writes, one.token, one.digest);
        } else {
            one.results.reserve(one.writes.size());
            for (PreparedWrite& write : one.writes) one.results.push_back(commit.write(write));
        }
    }
    rocksdb::WriteBatch& batch = commit.finish();
    executed.streams = commit.streams();
    executed.wrote = batch.Count() > 0;
    if (!executed.wrote) return executed;
    const rocksdb::Status status = database_->Write(rocksdb::WriteOptions(), &batch);
    if (!status.ok()) {
        failed_.store(true, std::memory_order_release);
        executed.error = Error{ErrorCode::unavailable, error_of(status, "cannot write to the tables").message};
        return executed;
    }
    executed.view = std::make_shared<const View>(database_, state_.last_commit, state_.next_sequence);
    return executed;
}

void Committer::sync_all() {
    std::unique_lock lock(mutex_);
    while (true) {
        room_.wait(lock, [&] { return executed_ || executing_ended_; });
        if (!executed_) return;
        Executed executed = std::move(*executed_);
        executed_.reset();
        work_.notify_one();
        lock.unlock();
        finish(std::move(executed));
        lock.lock();
    }
}

void Committer::finish(Executed executed) {
    if (!executed.error && failed()) executed.error = stopped_error();
    if (!executed.error && executed.wrote && sync_) {
        if (const rocksdb::Status status = database_->SyncWAL(); !status.ok()) {
            failed_.store(true, std::memory_order_release);
            executed.error = Error{ErrorCode::unavailable, error_of(status, "cannot sync the tables' log").message};
        }
    }
    uint64_t bytes = 0;
    for (const Waiting& one : executed.waiting) bytes += one.bytes;
    {
        std::lock_guard lock(mutex_);
        waiting_bytes_ -= bytes;
    }
    const io::WakeBatch batch;
    if (executed.error) {
        for (Waiting& one : executed.waiting) one.fail(*executed.error);
        return;
    }
    if (executed.view) {
        std::lock_guard lock(view_mutex_);
        view_.swap(executed.view);
    }
    for (Waiting& one : executed.waiting) one.answer();
    subscriptions_.wake(executed.streams);
}

}  // namespace millrace::table::engine
