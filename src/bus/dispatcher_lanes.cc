#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <thread>
#include <utility>

#include "src/bus/dispatcher.h"
#include "src/io/clock.h"

namespace millrace::bus {
namespace {

constexpr int64_t patience_ns = 5'000'000'000;          // how long an event may wait in memory for its target...
constexpr int64_t held_up_patience_ns = 1'000'000'000;  // ...and while there is no room for what others wait for
constexpr int64_t flight_patience_ns = 2'000'000'000;   // how long a chunk waits for a delivery under way
constexpr size_t load_bytes_max = 2 << 20;              // of a lane, from the retry queue...
constexpr size_t loaded_bytes_max = 32 << 20;           // ...of all
constexpr int64_t look_again_ms = 100;
constexpr size_t flight_bytes_max = 3 << 20;
constexpr int64_t backoff_ms_max = 600'000;
constexpr int closing_ms_max = 3'000;

// Doubles from retry to retry, up to ten minutes: 185 of them take about a day. Half of it at least, the rest by
// chance.
int64_t backoff_ms(int64_t first_ms, uint64_t attempts) {
    thread_local std::mt19937_64 random{std::random_device{}()};
    const double whole = std::min<double>(
        static_cast<double>(first_ms) * std::pow(2.0, std::min<double>(30, attempts - 1.0)), backoff_ms_max);
    return static_cast<int64_t>(whole * std::uniform_real_distribution<double>(0.5, 1.0)(random));
}

std::string dead_letter_code(const target::Outcome& outcome) {
    if (outcome.code.find("NotFound") != std::string::npos) return "NO_RESOURCE";
    if (outcome.code.find("AccessDenied") != std::string::npos) return "NO_PERMISSIONS";
    return outcome.code;
}

}  // namespace

Lane& Dispatcher::lane_of(const std::shared_ptr<const RuleTarget>& target, bool is_dead_letter) {
    const uint64_t id = 2 * target->definition.uid + (is_dead_letter ? 1 : 0);
    std::unique_ptr<Lane>& lane = lanes_[id];
    if (!lane) {
        lane = std::make_unique<Lane>();
        lane->id = id;
        lane->is_dead_letter = is_dead_letter;
    }
    if (!lane->rule_target) lane->rule_target = target;
    return *lane;
}

void Dispatcher::add(Lane& lane, Waiting waiting) {
    if (lane.is_slow && waiting.key.empty()) {
        park(lane, std::move(waiting), parts_.clock.now().value());
        return;
    }
    waiting.since_ns = parts_.clock.monotonic_ns();
    bytes_of(waiting) += waiting.parked.item.body.size();
    if (!waiting.key.empty()) ++lane.tied;
    lane.memory.push_back(std::move(waiting));
    busy_.insert(lane.id);
}

// What comes from the retry queue has a bound of its own: it does not hold up the reading.
size_t& Dispatcher::bytes_of(const Waiting& waiting) {
    return waiting.is_loaded ? loaded_bytes_ : memory_bytes_;
}

void Dispatcher::leave_memory(const Waiting& waiting) {
    size_t& bytes = bytes_of(waiting);
    bytes -= std::min(bytes, waiting.parked.item.body.size());
}

void Dispatcher::land_all() {
    std::vector<Landed> landed;
    {
        std::lock_guard lock(inbox_->mutex);
        landed.swap(inbox_->landed);
    }
    for (Landed& each : landed) {
        const auto lane = lanes_.find(each.lane);
        if (lane == lanes_.end()) continue;
        const auto flight = lane->second->flights.find(each.flight);
        if (flight == lane->second->flights.end()) continue;
        Flight ended = std::move(flight->second);
        lane->second->flights.erase(flight);
        land(*lane->second, std::move(ended), std::move(each.outcomes));
    }
}

void Dispatcher::land(Lane& lane, Flight flight, std::vector<target::Outcome> outcomes) {
    for (size_t i = 0; i < flight.items.size(); ++i) {
        leave_memory(flight.items[i]);
        settle(lane, std::move(flight.items[i]), std::move(outcomes[i]));
    }
    busy_.insert(lane.id);
}

void Dispatcher::settle(Lane& lane, Waiting item, target::Outcome outcome) {
    if (outcome.ok()) {
        ++stats_.delivered;
        forget(lane, item);
        return;
    }
    Parked& parked = item.parked;
    const int64_t now_ms = parts_.clock.now().value();
    const int64_t age_ms = lane.is_dead_letter ? 86'400'000 : lane.rule_target->age_ms_max();
    if (!outcome.attempted) {  // the target is not to blame: wait as long as it says, with all that waits
        if (now_ms >= parked.accepted.value() + age_ms) {
            if (parked.failure.empty()) parked.failure = dead_letter_code(outcome) + " " + outcome.message;
            return give_up(lane, std::move(item), "MaximumEventAgeInSeconds");
        }
        const int64_t wait_ms = std::max<int64_t>(outcome.retry_after_ms, 50);
        lane.blocked_until_ns = std::max(lane.blocked_until_ns, parts_.clock.monotonic_ns() + wait_ms * 1'000'000);
        park(lane, std::move(item), now_ms + wait_ms);
        return;
    }
    parked.failure = dead_letter_code(outcome) + " " + outcome.message;
    ++parked.attempts;
    const auto retries_max = static_cast<uint64_t>(lane.is_dead_letter ? 185 : lane.rule_target->retries_max());
    if (outcome.kind == target::Outcome::Kind::permanent) return give_up(lane, std::move(item), "");
    if (parked.attempts > retries_max) return give_up(lane, std::move(item), "MaximumRetryAttempts");
    ++stats_.retried;
    const int64_t wait_ms = std::max(backoff_ms(options_.retry_ms, parked.attempts), outcome.retry_after_ms);
    // Not beyond its age: then it is looked at once more, and given up.
    const int64_t due_ms = std::min(now_ms + wait_ms, parked.accepted.value() + age_ms);
    park(lane, std::move(item), due_ms);
}

void Dispatcher::park(Lane& lane, Waiting item, int64_t due_ms) {
    if (item.key.empty() && is_full(lane)) return overflow(lane, std::move(item));
    take_out(lane, item);
    put_in(lane, item.parked, due_ms);
    if (item.chunk) released_.push_back(std::move(item.chunk));
}

void Dispatcher::forget(Lane& lane, Waiting& item) {
    take_out(lane, item);
    if (item.chunk) released_.push_back(std::move(item.chunk));
}

std::string Dispatcher::put_in(Lane& lane, const Parked& parked, int64_t due_ms) {
    std::string key = queue_.put(lane.id, due_ms, parked, &batch_);
    const uint64_t cost = cost_of(parked);
    if (lane.backlog.count++ == 0) ++waiting_lanes_;
    lane.backlog.bytes += cost;
    lane.backlog.due_ms = std::min(lane.backlog.due_ms, due_ms);
    ++stats_.parked;
    stats_.parked_bytes += cost;
    busy_.insert(lane.id);
    return key;
}

void Dispatcher::take_out(Lane& lane, Waiting& item) {
    if (item.key.empty()) return;
    batch_.erase(std::exchange(item.key, ""));
    --lane.tied;
    left(lane, 1, cost_of(item.parked));
}

void Dispatcher::left(Lane& lane, uint64_t count, uint64_t bytes) {
    const bool waited = lane.backlog.count > 0;
    lane.backlog.count -= std::min(lane.backlog.count, count);
    if (lane.backlog.count == 0) bytes = lane.backlog.bytes;  // what was counted for damaged ones, too
    if (waited && lane.backlog.count == 0) --waiting_lanes_;
    bytes = std::min(lane.backlog.bytes, bytes);
    lane.backlog.bytes -= bytes;
    stats_.parked -= std::min<uint64_t>(stats_.parked, count);
    stats_.parked_bytes -= std::min<uint64_t>(stats_.parked_bytes, bytes);
}

// From the retry queue: only when nothing of it is in memory already, so that nothing is taken twice.
void Dispatcher::load(Lane& lane) {
    const int64_t now_ms = parts_.clock.now().value();
    if (lane.backlog.count == 0 || lane.tied > 0 || lane.backlog.due_ms > now_ms || lane.rule_target == nullptr ||
        lane.blocked_until_ns > parts_.clock.monotonic_ns()) {
        return;
    }
    if (loaded_bytes_ >= loaded_bytes_max) {  // others' do not answer: soon
        lane.backlog.due_ms = now_ms + look_again_ms;
        return;
    }
    if (!write()) return;  // what this step has put there is read with the rest
    // No more than a lane can have on its way twice: many whose targets do not answer fill no memory with what waits.
    std::vector<std::string> damaged;
    Result<std::vector<RetryQueue::Entry>> due =
        queue_.due(lane.id, now_ms, 2 * lane.flights_max() * lane.items_per_flight(), load_bytes_max, &damaged);
    if (!due.ok()) {
        fail(due.error());
        return;
    }
    for (const std::string& key : damaged) {
        batch_.erase(key);
        left(lane, 1, 0);
        drop(lane, "an event that waited to be tried again is damaged");
    }
    const int64_t age_ms = lane.is_dead_letter ? 86'400'000 : lane.rule_target->age_ms_max();
    for (RetryQueue::Entry& entry : *due) {
        Waiting waiting{.parked = std::move(entry.parked), .chunk = nullptr, .key = std::move(entry.key)};
        waiting.is_loaded = true;
        if (waiting.parked.attempts > 0 && now_ms >= waiting.parked.accepted.value() + age_ms) {
            ++lane.tied;
            give_up(lane, std::move(waiting), "MaximumEventAgeInSeconds");
        } else {
            add(lane, std::move(waiting));
        }
    }
    if (lane.tied > 0) return;
    if (!write()) return;
    const Result<int64_t> first = queue_.first_due(lane.id);
    if (!first.ok()) fail(first.error());
    lane.backlog.due_ms = first.ok() ? *first : INT64_MAX;
    lane.is_slow = false;  // what waits there now has failed, and waits for its time
}

void Dispatcher::pump(Lane& lane) {
    if (lane.rule_target == nullptr || lane.blocked_until_ns > parts_.clock.monotonic_ns()) return;
    while (!lane.memory.empty() && lane.flights.size() < lane.flights_max()) take_off(lane);
}

void Dispatcher::take_off(Lane& lane) {
    Flight flight;
    flight.since_ns = parts_.clock.monotonic_ns();
    std::vector<target::Item> items;
    size_t bytes = 0;
    const size_t count_max = lane.items_per_flight();
    while (!lane.memory.empty() && items.size() < count_max && bytes < flight_bytes_max) {
        Waiting& first = lane.memory.front();
        bytes += first.parked.item.body.size();
        items.push_back(first.parked.item);
        flight.items.push_back(std::move(first));
        lane.memory.pop_front();
    }
    const uint64_t id = ++flight_;
    lane.flights.emplace(id, std::move(flight));
    send(lane, id, std::move(items));
}

void Dispatcher::send(Lane& lane, uint64_t flight, std::vector<target::Item> items) {
    auto land = [inbox = inbox_, lane = lane.id, flight](std::vector<target::Outcome> outcomes) {
        inbox->add({lane, flight, std::move(outcomes)});
    };
    if (lane.kind() != target::Kind::bus) {
        deliverer_.deliver(lane.target(), std::move(items), std::move(land));
        return;
    }
    forward(lane, items, std::move(land));
}

// What the target does not take soon enough waits in the retry queue instead of holding up its chunk.
void Dispatcher::spill(Lane& lane) {
    const int64_t now_ns = parts_.clock.monotonic_ns();
    const int64_t now_ms = parts_.clock.now().value();
    if (!lane.memory.empty() && now_ns - lane.memory.front().since_ns > patience()) {
        lane.is_slow = true;
        std::deque<Waiting> kept;
        for (Waiting& each : lane.memory) {
            if (!each.key.empty()) {
                kept.push_back(std::move(each));
                continue;
            }
            leave_memory(each);
            park(lane, std::move(each), now_ms);
        }
        lane.memory = std::move(kept);
    }
    for (auto& [id, flight] : lane.flights) {
        if (now_ns - flight.since_ns <= flight_patience_ns) continue;
        for (Waiting& each : flight.items) {
            if (!each.key.empty() || !each.chunk) continue;
            // Also over the bound: it may have been taken, and there is no more of it than what is on its way.
            each.key = put_in(lane, each.parked, now_ms);
            ++lane.tied;
            released_.push_back(std::move(each.chunk));
        }
    }
}

int64_t Dispatcher::patience() const {
    return is_held_up() ? held_up_patience_ns : patience_ns;
}

int64_t Dispatcher::next_due(const Lane& lane) const {
    const int64_t now_ns = parts_.clock.monotonic_ns();
    int64_t due = INT64_MAX;
    if (lane.blocked_until_ns > now_ns) due = lane.blocked_until_ns;
    if (!lane.memory.empty()) due = std::min(due, lane.memory.front().since_ns + patience() + 1'000'000);
    if (!lane.flights.empty()) due = std::min(due, now_ns + flight_patience_ns / 2);
    if (lane.backlog.count > 0 && lane.tied == 0 && lane.blocked_until_ns <= now_ns) {
        const int64_t wait_ms = std::clamp<int64_t>(lane.backlog.due_ms - parts_.clock.now().value(), 1, 60'000);
        due = std::min(due, now_ns + wait_ms * 1'000'000);
    }
    return due;
}

bool Dispatcher::write() {
    if (failed_) return false;
    if (!batch_.empty()) {
        if (const Status written = parts_.store.write(batch_); !written.ok()) return fail(written.error());
        batch_ = {};
    }
    for (const std::shared_ptr<Chunk>& chunk : released_) --chunk->pending;
    released_.clear();
    return true;
}

void Dispatcher::close() {
    const auto in_flight = [&] {
        return std::ranges::any_of(lanes_, [](const auto& each) { return !each.second->flights.empty(); });
    };
    for (int waited = 0; waited < closing_ms_max && in_flight(); waited += 5) {
        land_all();
        if (in_flight()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (!write()) return;
    finish_chunks();
    save_checkpoint(true);
}

void Dispatcher::drop_lanes() {
    for (auto id = orphans_.begin(); id != orphans_.end();) {
        const auto found = lanes_.find(*id);
        if (found == lanes_.end()) {
            id = orphans_.erase(id);
            continue;
        }
        Lane& lane = *found->second;
        if (!lane.flights.empty()) {  // their outcomes come first
            ++id;
            continue;
        }
        for (Waiting& each : lane.memory) {
            leave_memory(each);
            if (each.chunk) --each.chunk->pending;
        }
        lane.memory.clear();
        const Result<bool> all = queue_.erase_some(lane.id, 10'000);
        if (!all.ok()) {
            fail(all.error());
            return;
        }
        if (!*all) {
            ++id;
            continue;
        }
        left(lane, lane.backlog.count, 0);
        busy_.erase(lane.id);
        lanes_.erase(found);
        id = orphans_.erase(id);
    }
}

}  // namespace millrace::bus
