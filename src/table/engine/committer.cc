#include "src/table/engine/committer.h"

#include <algorithm>
#include <cstdio>
#include <future>

#include <pthread.h>

#include "src/io/clock.h"
#include "src/io/wakeup.h"
#include "src/table/engine/recovery.h"

namespace millrace::table::engine {
namespace {

constexpr size_t flights_max = 2;                     // one with the log, one being put together
constexpr uint64_t release_every_bytes = 8ULL << 20;  // of log

}  // namespace

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

Committer::Committer(const Database& database, CommitLog& log, CommitterState state, const io::Clock& clock,
                     Subscriptions& subscriptions, const TablesOptions& options)
    : database_(database),
      log_(log),
      clock_(clock),
      subscriptions_(subscriptions),
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
    std::unique_lock lock(mutex_);
    landed_.wait(lock, [this] { return flights_.empty() && callbacks_ == 0; });
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
            if (waits_for_ == WaitsFor::work) {
                waits_for_ = WaitsFor::nothing;
                wake = true;
            }
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
        if (settles_) {
            settles_ = false;
            lock.unlock();
            settle();
            lock.lock();
            continue;
        }
        const bool work = !queue_.empty() || !maintenance_.empty();
        if (!work && stopping_) return;
        if (!work || flights_.size() >= flights_max) {
            waits_for_ = work ? WaitsFor::room : WaitsFor::work;
            work_.wait(lock);
            waits_for_ = WaitsFor::nothing;
            continue;
        }
        std::vector<Waiting> taken = take();
        lock.unlock();
        commit(std::move(taken));
        lock.lock();
    }
}

// All that waits, and one of maintenance's, which goes first.
std::vector<Waiting> Committer::take() {
    std::vector<Waiting> taken;
    if (maintenance_.empty()) {
        taken.swap(queue_);
        return taken;
    }
    taken.push_back(std::move(maintenance_.front()));
    maintenance_.erase(maintenance_.begin());
    std::move(queue_.begin(), queue_.end(), std::back_inserter(taken));
    queue_.clear();
    return taken;
}

void Committer::carry_out(Flight& flight) {
    for (Waiting& one : flight.waiting) {
        if (one.maintenance) {
            one.status = one.maintenance(flight.commit);
        } else if (one.done_transaction) {
            one.outcome = flight.commit.transact(one.writes, one.token, one.digest);
        } else {
            one.results.reserve(one.writes.size());
            for (PreparedWrite& write : one.writes) one.results.push_back(flight.commit.write(write));
        }
    }
}

void Committer::commit(std::vector<Waiting> waiting) {
    const auto flight =
        std::make_shared<Flight>(database_, state_, clock_.now().value(), token_retention_ms_, std::move(waiting));
    const bool refused = failed();
    if (!refused) carry_out(*flight);
    rocksdb::WriteBatch& batch = flight->commit.finish();
    const bool writes = flight->writes = batch.Count() > 0;
    std::optional<CommitLog::Record> record;
    if (writes) record = log_.record(state_.logged, batch.Data(), flight->commit.repeats());
    {
        std::unique_lock lock(mutex_);
        flights_.push_back(flight);
        if (writes) {
            flight->record = std::move(record);
            append_next(lock);
        } else {
            flight->durable = refused ? Status(stopped_error()) : Status();
        }
    }
    if (writes) {
        if (const Status applied = database_.write(batch); !applied) {
            stop_writing(applied.error());
        } else {
            flight->view =
                std::make_shared<const View>(database_, flight->commit.number(), flight->commit.next_sequence());
        }
        unreleased_bytes_ += batch.GetDataSize();
        if (unreleased_bytes_ >= release_every_bytes) release_log();
    }
    bool settled = false;
    {
        const std::lock_guard lock(mutex_);
        flight->applied = true;
        settled = flight->durable || failed();
    }
    if (settled) settle();
}

// Most callers are told only that writing has ended: why stands in the server's log.
void Committer::stop_writing(const Error& why) {
    if (failed_.exchange(true, std::memory_order_acq_rel)) return;
    std::fprintf(stderr, "millrace: the tables take no more writes until a restart: %s\n", why.message.c_str());
}

// The log gets a commit once the one before is durable: after one that failed there is none.
void Committer::append_next(std::unique_lock<std::mutex>& lock) {
    if (in_log_ || failed()) return;
    const auto next =
        std::find_if(flights_.begin(), flights_.end(), [](const auto& flight) { return flight->record.has_value(); });
    if (next == flights_.end()) return;
    in_log_ = true;
    ++callbacks_;
    const std::shared_ptr<Flight> flight = *next;
    CommitLog::Record record = *std::exchange(flight->record, std::nullopt);
    lock.unlock();
    log_.append(std::move(record), [this, flight](Status status) { appended(*flight, std::move(status)); });
    lock.lock();
}

void Committer::appended(Flight& flight, Status status) {
    if (!status) stop_writing(status.error());
    std::unique_lock lock(mutex_);
    flight.durable = std::move(status);
    in_log_ = false;
    append_next(lock);
    if (flight.applied && in_log_ && waits_for_ != WaitsFor::nothing) {
        settles_ = true;  // this is the log's thread, which has the next commit to write
        waits_for_ = WaitsFor::nothing;
        work_.notify_one();
    } else if (flight.applied) {
        lock.unlock();
        settle();
        lock.lock();
    }
    if (--callbacks_ == 0) landed_.notify_all();  // the last word: the destructor waits for it
}

// Tells of all commits that are durable and in the store, in order.
void Committer::settle() {
    const std::lock_guard one_at_a_time(settling_);
    std::unique_lock lock(mutex_);
    while (!flights_.empty()) {
        const std::shared_ptr<Flight> flight = flights_.front();
        if (failed() && flight->record) flight->durable = stopped_error();
        if (!flight->applied || !flight->durable) return;
        lock.unlock();
        tell(*flight);
        lock.lock();
        for (const Waiting& one : flight->waiting) waiting_bytes_ -= one.bytes;
        flights_.pop_front();
        if (waits_for_ == WaitsFor::room) {
            waits_for_ = WaitsFor::nothing;
            work_.notify_one();
        }
    }
}

void Committer::tell(Flight& flight) {
    const io::WakeBatch batch;
    const Status& durable = *flight.durable;
    lost_ |= !durable || (flight.writes && !flight.view);
    if (lost_) {
        const Error error =
            durable ? stopped_error()
                    : Error{ErrorCode::unavailable, "cannot write to the tables: " + durable.error().message};
        for (Waiting& one : flight.waiting) one.fail(error);
        return;
    }
    if (flight.view) {
        flight.commit.tell_cache();
        auto view = flight.view;
        const std::lock_guard lock(view_mutex_);
        view_.swap(view);
    }
    for (Waiting& one : flight.waiting) one.answer();
    subscriptions_.wake(flight.commit.streams());
}

// Where it can not be told, every write is as safe as before, but the log grows and a start would fail: the operator is
// told, once. A next flush writes what could not be read anew.
void Committer::release_log() {
    unreleased_bytes_ = 0;
    const auto flushed = flushed_number(database_);
    if (flushed) {
        log_.release(*flushed);
        if (keeps_log_) std::fputs("millrace: the tables' log gives its space back again\n", stderr);
    } else if (!keeps_log_) {
        std::fprintf(stderr, "millrace: the tables' log grows, as what of it is in table files can not be read: %s\n",
                     flushed.error().message.c_str());
    }
    keeps_log_ = !flushed.ok();
}

}  // namespace millrace::table::engine
