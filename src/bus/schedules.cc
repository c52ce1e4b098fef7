// Rules with a schedule: when one is due, an event for it alone is put on its bus, then written down as fired. A death
// between the two fires once more. What came due while the server was down is made up for once.
#include <algorithm>

#include "src/bus/dispatcher.h"
#include "src/bus/store_keys.h"
#include "src/io/clock.h"

namespace millrace::bus {

int64_t Dispatcher::fire_schedules() {
    const TimestampMs now = parts_.clock.now();
    int64_t next_ms = INT64_MAX;
    for (const RulePtr& rule : set_->scheduled) {
        const RuleDefinition& definition = rule->definition;
        const auto [place, is_new] = fired_.try_emplace(definition.uid, definition.scheduled_from);
        if (is_new) {
            const auto stored = parts_.store.get(store_key('F', {definition.uid}));
            if (stored.ok() && *stored) place->second = TimestampMs(static_cast<int64_t>(number_at(**stored, 0)));
        }
        const TimestampMs anchor = definition.scheduled_from;  // made, enabled again or changed: from then on
        place->second = std::max(place->second, anchor);
        std::optional<TimestampMs> due = rule->schedule->next(place->second, anchor);
        if (due && *due <= now) {
            const bool fired = fire(*rule, *due);
            if (fired) place->second = now;
            due = fired ? rule->schedule->next(now, anchor) : TimestampMs(now.value() + 1000);
        }
        if (due) next_ms = std::min(next_ms, due->value());
    }
    std::erase_if(fired_, [&](const auto& each) {
        return std::ranges::none_of(set_->scheduled,
                                    [&](const RulePtr& rule) { return rule->definition.uid == each.first; });
    });
    if (next_ms == INT64_MAX) return INT64_MAX;
    // The wall clock may be set: look again after a minute at the latest.
    const int64_t wait_ms = std::clamp<int64_t>(next_ms - now.value(), 1, 60'000);
    return parts_.clock.monotonic_ns() + wait_ms * 1'000'000;
}

bool Dispatcher::fire(const Rule& rule, TimestampMs due) {
    const std::string id = make_event_id();
    const std::string arn = arn_of(rule.definition);
    const std::string_view resource = arn;
    std::string event;
    append_event({.id = id,
                  .detail_type = "Scheduled Event",
                  .source = "aws.events",
                  .time = due,
                  .resources = {&resource, 1},
                  .detail = "{}"},
                 bus_.scope, &event);
    log::Batch records(shard_, event.size());
    records.add(encode(Origin{.rule = rule.definition.name}), event);
    const Result<log::Appended> appended = parts_.log.append_and_wait(std::move(records));
    if (!appended.ok()) return false;  // the log is full or stopping
    table::WriteBatch batch;
    batch.put(store_key('F', {rule.definition.uid}), number_text(static_cast<uint64_t>(parts_.clock.now().value())));
    if (const Status written = parts_.store.write(batch); !written.ok()) fail(written.error());
    return true;
}

}  // namespace millrace::bus
