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
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "table-commit");
        run();
    });
}

Committer::~Committer() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    work_.notify_one();
    thread_.join();
}

Error Committer::stopped_error() const {
    return {ErrorCode::unavailable, "the tables stopped taking writes after a failed one; restart millrace"};
}

void Committer::submit(Waiting waiting) {
    std::optional<Error> refused;
    bool wake = false;
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
            wake = std::exchange(idle_, false);
        }
    }
    if (refused) return waiting.fail(*refused);
    if (wake) work_.notify_one();
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

void Committer::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        while (queue_.empty() && maintenance_.empty()) {
            if (stopping_) return;
            idle_ = true;
            work_.wait(lock);
        }
        idle_ = false;
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
        uint64_t bytes = 0;
        for (const Waiting& one : taken) bytes += one.bytes;
        lock.unlock();
        commit(std::move(taken));
        lock.lock();
        waiting_bytes_ -= bytes;
    }
}

void Committer::commit(std::vector<Waiting> waiting) {
    const auto fail_all = [&](const Error& error) {
        const io::WakeBatch batch;
        for (Waiting& one : waiting) one.fail(error);
    };
    if (failed()) return fail_all(stopped_error());
    Commit commit(database_, state_, clock_.now().value(), token_retention_ms_);
    for (Waiting& one : waiting) {
        if (one.maintenance) {
            one.status = one.maintenance(commit);
        } else if (one.done_transaction) {
            one.outcome = commit.transact(one.writes, one.token, one.digest);
        } else {
            one.results.reserve(one.writes.size());
            for (PreparedWrite& write : one.writes) one.results.push_back(commit.write(write));
        }
    }
    if (const Status written = write(commit); !written) {
        failed_.store(true, std::memory_order_release);
        return fail_all(written.error());
    }
    const io::WakeBatch batch;
    for (Waiting& one : waiting) one.answer();
    subscriptions_.wake(commit.streams());
}

// Durable on return, and readers see it.
Status Committer::write(Commit& commit) {
    rocksdb::WriteBatch& batch = commit.finish();
    if (batch.Count() == 0) return {};
    rocksdb::WriteOptions options;
    options.sync = sync_;
    if (const rocksdb::Status status = database_->Write(options, &batch); !status.ok()) {
        return Error{ErrorCode::unavailable, error_of(status, "cannot write to the tables").message};
    }
    commit.tell_cache();
    auto view = std::make_shared<const View>(database_, state_.last_commit, state_.next_sequence);
    const std::lock_guard lock(view_mutex_);
    view_.swap(view);
    return {};
}

}  // namespace millrace::table::engine
