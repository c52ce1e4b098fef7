#include "src/bus/replay.h"

#include "src/bus/event.h"
#include "src/bus/store_keys.h"
#include "src/catalog/registry.h"
#include "src/io/clock.h"
#include "src/table/key_value_store.h"

namespace millrace::bus {
namespace {

constexpr size_t events_max = 1000;  // a step
constexpr size_t bytes_max = 1 << 20;
constexpr int64_t look_again_ns = 50'000'000;

}  // namespace

bool is_over(ReplayState state) {
    return state == ReplayState::completed || state == ReplayState::cancelled || state == ReplayState::failed;
}

ReplayDefinition Replayer::definition() const {
    std::lock_guard lock(mutex_);
    return replay_;
}

Status Replayer::cancel() {
    ReplayDefinition replay = definition();
    if (is_over(replay.state)) return {ErrorCode::failed_precondition, "Replay " + replay.name + " is over."};
    replay.state = ReplayState::cancelling;
    return keep(replay);
}

Status Replayer::keep(const ReplayDefinition& replay) {
    std::lock_guard lock(mutex_);
    ReplayDefinition next = replay;
    if (replay_.state == ReplayState::cancelling && !is_over(next.state)) next.state = ReplayState::cancelling;
    TRY(parts_.registry.put(replay_kind, next.scope, next.name, encode(next)));
    replay_ = std::move(next);
    return {};
}

flow::Stepped::Next Replayer::step(bool, const std::atomic<bool>& stopping) {
    Next next;
    ReplayDefinition replay = definition();
    if (is_over(replay.state) || stopping) return next;
    if (replay.state == ReplayState::cancelling) {
        replay.state = ReplayState::cancelled;
        replay.ended = parts_.clock.now();
        (void)keep(replay).ok();
        return next;
    }
    if (archiver_ && archiver_->state().position < replay.wait_for) {  // what came before the replay belongs to it
        archiver_->hurry();
        next.due_ns = parts_.clock.monotonic_ns() + look_again_ns;
        return next;
    }
    replay.state = ReplayState::running;
    Result<bool> more = replay_some(&replay);
    if (!more.ok()) {
        if (more.error().code == ErrorCode::resource_exhausted || more.error().code == ErrorCode::unavailable) {
            next.due_ns = parts_.clock.monotonic_ns() + 10 * look_again_ns;  // the log is full: later
            return next;
        }
        replay.state = ReplayState::failed;
        replay.reason = more.error().message;
    } else if (!*more) {
        replay.state = ReplayState::completed;
    }
    if (is_over(replay.state)) replay.ended = parts_.clock.now();
    if (!keep(replay).ok()) return next;
    next.more = !is_over(replay.state);
    return next;
}

Result<bool> Replayer::replay_some(ReplayDefinition* replay) {
    const std::string end = store_key('A', {archive_id_, static_cast<uint64_t>(replay->last.value())});
    std::string from = store_key('A', {archive_id_, static_cast<uint64_t>(replay->first.value())});
    if (!replay->cursor.empty()) from = replay->cursor + '\0';
    log::Batch batch{log::ShardKey(bus_.log_key)};
    const std::string origin = encode(Origin{.replay = replay->name});
    bool more = false;
    {
        const auto cursor = parts_.store.cursor();
        for (cursor->seek(from); cursor->valid() && cursor->key() < end; cursor->next()) {
            if (batch.count() == events_max || batch.bytes() > bytes_max) {
                more = true;
                break;
            }
            batch.add(origin, with_replay_name(cursor->value(), replay->name));
            replay->cursor = cursor->key();
            replay->replayed_until = TimestampMs(static_cast<int64_t>(number_at(cursor->key(), 9)));
        }
        TRY(cursor->status());
    }
    if (batch.count() > 0) TRY(parts_.log.append_and_wait(std::move(batch)));
    return more;
}

}  // namespace millrace::bus
