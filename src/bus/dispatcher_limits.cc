// What is given up: refused for good, tried too often or too long, or over what may wait. It goes to the target's dead
// letters, or is dropped - counted, and said.
//
// One target has at most a quarter of what may wait on its bus. Once half of all is taken, each of those that wait has
// the same share of the rest, but a little: a target that fails now and then finds room however many are broken. In
// AWS an event waits for a day, or 185 tries, whatever its size; a machine of one's own has an end.
#include <algorithm>
#include <cstdio>

#include "src/base/json_text.h"
#include "src/base/one_line.h"
#include "src/bus/dispatcher.h"
#include "src/io/clock.h"

namespace millrace::bus {
namespace {

constexpr uint64_t little_bytes = 64 << 10;
constexpr int64_t tell_ns = 60'000'000'000;

// What AWS says in a dead letter's attributes, around the event.
std::string dead_letter(const RuleTarget& target, const Parked& parked, const std::string& condition) {
    const size_t space = parked.failure.find(' ');
    std::string out = "{";
    const auto add = [&](std::string_view name, std::string_view text) {
        append_json_string(name, out);
        out += ':';
        append_json_string(text, out);
        out += ',';
    };
    add("RULE_ARN", target.rule_arn);
    add("TARGET_ARN", target.definition.arn);
    add("ERROR_CODE", std::string_view(parked.failure).substr(0, space));
    add("ERROR_MESSAGE", space == std::string::npos ? "" : std::string_view(parked.failure).substr(space + 1));
    if (!condition.empty()) add("EXHAUSTED_RETRY_CONDITION", condition);
    out += "\"RETRY_ATTEMPTS\":" + std::to_string(parked.attempts > 0 ? parked.attempts - 1 : 0) + ",\"event\":";
    return out + parked.item.body + "}";
}

}  // namespace

bool Dispatcher::is_full(const Lane& lane) const {
    const uint64_t max = options_.parked_bytes_max, mine = lane.backlog.bytes, all = stats_.parked_bytes;
    if (mine >= max / 4) return true;
    const uint64_t little = std::min(little_bytes, max / 16);
    if (all >= max) return mine >= little;
    return all >= max / 2 && mine >= std::max(little, max / 2 / std::max<uint64_t>(1, waiting_lanes_));
}

void Dispatcher::overflow(Lane& lane, Waiting item) {
    ++stats_.overflowed;
    if (item.parked.failure.empty()) item.parked.failure = "THROTTLING The target does not take events fast enough.";
    give_up(lane, std::move(item), "MaximumWaitingBytes");
}

void Dispatcher::give_up(Lane& lane, Waiting item, const std::string& condition) {
    if (lane.is_dead_letter || !lane.rule_target->dead_letter) {
        drop(lane, item.parked.failure + (condition.empty() ? "" : " (" + condition + ")"));
        forget(lane, item);
        return;
    }
    ++stats_.dead;
    // In one write: out of this queue, into that one.
    Lane& dead = lane_of(lane.rule_target, true);
    Waiting letter;
    letter.parked.item.body = dead_letter(*lane.rule_target, item.parked, condition);
    letter.parked.accepted = parts_.clock.now();
    letter.chunk = item.chunk;
    item.chunk = nullptr;
    park(dead, std::move(letter), parts_.clock.now().value());
    forget(lane, item);
}

// Each is counted; a line says so of the first, and then once a minute at most.
void Dispatcher::drop(Lane& lane, const std::string& why) {
    ++stats_.dropped;
    const int64_t now_ns = parts_.clock.monotonic_ns();
    if (++lane.dropped > 1 && now_ns < lane.told_ns + tell_ns) return;
    lane.told_ns = now_ns;
    std::fprintf(stderr, "millrace: event bus %s: %s of rule %s dropped an event, the %llu. since the start: %s\n",
                 bus_.name.c_str(), lane.is_dead_letter ? "dead letters" : "a target",
                 lane.rule_target ? lane.rule_target->rule_name.c_str() : "?",
                 static_cast<unsigned long long>(lane.dropped), on_one_line(why).c_str());
}

}  // namespace millrace::bus
