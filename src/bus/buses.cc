#include "src/bus/buses.h"

#include <cstdlib>
#include <set>

#include "src/bus/bus_policy.h"
#include "src/bus/buses_impl.h"
#include "src/bus/store_keys.h"
#include "src/catalog/registry.h"
#include "src/io/clock.h"
#include "src/target/arn.h"

namespace millrace::bus {
namespace {

std::string rule_name(const std::string& bus, const std::string& rule) {
    return bus + "/" + rule;
}

Error no_bus(const std::string& name) {
    return {ErrorCode::not_found, "Event bus " + name + " does not exist."};
}

Error no_rule(const std::string& name, const std::string& bus) {
    return {ErrorCode::not_found, "Rule " + name + " does not exist on EventBus " + bus + "."};
}

}  // namespace

Result<std::unique_ptr<Buses>> Buses::open(Options options, Parts parts) {
    auto out = std::make_unique<BusesImpl>(options, parts);
    TRY(out->load());
    return std::unique_ptr<Buses>(std::move(out));
}

// Calls `take` with each entry of a kind, until one fails.
template <class Take>
static Status for_each(catalog::Registry& registry, std::string_view kind, Take take) {
    Status failed;
    TRY(registry.for_each(kind, [&](const Scope& scope, const catalog::Entry& entry) {
        if (!failed.ok()) return;
        if (Status taken = take(scope, entry); !taken.ok()) failed = with_context(taken.error(), entry.name);
    }));
    return failed;
}

Status BusesImpl::load() {
    TRY(for_each(parts_.registry, bus_kind, [&](const Scope& scope, const catalog::Entry& entry) -> Status {
        TRY_ASSIGN(BusDefinition bus, decode_bus(scope, entry.value));
        auto running = std::make_shared<Running>();
        running->definition = std::make_shared<BusDefinition>(std::move(bus));
        buses_[{scope, entry.name}] = std::move(running);
        return {};
    }));
    TRY(finish_deleting());
    TRY(for_each(parts_.registry, rule_kind, [&](const Scope& scope, const catalog::Entry& entry) -> Status {
        TRY_ASSIGN(RuleDefinition definition, decode_rule(scope, entry.value));
        const RunningPtr running = look_up(scope, definition.bus);
        if (!running) return {};  // its bus was deleted, and the server died before it was
        TRY_ASSIGN(std::shared_ptr<Rule> rule, Rule::compile(std::move(definition)));
        running->rules->put(std::move(rule));
        return {};
    }));
    TRY(for_each(parts_.registry, archive_kind, [&](const Scope& scope, const catalog::Entry& entry) -> Status {
        TRY_ASSIGN(ArchiveDefinition definition, decode_archive(scope, entry.value));
        auto archive = std::make_shared<RunningArchive>();
        archive->definition = std::move(definition);
        archives_[{scope, entry.name}] = std::move(archive);
        return {};
    }));
    return {};
}

Status BusesImpl::run(target::Deliverer& deliverer) {
    std::lock_guard changing(changes_);
    deliverer_ = &deliverer;
    scheduler_ = std::make_unique<flow::Scheduler>("bus", options_.threads, 1, parts_.clock);
    for (auto& [name, archive] : archives_) TRY(start(*archive));
    // Before the buses: their logs may hold replayed events, and who does not know the replay takes them for all
    // rules'.
    TRY(for_each(parts_.registry, replay_kind, [&](const Scope& scope, const catalog::Entry& entry) -> Status {
        TRY_ASSIGN(ReplayDefinition replay, decode_replay(scope, entry.value));
        return add_replay(std::move(replay));
    }));
    for (auto& [name, running] : buses_) TRY(start(*running));
    return {};
}

void BusesImpl::stop() {
    std::lock_guard changing(changes_);
    if (!scheduler_) return;
    scheduler_.reset();
    for (auto& [name, running] : buses_) {
        if (running->dispatcher) running->dispatcher->close();
    }
}

Status BusesImpl::start(Running& running) {
    if (!scheduler_) return {};
    TRY_ASSIGN(std::shared_ptr<Dispatcher> dispatcher,
               Dispatcher::open(*running.definition, running.rules, options_, parts_, *deliverer_, *this));
    {
        std::unique_lock lock(mutex_);
        running.dispatcher = dispatcher;
    }
    running.task = scheduler_->add(std::move(dispatcher));
    return {};
}

void BusesImpl::poke(const Running& running) {
    if (scheduler_ && running.task) scheduler_->poke(running.task);
}

BusesImpl::RunningPtr BusesImpl::look_up(const Scope& scope, const std::string& name) const {
    std::shared_lock lock(mutex_);
    const auto found = buses_.find({scope, name});
    return found == buses_.end() ? nullptr : found->second;
}

Result<BusesImpl::RunningPtr> BusesImpl::get(const Scope& scope, const std::string& name) {
    if (RunningPtr running = look_up(scope, name)) return running;
    if (name != default_bus) return no_bus(name);
    std::lock_guard changing(changes_);
    if (RunningPtr running = look_up(scope, name)) return running;
    BusDefinition wanted;
    wanted.scope = scope;
    wanted.name = name;
    return create_running(std::move(wanted));
}

Result<BusesImpl::RunningPtr> BusesImpl::create_running(BusDefinition wanted) {
    const Name name{wanted.scope, wanted.name};
    TRY_ASSIGN(wanted.id, parts_.registry.next_number("events.bus"));
    TRY_ASSIGN(const log::ShardKey shard, parts_.log.create_shard());
    wanted.log_key = shard.value();
    wanted.created = wanted.modified = parts_.clock.now();
    TRY(parts_.registry.create(bus_kind, wanted.scope, wanted.name, encode(wanted)));
    auto running = std::make_shared<Running>();
    running->definition = std::make_shared<BusDefinition>(std::move(wanted));
    TRY(start(*running));
    std::unique_lock lock(mutex_);
    buses_[name] = running;
    return running;
}

Result<Buses::BusPtr> BusesImpl::find(const Scope& scope, const std::string& name) {
    TRY_ASSIGN(const RunningPtr running, get(scope, name));
    std::shared_lock lock(mutex_);
    return running->definition;
}

Result<Buses::BusPtr> BusesImpl::create(BusDefinition wanted) {
    std::lock_guard changing(changes_);
    if (look_up(wanted.scope, wanted.name) || wanted.name == default_bus) {
        return {ErrorCode::already_exists, "Event bus " + wanted.name + " already exists."};
    }
    TRY_ASSIGN(const RunningPtr running, create_running(std::move(wanted)));
    // Archives name their bus: those of one that was deleted go on with the one that has its name now, at once as after
    // a restart.
    for (const auto& [name, archive] : archives_) {
        const bool ours =
            name.first == running->definition->scope && archive->definition.bus == running->definition->name;
        if (ours && !archive->archiver && scheduler_) TRY(start(*archive));
    }
    return running->definition;
}

Result<Buses::BusPtr> BusesImpl::change(const Scope& scope, const std::string& name,
                                        const std::function<Status(BusDefinition&)>& change) {
    TRY_ASSIGN(const RunningPtr running, get(scope, name));
    std::lock_guard changing(changes_);
    if (look_up(scope, name) != running) return no_bus(name);
    auto next = std::make_shared<BusDefinition>(*running->definition);
    TRY(change(*next));
    next->modified = parts_.clock.now();
    TRY(parts_.registry.put(bus_kind, scope, name, encode(*next)));
    std::unique_lock lock(mutex_);
    running->definition = next;
    return BusPtr(next);
}

Status BusesImpl::remove(const Scope& scope, const std::string& name) {
    if (name == default_bus) {
        return {ErrorCode::invalid_argument, "Cannot delete event bus default."};
    }
    std::lock_guard changing(changes_);
    const RunningPtr running = look_up(scope, name);
    if (!running) return {};  // as AWS: what is not there is gone
    if (!running->rules->list().empty()) {
        return {ErrorCode::failed_precondition, "Event bus " + name + " has rules: delete them first."};
    }
    // What its archives have not read yet they read now; they stay.
    std::vector<std::shared_ptr<RunningArchive>> orphans;
    {
        std::shared_lock lock(mutex_);
        for (const auto& [key, archive] : archives_) {
            if (key.first == scope && archive->definition.bus == name) orphans.push_back(archive);
        }
    }
    TRY_ASSIGN(const log::Position end, parts_.log.end(log::ShardKey(running->definition->log_key)));
    for (const auto& archive : orphans) {
        if (!archive->archiver) TRY(start(*archive));  // before run()
        if (scheduler_ && archive->task) scheduler_->remove(archive->task);
        const std::atomic<bool> going_on{false};
        do {
            archive->archiver->hurry();
        } while (archive->archiver->step(true, going_on).more);
        if (archive->archiver->state().position < end.value()) {  // the log is all that has these events
            return {ErrorCode::unavailable, "Archive " + archive->definition.name + " can not be written; restart " +
                                                "millrace, then delete event bus " + name + "."};
        }
    }
    if (scheduler_ && running->task) scheduler_->remove(running->task);
    for (const auto& archive : orphans) {
        if (!archive->archiver) continue;
        std::unique_lock lock(mutex_);
        archive->last = archive->archiver->state();
        archive->archiver = nullptr;
        archive->task = nullptr;
    }
    // A death behind the next write would leave a shard with events that nobody names, and keeps, and that the log is
    // kept for: the note is for the next start.
    const uint64_t shard = running->definition->log_key;
    TRY(parts_.registry.put(gone_kind, {}, std::to_string(shard), ""));
    TRY(parts_.registry.remove(bus_kind, scope, name));
    {
        std::unique_lock lock(mutex_);
        buses_.erase({scope, name});
    }
    table::WriteBatch batch;
    batch.erase(store_key('P', {running->definition->id}));
    TRY(parts_.store.write(batch));
    return drop_gone(shard);
}

Status BusesImpl::drop_gone(uint64_t shard) {
    const log::ShardKey key(shard);
    TRY(parts_.log.drop_shards({&key, 1}));
    return parts_.registry.remove(gone_kind, {}, std::to_string(shard));
}

// What a death left of deleting a bus: all of it, where the bus is no more, or only the note.
Status BusesImpl::finish_deleting() {
    std::set<uint64_t> gone;
    TRY(parts_.registry.for_each(gone_kind, [&](const Scope&, const catalog::Entry& entry) {
        gone.insert(std::strtoull(std::string(entry.name).c_str(), nullptr, 10));
    }));
    for (const auto& [name, running] : buses_) {
        const uint64_t shard = running->definition->log_key;
        if (gone.erase(shard) > 0) TRY(parts_.registry.remove(gone_kind, {}, std::to_string(shard)));
    }
    for (const uint64_t shard : gone) TRY(drop_gone(shard));
    return {};
}

Result<std::vector<Buses::BusPtr>> BusesImpl::list(const Scope& scope) {
    TRY(get(scope, std::string(default_bus)));
    std::vector<BusPtr> out;
    std::shared_lock lock(mutex_);
    for (auto place = buses_.lower_bound({scope, ""}); place != buses_.end() && place->first.first == scope; ++place)
        out.push_back(place->second->definition);
    return out;
}

Result<std::vector<RulePtr>> BusesImpl::rules(const Scope& scope, const std::string& bus) {
    TRY_ASSIGN(const RunningPtr running, get(scope, bus));
    return running->rules->list();
}

Result<RulePtr> BusesImpl::rule(const Scope& scope, const std::string& bus, const std::string& name) {
    TRY_ASSIGN(const RunningPtr running, get(scope, bus));
    if (RulePtr rule = running->rules->find(name)) return rule;
    return no_rule(name, bus);
}

Result<uint64_t> BusesImpl::next_uid() {
    return parts_.registry.next_number("events.uid");
}

Result<RulePtr> BusesImpl::change_rule(const Scope& scope, const std::string& bus, const std::string& name,
                                       bool may_create, const std::function<Status(RuleDefinition&)>& change) {
    TRY_ASSIGN(const RunningPtr running, get(scope, bus));
    std::lock_guard changing(changes_);
    if (look_up(scope, bus) != running) return no_bus(bus);
    const RulePtr old = running->rules->find(name);
    if (!old && !may_create) return no_rule(name, bus);
    RuleDefinition next;
    if (old) {
        next = old->definition;
    } else {
        next.scope = scope;
        next.bus = bus;
        next.name = name;
        next.created = parts_.clock.now();
        TRY_ASSIGN(next.uid, next_uid());
    }
    TRY(change(next));
    if (!old || (!old->is_enabled() && next.state != RuleState::disabled)) {
        TRY_ASSIGN(const log::Position end, parts_.log.end(log::ShardKey(running->definition->log_key)));
        next.from_position = end.value();
        next.scheduled_from = parts_.clock.now();
    } else if (old->definition.schedule != next.schedule) {
        next.scheduled_from = parts_.clock.now();
    }
    TRY_ASSIGN(std::shared_ptr<Rule> rule, Rule::compile(std::move(next)));
    TRY(parts_.registry.put(rule_kind, scope, rule_name(bus, name), encode(rule->definition)));
    running->rules->put(rule);
    poke(*running);
    return RulePtr(rule);
}

Status BusesImpl::remove_rule(const Scope& scope, const std::string& bus, const std::string& name) {
    TRY_ASSIGN(const RunningPtr running, get(scope, bus));
    std::lock_guard changing(changes_);
    const RulePtr rule = running->rules->find(name);
    if (!rule) return {};
    TRY(parts_.registry.remove(rule_kind, scope, rule_name(bus, name)));
    running->rules->remove(name);
    table::WriteBatch batch;
    batch.erase(store_key('F', {rule->definition.uid}));
    TRY(parts_.store.write(batch));
    poke(*running);
    return {};
}

std::optional<Surroundings::OtherBus> BusesImpl::other_bus(std::string_view text, const std::string& account) {
    const std::optional<target::Arn> arn = target::parse_arn(text);
    const auto name = arn ? arn->after("event-bus/") : std::nullopt;
    if (!name) return std::nullopt;
    BusPtr definition;
    {
        std::shared_lock lock(mutex_);
        const auto found = buses_.find({arn->scope({}), std::string(*name)});
        if (found == buses_.end()) return std::nullopt;
        definition = found->second->definition;
    }
    OtherBus out{log::ShardKey(definition->log_key), std::nullopt};
    if (definition->scope.account != account) out.policy.emplace(*definition);
    return out;
}

std::vector<Buses::Watch> BusesImpl::watch() {
    std::vector<Watch> out;
    std::shared_lock lock(mutex_);
    for (const auto& [name, running] : buses_) {
        Watch watch{running->definition};
        if (running->dispatcher) {
            const DispatcherStats& stats = running->dispatcher->stats();
            watch.events = stats.events;
            watch.matched = stats.matched;
            watch.delivered = stats.delivered;
            watch.retried = stats.retried;
            watch.dead = stats.dead;
            watch.dropped = stats.dropped;
            watch.overflowed = stats.overflowed;
            watch.waiting = stats.parked;
            watch.waiting_bytes = stats.parked_bytes;
        }
        out.push_back(std::move(watch));
    }
    return out;
}

}  // namespace millrace::bus
