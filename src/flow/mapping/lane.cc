#include "src/flow/mapping/lane.h"

#include <algorithm>
#include <cstdio>

#include "src/base/checksum.h"
#include "src/flow/mapping/answer.h"
#include "src/flow/mapping/event_text.h"
#include "src/io/clock.h"

namespace millrace::flow::mapping {
namespace {

constexpr int64_t ms = 1'000'000;
constexpr int64_t crowded_wait_ms = 20;  // until others let go of memory

}  // namespace

Lane::Lane(LaneHost& host, const SourceShard& shard, uint32_t number, uint32_t of, LaneCheckpoint checkpoint)
    : host_(host), shard_(shard), number_(number), of_(of), checkpoint_(std::move(checkpoint)) {
    drop_batch();
}

Lane::~Lane() {
    hold(0);
}

void Lane::hold(size_t bytes) {
    host_.held_bytes() += static_cast<int64_t>(bytes) - static_cast<int64_t>(held_);
    held_ = bytes;
}

void Lane::drop_batch() {
    batch_ = {ranges_.empty() ? checkpoint_.done : ranges_.front().from, "", {}};
    first_seen_ns_.reset();
    wait_until_ns_ = 0;
    if (!in_flight_) hold(0);
}

bool Lane::finished() const {
    return shard_.closed && at_end_closed_ && ranges_.empty() && batch_.entries.empty() && !checkpoint_.window &&
           !in_flight_ && !given_up_ && !unsaved_;
}

Status Lane::settle() {
    ranges_.clear();
    given_up_.reset();
    final_given_up_ = false;
    final_attempts_ = 0;
    failures_ = 0;
    retry_due_ns_ = throttled_since_ns_ = 0;
    at_end_ = at_end_closed_ = false;
    drop_batch();
    if (unsaved_ || passed_over_) TRY(host_.save(*this));
    unsaved_ = passed_over_ = false;
    return {};
}

void Lane::back_off() {
    const Options& options = host_.options();
    const int64_t wait_ms = std::min(options.retry_ms_first << std::min(failures_, 20u), options.retry_ms_max);
    ++failures_;
    retry_due_ns_ = host_.clock().monotonic_ns() + wait_ms * ms;
}

Stepped::Next Lane::step(int64_t turn_ends_ns, const std::atomic<bool>& stopping) {
    Stepped::Next next;
    while (!in_flight_ && !stopping) {
        if (host_.clock().monotonic_ns() < retry_due_ns_) {
            next.due_ns = retry_due_ns_;
            return next;
        }
        auto stepped = advance(turn_ends_ns);
        if (!stepped.ok()) {
            problem_ = stepped.error().message;
            host_.report(problem_);
            drop_batch();
            back_off();
        } else if (*stepped) {
            return **stepped;
        }
    }
    return next;
}

// One thing at a time, the oldest duty first.
Result<Lane::Step> Lane::advance(int64_t turn_ends_ns) {
    const int64_t now_ns = host_.clock().monotonic_ns();
    if (unsaved_) {
        TRY(host_.save(*this));
        unsaved_ = passed_over_ = false;
        saved_ns_ = now_ns;
        return Step();
    }
    if (given_up_) {
        TRY(deliver_given_up());
        return Step();
    }
    if (checkpoint_.window && checkpoint_.window->early && ranges_.empty()) {
        call_final(true);
        return Step();
    }
    if (now_ns >= turn_ends_ns) return Step(Stepped::Next{.more = true});
    if (now_ns < wait_until_ns_) return Step(Stepped::Next{.due_ns = wait_until_ns_});
    if (batch_.entries.empty() && host_.held_bytes() > host_.options().held_bytes_max)
        return Step(Stepped::Next{.due_ns = now_ns + crowded_wait_ms * ms});

    TRY_ASSIGN(const Stop stop, gather(turn_ends_ns));
    if (stop == Stop::turn) return Step(Stepped::Next{.more = true});
    if (stop == Stop::oversized && batch_.entries.size() == 1) {
        host_.report("PROBLEM: a record is larger than an event may be");
        give_up(1, retries_exhausted);
        return Step();
    }
    if (batch_.entries.empty()) return nothing_gathered(stop);
    if (const size_t expired = expired_entries(); expired > 0) {
        give_up(expired, age_exceeded);
        return Step();
    }
    if (ranges_.empty()) {
        if (auto wait = not_due_yet(stop)) return Step(wait);
        ranges_.push_back({checkpoint_.done, batch_.next, batch_.entries.size()});
    } else if (ranges_.front().end > batch_.next) {  // events have grown since: a longer role, say
        Range rest = ranges_.front();
        rest.from = ranges_.front().end = batch_.next;
        ranges_.insert(ranges_.begin() + 1, rest);
    }
    if (ranges_.front().exhausted) {
        give_up(batch_.entries.size(), retries_exhausted);
    } else {
        call_with_batch();
    }
    return Step();
}

// No record of ours lies between where we were and batch_.next.
Lane::Step Lane::nothing_gathered(Stop stop) {
    if (!ranges_.empty()) {  // retention has taken what was to be tried again, or the filter has
        done_until(ranges_.front().end);
        return Step();
    }
    checkpoint_.done = std::max(checkpoint_.done, batch_.next);
    const bool closing = shard_.closed && at_end_closed_;
    if (checkpoint_.window && (stop == Stop::window_end || window_over() || closing)) {
        call_final(closing && stop != Stop::window_end && !window_over());
        return Step();
    }
    if (stop != Stop::at_end) return Step();
    const int64_t now_ns = host_.clock().monotonic_ns();
    Stepped::Next next;
    next.settled = !passed_over_;
    if (passed_over_) {
        const int64_t save_ns = saved_ns_ + host_.options().position_save_ms * ms;
        if (closing || now_ns >= save_ns) {
            unsaved_ = true;
            return Step();
        }
        next.due_ns = save_ns;
    }
    if (checkpoint_.window) {
        const int64_t over_ms = checkpoint_.window->start.value() + window_ms() + host_.options().window_grace_ms;
        const int64_t wait_ms = std::max<int64_t>(over_ms - host_.clock().now().value(), 1);
        next.due_ns = std::min(next.due_ns, now_ns + wait_ms * ms);
    }
    return next;
}

std::optional<Stepped::Next> Lane::not_due_yet(Stop stop) {
    if (stop != Stop::at_end || (shard_.closed && at_end_closed_)) return std::nullopt;
    const int64_t window_ns = int64_t{host_.definition().settings.batching_window_s} * 1000 * ms;
    const int64_t now_ns = host_.clock().monotonic_ns();
    if (!first_seen_ns_) first_seen_ns_ = now_ns;
    int64_t due_ns = *first_seen_ns_ + window_ns;
    if (window_ms() > 0) {  // the time window's end is the batch's too
        const int64_t over_ms =
            window_of(batch_.entries.front().time).value() + window_ms() + host_.options().window_grace_ms;
        due_ns = std::min(due_ns, now_ns + (over_ms - host_.clock().now().value()) * ms);
    }
    if (due_ns <= now_ns) return std::nullopt;
    if (host_.held_bytes() > host_.options().held_bytes_max / 2) {
        const std::optional<int64_t> seen_ns = first_seen_ns_;
        drop_batch();
        first_seen_ns_ = seen_ns;
        wait_until_ns_ = due_ns;
    }
    return Stepped::Next{.due_ns = due_ns};
}

size_t Lane::expired_entries() const {
    const int64_t age_s = host_.definition().settings.record_age_s_max;
    if (age_s < 0) return 0;
    const int64_t oldest_ms = host_.clock().now().value() - age_s * 1000;
    size_t expired = 0;
    while (expired < batch_.entries.size() && batch_.entries[expired].time.value() < oldest_ms) ++expired;
    return expired;
}

// The first `entries` of the batch are given up; what follows them is tried (again).
void Lane::give_up(size_t entries, std::string_view condition) {
    if (ranges_.empty()) ranges_.push_back({checkpoint_.done, batch_.next, batch_.entries.size()});
    const Entry &first = batch_.entries.front(), &last = batch_.entries[entries - 1];
    const bool whole = entries == batch_.entries.size();
    GivenUp& out = given_up_.emplace();
    out.end = whole ? batch_.next : batch_.entries[entries].position;
    out.since_ns = host_.clock().monotonic_ns();
    FailureRecord& record = out.record;
    record.condition = condition;
    record.invocations = ranges_.front().invocations;
    record.request_id = random_uuid();
    if (record.invocations > 0) {
        record.request_id = request_id_;
        record.executed_version = executed_version_;
        record.function_error = function_error_;
    }
    const function::FunctionName& name = host_.definition().settings.function;
    record.function_arn = function::function_arn(name.scope, name.name, name.qualifier);
    record.pipe_arn = host_.pipe_arn();
    record.time = host_.clock().now();
    record.shard_id = shard_.id;
    record.first = first.position;
    record.last = last.position;
    record.first_time = first.time;
    record.last_time = last.time;
    record.records = entries;
    if (!host_.definition().settings.on_failure.empty()) {
        record.payload = batch_.text.substr(0, last.text_end) + "]";
        if (window_ms() > 0)
            record.payload += event_tail(checkpoint_.window.value_or(Window{window_of(first.time)}), false, false);
        record.payload += "}";
    }
    hold(record.payload.size());
    batch_ = {};
}

Status Lane::deliver_given_up() {
    if (!host_.definition().settings.on_failure.empty()) {
        if (Status delivered = host_.deliver(given_up_->record); !delivered.ok()) {
            const int64_t waited_ns = host_.clock().monotonic_ns() - given_up_->since_ns;
            if (waited_ns < host_.options().destination_ms_max * ms)
                return with_context(std::move(delivered).error(), "PROBLEM: the on-failure destination");
            std::fprintf(
                stderr, "millrace: event source mapping %s: %llu records are given up and could not be put to %s: %s\n",
                host_.definition().uuid.c_str(), static_cast<unsigned long long>(given_up_->record.records),
                host_.definition().settings.on_failure.c_str(), delivered.error().message.c_str());
        }
    }
    counts_.given_up += given_up_->record.records;
    const Position end = given_up_->end;
    given_up_.reset();
    failures_ = 0;
    if (final_given_up_) {
        final_given_up_ = false;
        final_attempts_ = 0;
        checkpoint_.window.reset();
        unsaved_ = true;
        drop_batch();
        return {};
    }
    done_until(end);
    return {};
}

// All of the lane's records below `position` are done; the batch goes on behind it.
void Lane::done_until(Position position) {
    checkpoint_.done = std::max(checkpoint_.done, position);
    unsaved_ = true;
    while (!ranges_.empty() && ranges_.front().end <= position) ranges_.pop_front();
    if (!ranges_.empty() && ranges_.front().from < position) ranges_.front().from = position;
    drop_batch();
}

}  // namespace millrace::flow::mapping
