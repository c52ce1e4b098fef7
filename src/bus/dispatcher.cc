#include "src/bus/dispatcher.h"

#include <algorithm>
#include <cstdio>

#include "src/base/one_line.h"
#include "src/bus/store_keys.h"
#include "src/io/clock.h"

namespace millrace::bus {
namespace {

constexpr size_t events_max = 8000;            // on their way at once
constexpr size_t memory_bytes_max = 32 << 20;  // of events in them
constexpr log::ReadLimits chunk_limits = {.records_max = 1000, .bytes_max = 2 << 20};
constexpr int64_t stand_ns_min = 1'000'000'000, stand_ns_max = 60'000'000'000;
constexpr int64_t save_ns = 200'000'000;
constexpr int64_t trim_ns = 2'000'000'000;
constexpr int64_t rest_ns = 300'000'000'000;  // how often a bus that nothing wakes lets go of the others' log

std::string checkpoint_key(const BusDefinition& bus) {
    return store_key('P', {bus.id});
}

}  // namespace

Dispatcher::Dispatcher(const BusDefinition& bus, std::shared_ptr<RuleTable> rules, const Options& options,
                       const Parts& parts, target::Deliverer& deliverer, Surroundings& surroundings)
    : bus_(bus),
      rules_(std::move(rules)),
      options_(options),
      parts_(parts),
      deliverer_(deliverer),
      surroundings_(surroundings),
      shard_(bus.log_key),
      queue_(parts.store, bus.id, static_cast<uint64_t>(parts.clock.now().value()) << 20) {}

Result<std::shared_ptr<Dispatcher>> Dispatcher::open(const BusDefinition& bus, std::shared_ptr<RuleTable> rules,
                                                     const Options& options, const Parts& parts,
                                                     target::Deliverer& deliverer, Surroundings& surroundings) {
    std::shared_ptr<Dispatcher> out(new Dispatcher(bus, std::move(rules), options, parts, deliverer, surroundings));
    TRY_ASSIGN(const std::optional<std::string> saved, parts.store.get(checkpoint_key(bus)));
    TRY_ASSIGN(out->next_, parts.log.horizon(out->shard_));
    if (saved) out->next_ = std::max(out->next_, log::Position(number_at(*saved, 0)));
    out->delivered_until_ = out->saved_ = out->next_.value();
    TRY(out->queue_.each_lane([&](uint64_t lane, const RetryQueue::Backlog& backlog) {
        auto& place = out->lanes_[lane];
        place = std::make_unique<Lane>();
        place->id = lane;
        place->is_dead_letter = lane % 2 == 1;
        place->backlog = backlog;
        ++out->waiting_lanes_;
        out->stats_.parked += backlog.count;
        out->stats_.parked_bytes += backlog.bytes;
    }));
    return out;
}

void Dispatcher::Inbox::add(Landed one) {
    std::shared_ptr<io::Subscription> woken;
    {
        std::lock_guard lock(mutex);
        landed.push_back(std::move(one));
        woken = wake;
    }
    if (woken) woken->wake();
}

std::vector<std::shared_ptr<void>> Dispatcher::subscribe(const std::function<void()>& wake) {
    subscribed_ = true;
    auto subscription = std::make_shared<io::Subscription>(wake);
    {
        std::lock_guard lock(inbox_->mutex);
        inbox_->wake = subscription;
    }
    std::shared_ptr<void> cancel(nullptr, [subscription](void*) { subscription->cancel(); });
    return {parts_.log.subscribe(shard_, wake), std::move(cancel)};
}

Dispatcher::Next Dispatcher::step(bool, const std::atomic<bool>& stopping) {
    Next next;
    if (stopping) return next;
    if (parts_.clock.monotonic_ns() < stands_until_ns_) {
        next.due_ns = stands_until_ns_;
        return next;
    }
    failed_ = false;
    if (!write()) {
        next.due_ns = stands_until_ns_;
        return next;
    }
    refresh_rules();
    land_all();
    const int64_t fires_ns = fire_schedules();
    bool read = false;
    while (!stopping && !failed_ && !read && read_some()) read = true;
    const int64_t now_ns = parts_.clock.monotonic_ns();
    next.due_ns = std::min(fires_ns, delivered_until_ == saved_ ? now_ns + rest_ns : saved_ns_ + save_ns);
    for (auto id = busy_.begin(); id != busy_.end();) {
        Lane& lane = *lanes_.at(*id);
        load(lane);
        pump(lane);
        spill(lane);
        if (lane.is_idle()) {
            lane.backlog = {};
            lane.is_slow = false;
            id = busy_.erase(id);
            continue;
        }
        next.due_ns = std::min(next.due_ns, next_due(lane));
        ++id;
    }
    if (write()) {
        drop_lanes();
        finish_chunks();
        save_checkpoint(false);
    }
    if (failed_) {
        next.due_ns = stands_until_ns_;
        return next;
    }
    stand_ns_ = 0;
    {
        std::lock_guard lock(inbox_->mutex);
        next.more = read || !inbox_->landed.empty();
    }
    if (!at_end_ && !read) next.due_ns = std::min(next.due_ns, now_ns + 100'000'000);  // held up: look again
    next.settled = at_end_ && chunks_.empty();
    return next;
}

// Our own failure to read or write (a full disk): the bus stands still, longer each time up to a minute, and says so.
// Nothing is lost meanwhile, and what was to be written is written first when it goes on.
bool Dispatcher::fail(const Error& error) {
    if (failed_) return false;
    failed_ = true;
    stand_ns_ = std::clamp(2 * stand_ns_, stand_ns_min, stand_ns_max);
    stands_until_ns_ = parts_.clock.monotonic_ns() + stand_ns_;
    std::fprintf(stderr, "millrace: event bus %s does not deliver, and tries again: %s\n", bus_.name.c_str(),
                 on_one_line(error.message).c_str());
    return false;
}

void Dispatcher::refresh_rules() {
    std::shared_ptr<const RuleSet> set = rules_->snapshot();
    if (set_ && set->version == set_->version) return;
    set_ = std::move(set);
    // Lanes hold what their target is now; those whose target is gone are dropped.
    std::set<uint64_t> known;
    for (const RulePtr& rule : rules_->list()) {
        for (const auto& target : rule->targets) {
            const uint64_t uid = target->definition.uid;
            known.insert(uid);
            for (const uint64_t id : {2 * uid, 2 * uid + 1}) {
                const auto lane = lanes_.find(id);
                if (lane == lanes_.end()) continue;
                if (lane->second->is_dead_letter && !target->dead_letter) continue;
                lane->second->rule_target = target;
                if (!lane->second->is_idle()) busy_.insert(id);
            }
        }
    }
    for (const auto& [id, lane] : lanes_) {
        const bool is_known = known.contains(id / 2) && lane->rule_target != nullptr &&
                              (!lane->is_dead_letter || lane->rule_target->dead_letter);
        if (!is_known) orphans_.insert(id);
    }
}

bool Dispatcher::is_held_up() const {
    return open_events_ >= events_max || memory_bytes_ >= memory_bytes_max;
}

bool Dispatcher::read_some() {
    if (is_held_up()) return false;
    Result<log::ReadResult> read = parts_.log.read(shard_, next_, chunk_limits);
    if (!read.ok() && read.error().code == ErrorCode::out_of_range) {
        const Result<log::Position> horizon = parts_.log.horizon(shard_);
        if (!horizon.ok()) return fail(horizon.error());
        next_ = *horizon;
        return true;
    }
    if (!read.ok() && read.error().code == ErrorCode::corruption) {
        std::fprintf(stderr, "millrace: event bus %s: %s; the event is lost\n", bus_.name.c_str(),
                     read.error().message.c_str());
        const Result<log::Position> after = parts_.log.skip_corrupt(shard_, next_);
        if (!after.ok()) return fail(after.error());
        next_ = *after;
        return true;
    }
    if (!read.ok()) return read.error().code == ErrorCode::unavailable ? false : fail(read.error());
    at_end_ = read->at_end;
    if (read->records.empty()) {
        const bool moved = next_ != read->next;
        next_ = read->next;
        if (chunks_.empty()) delivered_until_ = next_.value();
        return moved && !at_end_;
    }
    auto chunk = std::make_shared<Chunk>();
    for (const log::RecordView& record : read->records) dispatch(record, chunk);
    next_ = chunk->end = read->next;
    chunk->events = read->records.size();
    open_events_ += chunk->events;
    chunks_.push_back(std::move(chunk));
    return true;
}

void Dispatcher::dispatch(const log::RecordView& record, const std::shared_ptr<Chunk>& chunk) {
    ++stats_.events;
    const Origin origin = decode_origin(record.partition_key);
    if (!origin.rule.empty()) {
        matched_.clear();
        if (RulePtr rule = rules_->find(origin.rule)) matched_.push_back(std::move(rule));
    } else {
        set_->match(record.data, record.position, scratch_, &matched_);
    }
    std::shared_ptr<const std::set<std::string>> only;
    if (!origin.replay.empty()) only = surroundings_.rules_of_replay(bus_.scope, origin.replay);
    for (const RulePtr& rule : matched_) {
        if (only && !only->contains(rule->definition.name)) continue;
        ++stats_.matched;
        for (const auto& target : rule->targets) {
            if (target->kind == target::Kind::bus && origin.forwarded) continue;  // no third bus
            Lane& lane = lane_of(target, false);
            Waiting waiting;
            waiting.chunk = chunk;
            waiting.parked.accepted = record.time;
            ++chunk->pending;
            Result<target::Item> item = target->item_of(record.data, record.time);
            if (item.ok()) {
                waiting.parked.item = *std::move(item);
                add(lane, std::move(waiting));
            } else {
                waiting.parked.item.body = record.data;
                waiting.parked.failure = "SDK_CLIENT_ERROR " + item.error().message;
                give_up(lane, std::move(waiting), "");
            }
        }
    }
}

void Dispatcher::finish_chunks() {
    while (!chunks_.empty() && chunks_.front()->pending == 0) {
        delivered_until_ = chunks_.front()->end.value();
        open_events_ -= chunks_.front()->events;
        chunks_.pop_front();
    }
    if (chunks_.empty()) delivered_until_ = next_.value();
}

void Dispatcher::save_checkpoint(bool now) {
    const int64_t now_ns = parts_.clock.monotonic_ns();
    if (failed_ || (!now && now_ns < saved_ns_ + save_ns)) return;
    if (delivered_until_ != saved_) {
        table::WriteBatch batch;
        batch.put(checkpoint_key(bus_), number_text(delivered_until_));
        if (const Status written = parts_.store.write(batch); !written.ok()) {
            fail(written.error());
            return;
        }
        saved_ = delivered_until_;
        saved_ns_ = now_ns;
    }
    if (now_ns < trimmed_ns_ + trim_ns) return;
    trimmed_ns_ = now_ns;
    const log::Position until = surroundings_.archived_until(bus_, log::Position(saved_));
    // The space returns later where this fails; nothing else depends on it.
    (void)parts_.log.trim_to(shard_, std::min(until, log::Position(saved_))).ok();
}

}  // namespace millrace::bus
