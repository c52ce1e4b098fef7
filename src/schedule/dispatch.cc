// The engine's thread: what targets answered is written down, what is due is recorded, what is recorded is called.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "src/base/checksum.h"
#include "src/base/one_line.h"
#include "src/io/clock.h"
#include "src/schedule/engine.h"
#include "src/schedule/inbox.h"
#include "src/schedule/keys.h"
#include "src/schedule/timetable.h"
#include "src/table/key_value_store.h"

namespace millrace::schedule {
namespace {

constexpr int64_t sleep_ms_max = 1'000;  // the wall clock may be set
constexpr TimestampMs never(INT64_MAX);

uint64_t random_number() {
    const std::string bytes = random_bytes(8);
    uint64_t out = 0;
    for (const char c : bytes) out = out << 8 | static_cast<unsigned char>(c);
    return out;
}

// Behind every key that begins so.
std::string behind(std::string_view prefix) {
    std::string out(prefix);
    ++out.back();
    return out;
}

std::string random_run() {
    return keys::time_text(TimestampMs(static_cast<int64_t>(random_number() >> 1)));
}

}  // namespace

void Engine::work() {
    for (;;) {
        const Result<TimestampMs> until = step();
        if (!until.ok()) {
            std::fprintf(stderr, "millrace: schedules: %s\n", until.error().message.c_str());
        }
        const int64_t wait_ms = until.ok() ? until->value() - parts_.clock.now().value() : sleep_ms_max;
        std::unique_lock lock(mutex_);
        if (!poked_ && !stopping_ && wait_ms > 0) {
            wake_.wait_for(lock, std::chrono::milliseconds(std::min(wait_ms, sleep_ms_max)));
        }
        if (stopping_) return;
        poked_ = false;
    }
}

Result<TimestampMs> Engine::step() {
    Result<TimestampMs> until = turn();
    call_targets();  // also of a turn that failed later on
    return until;
}

void Engine::call_targets() {
    for (auto& each : std::exchange(calls_, {})) {
        parts_.deliver(std::move(each.second), [inbox = inbox_, run = std::move(each.first)](target::Outcome outcome) {
            inbox->put(run, std::move(outcome));
        });
    }
}

Result<TimestampMs> Engine::turn() {
    const std::lock_guard world(world_);
    TRY(settle());
    TRY(sweep_groups());
    TRY_ASSIGN(const TimestampMs due, move_due());
    TRY_ASSIGN(const TimestampMs run, launch());
    return std::min(due, run);
}

// --- what targets answered ---

Status Engine::settle() {
    {
        const std::lock_guard lock(inbox_->mutex);
        std::move(inbox_->finished.begin(), inbox_->finished.end(), std::back_inserter(finished_));
        inbox_->finished.clear();
    }
    if (finished_.empty()) return {};
    table::WriteBatch batch;
    const size_t waiting = waiting_;
    for (const Finished& each : finished_) {
        if (Status settled = settle_one(each, &batch); !settled.ok()) {
            waiting_ = waiting;
            return settled;
        }
    }
    if (Status written = parts_.store.write(batch); !written.ok()) {
        waiting_ = waiting;
        return written;
    }
    for (const Finished& each : finished_) in_flight_.erase(each.key);
    finished_.clear();
    return {};
}

Status Engine::settle_one(const Finished& finished, table::WriteBatch* out) {
    const auto key = keys::parse_run(finished.key);
    TRY_ASSIGN(const auto stored, parts_.store.get(finished.key));
    if (!key || !stored) return {};
    TRY_ASSIGN(Run run, decode_run(*stored));
    const target::Outcome& outcome = finished.outcome;
    if (outcome.ok()) {
        ++delivered_;
        return end_run(run, key->name, finished.key, out);
    }
    ++failed_;
    if (outcome.attempted || outcome.kind == target::Outcome::Kind::permanent) ++run.attempts;
    const Result<Schedule> schedule = load(key->name);
    const uint32_t retries_max = schedule.ok() ? schedule->settings.target.attempts_more() : 0;
    if (outcome.kind == target::Outcome::Kind::permanent || run.attempts > retries_max) {
        give_up(key->name, outcome.code + ": " + outcome.message);
        return end_run(run, key->name, finished.key, out);
    }
    const int64_t backoff_ms =
        std::min(options_.retry_ms_first << std::min(std::max(run.attempts, 1u) - 1, 20u), options_.retry_ms_max);
    // Somewhere in the second half of the wait, so that what failed together is not tried again together.
    const int64_t wait_ms = backoff_ms / 2 + static_cast<int64_t>(random_number() % (backoff_ms / 2 + 1));
    const TimestampMs again(parts_.clock.now().value() + std::max(wait_ms, outcome.retry_after_ms));
    out->erase(finished.key);
    std::string next_key = keys::run_key(again, key->run, key->name);
    out->put(next_key, encode(run));
    const std::lock_guard lock(mutex_);
    runs_from_ = std::min(runs_from_, next_key);
    return {};
}

// The run is over, well or not. With its schedule's last one, a schedule that is to be deleted goes.
Status Engine::end_run(const Run& run, const ScheduleName& name, const std::string& key, table::WriteBatch* out) {
    --waiting_;
    const Result<Schedule> schedule = load(name);
    const bool deletes = run.last && schedule.ok() && schedule->uid == run.uid && schedule->revision == run.revision &&
                         schedule->settings.delete_after;
    if (!deletes) {
        out->erase(key);
        return {};
    }
    const Result<Timetable> timetable = Timetable::of(schedule->settings, schedule->anchor);
    if (!timetable.ok() ||
        timetable->recurs()) {  // an earlier occurrence may still be tried again: then that one is the last
        // The store is asked which, and whoever ends that one next finds there that it is: what this batch has done to
        // others is written before, and what it does to that one at once.
        TRY(write_out(out));
        TRY_ASSIGN(const bool more, hand_on_last(run, name, key, out));
        if (more) {
            out->erase(key);
            return write_out(out);
        }
    }
    out->erase(key);
    TRY(unplace(name, out));
    out->erase(keys::definition_key(name));
    return {};
}

Status Engine::write_out(table::WriteBatch* batch) {
    if (!batch->empty()) TRY(parts_.store.write(*batch));
    *batch = {};
    return {};
}

// Whether another run of the schedule is left; it is the last one then.
Result<bool> Engine::hand_on_last(const Run& run, const ScheduleName& name, std::string_view key,
                                  table::WriteBatch* out) {
    const auto cursor = parts_.store.cursor();
    for (cursor->seek(keys::runs); cursor->valid() && cursor->key().starts_with(keys::runs); cursor->next()) {
        const auto each = keys::parse_run(cursor->key());
        if (cursor->key() == key || !each || each->name != name) continue;
        Result<Run> other = decode_run(cursor->value());
        if (!other.ok() || other->uid != run.uid) continue;  // dropped when it is due
        other->last = true;
        other->revision = run.revision;
        out->put(std::string(cursor->key()), encode(*other));
        return true;
    }
    TRY(cursor->status());
    return false;
}

void Engine::give_up(const ScheduleName& name, std::string_view why) {
    ++given_up_;
    const int64_t now_ns = parts_.clock.monotonic_ns();
    if (now_ns < said_ns_ + 1'000'000'000) return;  // a line a second at most; counts() has them all
    said_ns_ = now_ns;
    std::fprintf(stderr, "millrace: a run of %s is given up: %s\n", arn_of(name).c_str(), on_one_line(why).c_str());
}

// --- what is due ---

// Returns when the next is due: now, where there is more.
Result<TimestampMs> Engine::move_due() {
    const TimestampMs now = parts_.clock.now();
    std::string from;
    {
        const std::lock_guard lock(mutex_);
        from = std::exchange(due_from_, behind(keys::due));  // what is placed meanwhile lowers it
    }
    table::WriteBatch batch;
    const size_t waiting = waiting_;
    const auto cursor = parts_.store.cursor();
    cursor->seek(from);
    TimestampMs next = never;
    std::string next_key = behind(keys::due);
    Status status;
    for (size_t moved = 0; cursor->valid() && cursor->key().starts_with(keys::due); cursor->next()) {
        const auto key = keys::parse_due(cursor->key());
        if (!key) {
            batch.erase(std::string(cursor->key()));
            continue;
        }
        if (key->time > now || moved++ == options_.moved_max || waiting_ >= options_.waiting_max) {
            next_key = cursor->key();
            break;
        }
        status = move_one(key->name, key->time, now, &batch);
        if (!status.ok()) break;
    }
    if (status.ok()) status = cursor->status();
    if (status.ok() && !batch.empty()) status = parts_.store.write(batch);
    {
        const std::lock_guard lock(mutex_);
        due_from_ = std::min(due_from_, status.ok() ? next_key : from);
        const auto first = keys::parse_due(due_from_);
        if (due_from_ != behind(keys::due)) next = first ? first->time : now;
    }
    if (!status.ok()) {
        waiting_ = waiting;
        return std::move(status).error();
    }
    // Full: a run that ends wakes us.
    return waiting_ >= options_.waiting_max ? never : next;
}

void Engine::record(const Schedule& schedule, TimestampMs time, bool last, table::WriteBatch* out) {
    const int64_t window_ms = int64_t{schedule.settings.window_minutes} * 60'000;
    const int64_t shift_ms = window_ms == 0 ? 0 : static_cast<int64_t>(random_number() % (window_ms + 1));
    const TimestampMs at(time.value() + shift_ms);
    const Run run{schedule.uid, schedule.revision, time, 0, last};
    std::string key = keys::run_key(at, random_run(), schedule.name);
    out->put(key, encode(run));
    ++waiting_;
    const std::lock_guard lock(mutex_);
    runs_from_ = std::min(runs_from_, key);
}

Status Engine::record_late(const Schedule& schedule, TimestampMs first, TimestampMs now, table::WriteBatch* out) {
    TRY_ASSIGN(const Timetable timetable, Timetable::of(schedule.settings, schedule.anchor));
    const int64_t age_ms = schedule.settings.target.age_ms_max() + int64_t{schedule.settings.window_minutes} * 60'000;
    std::optional<TimestampMs> due = first;
    if (now.value() - first.value() > age_ms) {
        ++skipped_;
        give_up(schedule.name, "it was due too long ago when it was changed");
        due = timetable.next(TimestampMs(now.value() - age_ms - 1));
    }
    for (; due && *due <= now; due = timetable.next(*due)) record(schedule, *due, false, out);
    return {};
}

// The schedule is due at `time`: a run, and the next time.
Status Engine::move_one(const ScheduleName& name, TimestampMs time, TimestampMs now, table::WriteBatch* out) {
    out->erase(keys::due_key(time, name));
    TRY_ASSIGN(const auto stored, parts_.store.get(keys::next_key(name)));
    if (!stored || keys::parse_time(*stored) != time) return {};  // is due at another time by now
    const Result<Schedule> schedule = load(name);
    if (!schedule.ok() && schedule.error().code == ErrorCode::io) return Error(schedule.error());
    const Result<Timetable> timetable =
        schedule.ok() ? Timetable::of(schedule->settings, schedule->anchor) : Error(schedule.error());
    if (!timetable.ok()) {  // what can not be read is not due again, and holds up nobody else
        out->erase(keys::next_key(name));
        give_up(name, timetable.error().message);
        return {};
    }
    std::optional<TimestampMs> next = timetable->next(time);
    const int64_t window_ms = int64_t{schedule->settings.window_minutes} * 60'000;
    const int64_t age_ms = schedule->settings.target.age_ms_max();
    if (now.value() - time.value() > age_ms + window_ms) {  // too late; so are those up to an age ago
        ++skipped_;
        give_up(name,
                "it was due at " + std::to_string(time.value() / 1000) + " (in seconds since 1970), too long ago");
        next = timetable->next(std::max(time, TimestampMs(now.value() - age_ms - window_ms - 1)));
        if (!next && schedule->settings.delete_after) {
            out->erase(keys::next_key(name));
            out->erase(keys::definition_key(name));
            return {};
        }
    } else {
        record(*schedule, time, !next, out);
    }
    if (!next) {
        out->erase(keys::next_key(name));
        return {};
    }
    out->put(keys::next_key(name), keys::time_text(*next));
    std::string key = keys::due_key(*next, name);
    out->put(key, "");
    const std::lock_guard lock(mutex_);
    due_from_ = std::min(due_from_, key);
    return {};
}

// --- what is recorded ---

// Returns when the next attempt is due.
Result<TimestampMs> Engine::launch() {
    const TimestampMs now = parts_.clock.now();
    std::string from;
    {
        const std::lock_guard lock(mutex_);
        from = std::exchange(runs_from_, behind(keys::runs));
    }
    table::WriteBatch dropped;
    const size_t waiting = waiting_;
    const auto cursor = parts_.store.cursor();
    cursor->seek(from);
    TimestampMs next = never;
    std::string first_left = behind(keys::runs);
    Status status;
    for (; cursor->valid() && cursor->key().starts_with(keys::runs); cursor->next()) {
        const auto key = keys::parse_run(cursor->key());
        if (!key) {
            dropped.erase(std::string(cursor->key()));
            continue;
        }
        if (first_left == behind(keys::runs)) first_left = cursor->key();
        if (key->time > now) {
            next = key->time;
            break;
        }
        if (in_flight_.contains(cursor->key())) continue;
        if (in_flight_.size() >= options_.in_flight_max) break;  // one that ends wakes us
        status = launch_one(std::string(cursor->key()), cursor->value(), now, &dropped);
        if (!status.ok()) break;
    }
    if (status.ok()) status = cursor->status();
    if (status.ok() && !dropped.empty()) status = parts_.store.write(dropped);
    const std::lock_guard lock(mutex_);
    runs_from_ = std::min(runs_from_, status.ok() ? first_left : from);
    if (!status.ok()) {
        waiting_ = waiting;
        return std::move(status).error();
    }
    return next;
}

Status Engine::launch_one(std::string key, std::string_view value, TimestampMs now, table::WriteBatch* out) {
    const auto parsed = keys::parse_run(key);
    const Result<Run> decoded = decode_run(value);
    const Run run = decoded.ok() ? *decoded : Run();
    Result<Schedule> schedule = load(parsed->name);
    if (!schedule.ok() && schedule.error().code == ErrorCode::io) return std::move(schedule).error();
    if (!schedule.ok() || schedule->uid != run.uid) {  // deleted meanwhile, or can not be read
        if (!decoded.ok() || (!schedule.ok() && schedule.error().code == ErrorCode::corruption)) {
            give_up(parsed->name, "what is stored of it can not be read");
        }
        out->erase(std::move(key));
        --waiting_;
        return {};
    }
    const int64_t window_ms = int64_t{schedule->settings.window_minutes} * 60'000;
    const int64_t age_ms = schedule->settings.target.age_ms_max();
    if (now.value() - run.scheduled.value() > age_ms + window_ms) {
        give_up(parsed->name, "it is older than its retry policy's MaximumEventAgeInSeconds");
        TRY_ASSIGN(const auto now_stored, parts_.store.get(key));  // it may be the last one since the walk began
        TRY_ASSIGN(const Run now_run, decode_run(now_stored.value_or(std::string(value))));
        return end_run(now_run, parsed->name, key, out);
    }
    calls_.emplace_back(key, call_of(*schedule, run, random_run()));
    in_flight_.insert(std::move(key));
    return {};
}

}  // namespace millrace::schedule
