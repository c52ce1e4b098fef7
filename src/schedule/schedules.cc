// Schedules as they are made, changed and listed.
#include <algorithm>
#include <utility>

#include "src/base/checksum.h"
#include "src/io/clock.h"
#include "src/schedule/engine.h"
#include "src/schedule/keys.h"
#include "src/schedule/timetable.h"
#include "src/table/key_value_store.h"

namespace millrace::schedule {

namespace {

// How long after its moment a one-time schedule may still be made and be carried out: AWS promises the minute of a
// moment, not its second (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html), and a client
// that says "in a second" takes its time to say so. What lies further back was not meant to be carried out now.
constexpr int64_t one_time_late_ms_max = 60'000;

// After what a schedule that begins at `now` is looked for when it is due.
TimestampMs before_first(const Settings& settings, TimestampMs now) {
    const bool is_one_time = settings.expression.starts_with("at(");
    return TimestampMs(now.value() - (is_one_time ? one_time_late_ms_max : 1));
}

}  // namespace

std::mutex& Engine::stripe(const ScheduleName& name) {
    return stripes_[std::hash<std::string>()(keys::id_of(name)) % stripes_.size()];
}

Result<Schedule> Engine::load(const ScheduleName& name) {
    TRY_ASSIGN(const auto stored, parts_.store.get(keys::definition_key(name)));
    if (!stored) return Error{ErrorCode::not_found, "Schedule " + name.name + " does not exist."};
    return decode_schedule(name, *stored);
}

Status Engine::check_group(const ScheduleName& name) {
    TRY_ASSIGN(const Group group, load_group(name.scope, name.group));
    if (!group.deleting) return {};
    return Error{ErrorCode::failed_precondition, "Schedule group " + name.group + " is being deleted."};
}

// When the schedule is due first after `after`, into the index.
Status Engine::place(const Schedule& schedule, TimestampMs after, table::WriteBatch* out) {
    TRY_ASSIGN(const Timetable timetable, Timetable::of(schedule.settings, schedule.anchor));
    if (!schedule.settings.enabled) return {};
    const std::optional<TimestampMs> next = timetable.next(after);
    if (!next) return {};
    out->put(keys::next_key(schedule.name), keys::time_text(*next));
    std::string key = keys::due_key(*next, schedule.name);
    out->put(key, "");
    const std::lock_guard lock(mutex_);
    due_from_ = std::min(due_from_, key);
    return {};
}

Result<std::optional<TimestampMs>> Engine::next_of(const ScheduleName& name) {
    TRY_ASSIGN(const auto stored, parts_.store.get(keys::next_key(name)));
    return stored ? keys::parse_time(*stored) : std::nullopt;
}

Status Engine::unplace(const ScheduleName& name, table::WriteBatch* out) {
    TRY_ASSIGN(const std::optional<TimestampMs> time, next_of(name));
    out->erase(keys::next_key(name));
    if (time) out->erase(keys::due_key(*time, name));
    return {};
}

Status Engine::write_and_poke(const table::WriteBatch& batch) {
    TRY(parts_.store.write(batch));
    const std::lock_guard lock(mutex_);
    poked_ = true;
    wake_.notify_all();
    return {};
}

Status Engine::create(const ScheduleName& name, const Settings& settings, const std::string& token) {
    const std::shared_lock world(world_);
    const std::lock_guard one(stripe(name));
    TRY(check_group(name));
    if (const Result<Schedule> there = load(name); there.ok()) {
        if (!token.empty() && there->token == token && there->revision == 1 && there->settings == settings) return {};
        return Error{ErrorCode::already_exists, "Schedule " + name.name + " already exists."};
    } else if (there.error().code != ErrorCode::not_found) {
        return Error(there.error());
    }
    Schedule schedule;
    schedule.name = name;
    schedule.settings = settings;
    schedule.created = schedule.modified = schedule.anchor = parts_.clock.now();
    schedule.uid = random_uuid();
    schedule.token = token;
    table::WriteBatch batch;
    // A rate without a start begins now.
    TRY(place(schedule, before_first(settings, schedule.anchor), &batch));
    batch.put(keys::definition_key(name), encode(schedule));
    return write_and_poke(batch);
}

Status Engine::update(const ScheduleName& name, const Settings& settings) {
    {
        const std::shared_lock world(world_);
        const std::lock_guard one(stripe(name));
        TRY_ASSIGN(const std::optional<TimestampMs> due, next_of(name));
        if (!due || *due > parts_.clock.now()) return change(name, settings);
    }
    const std::lock_guard world(world_);  // runs are the thread's
    const size_t waiting = waiting_;
    Status changed = change(name, settings);
    if (!changed.ok()) waiting_ = waiting;
    return changed;
}

Status Engine::change(const ScheduleName& name, const Settings& settings) {
    TRY(check_group(name));
    TRY_ASSIGN(Schedule schedule, load(name));
    const TimestampMs now = parts_.clock.now();
    const bool as_before = schedule.settings.expression == settings.expression &&
                           schedule.settings.start == settings.start && schedule.settings.enabled == settings.enabled;
    // One that is only switched on again may have been carried out within the minute.
    const bool is_another = schedule.settings.expression != settings.expression;
    table::WriteBatch batch;
    TRY_ASSIGN(const std::optional<TimestampMs> due, next_of(name));
    TRY(unplace(name, &batch));
    // What was due by the old expression, and was not carried out yet, is due all the same.
    if (!as_before && due && *due <= now && settings.enabled) TRY(record_late(schedule, *due, now, &batch));
    schedule.settings = settings;
    schedule.modified = now;
    ++schedule.revision;
    // A rate goes on as it was counted, unless it is another one, or was off: then it begins now.
    if (!as_before) schedule.anchor = now;
    // What is due already, and was not carried out yet, stays due.
    const bool is_late = as_before && due && *due <= now;
    TRY(place(schedule,
              is_another  ? before_first(settings, now)
              : is_late   ? TimestampMs(due->value() - 1)
              : as_before ? now
                          : TimestampMs(now.value() - 1),
              &batch));
    batch.put(keys::definition_key(name), encode(schedule));
    return write_and_poke(batch);
}

Status Engine::remove(const ScheduleName& name) {
    const std::shared_lock world(world_);
    const std::lock_guard one(stripe(name));
    TRY_ASSIGN(const Group group, load_group(name.scope, name.group));
    TRY_ASSIGN(const Schedule schedule, load(name));
    table::WriteBatch batch;
    TRY(unplace(name, &batch));
    batch.erase(keys::definition_key(name));
    return parts_.store.write(batch);  // its runs are dropped when they are due
}

Result<Schedule> Engine::find(const ScheduleName& name) {
    TRY_ASSIGN(const Group group, load_group(name.scope, name.group));
    return load(name);
}

Result<SchedulePage> Engine::list(const Scope& scope, const ListFilter& filter, std::string_view after, size_t limit) {
    std::string first = keys::scope_prefix(keys::definitions, scope);
    const size_t scope_bytes = first.size();
    if (!filter.group.empty()) {
        TRY_ASSIGN(const Group group, load_group(scope, filter.group));
        first += filter.group + "/" + filter.prefix;
    }
    const auto cursor = parts_.store.cursor();
    // `after` is "GROUP/NAME"; a zero byte is the least that can follow.
    cursor->seek(after.empty() ? first : std::max(first, first.substr(0, scope_bytes) + std::string(after) + '\0'));
    SchedulePage page;
    std::string seen;
    for (size_t scanned = 0; cursor->valid() && cursor->key().starts_with(first); cursor->next()) {
        if (page.schedules.size() == limit || scanned++ == options_.scanned_max) {
            page.next = seen;
            return page;
        }
        seen = cursor->key().substr(scope_bytes);
        const auto name = keys::parse_id(cursor->key().substr(keys::definitions.size()));
        if (!name || !name->name.starts_with(filter.prefix)) continue;
        TRY_ASSIGN(Schedule schedule, decode_schedule(*name, cursor->value()));
        if (filter.enabled && schedule.settings.enabled != *filter.enabled) continue;
        page.schedules.push_back(std::move(schedule));
    }
    TRY(cursor->status());
    return page;
}

}  // namespace millrace::schedule
