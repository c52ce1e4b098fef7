#include <limits>

#include "src/bus/buses_impl.h"
#include "src/bus/store_keys.h"
#include "src/catalog/registry.h"
#include "src/io/clock.h"

namespace millrace::bus {
namespace {

constexpr size_t replays_per_scope_max = 1000;  // remembered: the oldest that are over are forgotten

Error no_archive(const std::string& name) {
    return {ErrorCode::not_found, "Archive " + name + " does not exist."};
}

Error no_replay(const std::string& name) {
    return {ErrorCode::not_found, "Replay " + name + " does not exist."};
}

}  // namespace

Status BusesImpl::start(RunningArchive& archive) {
    const RunningPtr bus = look_up(archive.definition.scope, archive.definition.bus);
    if (!bus) {
        TRY_ASSIGN(const auto stored, parts_.store.get(store_key('a', {archive.definition.id})));
        if (stored) archive.last = {number_at(*stored, 0), number_at(*stored, 8), number_at(*stored, 16)};
        return {};
    }
    TRY_ASSIGN(std::shared_ptr<Archiver> archiver,
               Archiver::open(archive.definition, *bus->definition, options_, parts_));
    {
        std::unique_lock lock(mutex_);
        archive.archiver = archiver;
    }
    if (scheduler_) archive.task = scheduler_->add(std::move(archiver));
    return {};
}

Buses::ArchiveInfo BusesImpl::info_of(const RunningArchive& archive) {
    if (!archive.archiver) return {archive.definition, archive.last, ""};
    return {archive.definition, archive.archiver->state(), archive.archiver->problem()};
}

Result<Buses::ArchiveInfo> BusesImpl::create_archive(ArchiveDefinition wanted) {
    TRY_ASSIGN(const RunningPtr bus, get(wanted.scope, wanted.bus));
    std::lock_guard changing(changes_);
    TRY_ASSIGN(wanted.id, parts_.registry.next_number("events.archive"));
    TRY_ASSIGN(const log::Position end, parts_.log.end(log::ShardKey(bus->definition->log_key)));
    wanted.from_position = end.value();
    wanted.created = parts_.clock.now();
    auto archive = std::make_shared<RunningArchive>();
    archive->definition = wanted;
    {
        std::unique_lock lock(mutex_);
        if (!archives_.try_emplace({wanted.scope, wanted.name}, archive).second) {
            return {ErrorCode::already_exists, "Archive " + wanted.name + " already exists."};
        }
    }
    Status kept = parts_.registry.create(archive_kind, wanted.scope, wanted.name, encode(wanted));
    if (kept.ok()) kept = start(*archive);
    if (!kept.ok()) {
        std::unique_lock lock(mutex_);
        archives_.erase({wanted.scope, wanted.name});
        return std::move(kept).error();
    }
    return info_of(*archive);
}

Result<Buses::ArchiveInfo> BusesImpl::archive(const Scope& scope, const std::string& name) {
    std::lock_guard changing(changes_);
    const auto found = archives_.find({scope, name});
    if (found == archives_.end()) return no_archive(name);
    if (found->second->archiver && scheduler_) {  // what is on its way is seen at the next look
        found->second->archiver->hurry();
        scheduler_->poke(found->second->task);
    }
    return info_of(*found->second);
}

Result<Buses::ArchiveInfo> BusesImpl::change_archive(const Scope& scope, const std::string& name,
                                                     const std::function<Status(ArchiveDefinition&)>& change) {
    std::lock_guard changing(changes_);
    const auto found = archives_.find({scope, name});
    if (found == archives_.end()) return no_archive(name);
    ArchiveDefinition next = found->second->definition;
    TRY(change(next));
    if (found->second->archiver) TRY(found->second->archiver->update(next));
    TRY(parts_.registry.put(archive_kind, scope, name, encode(next)));
    found->second->definition = std::move(next);
    return info_of(*found->second);
}

Status BusesImpl::remove_archive(const Scope& scope, const std::string& name) {
    std::lock_guard changing(changes_);
    const auto found = archives_.find({scope, name});
    if (found == archives_.end()) return no_archive(name);
    const std::shared_ptr<RunningArchive> archive = found->second;
    for (const auto& [key, each] : replays_) {
        const ReplayDefinition replay = each.replayer->definition();
        if (key.first == scope && replay.archive == name && !is_over(replay.state)) {
            return {ErrorCode::failed_precondition,
                    "Archive " + name + " is being replayed by " + replay.name + ": cancel that, or wait for it."};
        }
    }
    if (scheduler_ && archive->task) scheduler_->remove(archive->task);
    TRY(parts_.registry.remove(archive_kind, scope, name));
    {
        std::unique_lock lock(mutex_);
        archives_.erase(found);
    }
    for (bool all = false; !all;) {
        TRY_ASSIGN(all, Archiver::erase_some(parts_.store, archive->definition.id, 10'000));
    }
    return {};
}

std::vector<Buses::ArchiveInfo> BusesImpl::archives(const Scope& scope) {
    std::vector<ArchiveInfo> out;
    std::lock_guard changing(changes_);
    for (const auto& [name, archive] : archives_) {
        if (name.first == scope) out.push_back(info_of(*archive));
    }
    return out;
}

log::Position BusesImpl::archived_until(const BusDefinition& bus, log::Position otherwise) {
    std::shared_lock lock(mutex_);
    for (const auto& [name, archive] : archives_) {
        if (name.first != bus.scope || archive->definition.bus != bus.name) continue;
        if (archive->archiver && !archive->archiver->holds_log()) continue;
        const uint64_t position =
            archive->archiver ? archive->archiver->state().position : archive->definition.from_position;
        otherwise = std::min(otherwise, log::Position(position));
    }
    return otherwise;
}

Status BusesImpl::add_replay(ReplayDefinition replay) {
    const Name name{replay.scope, replay.name};
    RunningReplay running;
    if (!replay.rules.empty()) {
        running.rules = std::make_shared<const std::set<std::string>>(replay.rules.begin(), replay.rules.end());
    }
    const RunningPtr bus = look_up(replay.scope, replay.bus);
    const auto archive = archives_.find({replay.scope, replay.archive});
    const bool runs = !is_over(replay.state);
    if (runs && (!bus || archive == archives_.end())) {
        replay.state = ReplayState::failed;
        replay.reason = "Its archive, or its event bus, was deleted.";
        replay.ended = parts_.clock.now();
        TRY(parts_.registry.put(replay_kind, replay.scope, replay.name, encode(replay)));
    }
    const bool has_archive = archive != archives_.end();
    running.replayer = std::make_shared<Replayer>(replay, has_archive ? archive->second->definition.id : 0,
                                                  has_archive ? archive->second->archiver : nullptr,
                                                  bus ? *bus->definition : BusDefinition{}, parts_);
    if (!is_over(replay.state) && scheduler_) running.task = scheduler_->add(running.replayer);
    std::unique_lock lock(mutex_);
    replays_[name] = std::move(running);
    return {};
}

Result<ReplayDefinition> BusesImpl::start_replay(ReplayDefinition wanted) {
    std::lock_guard changing(changes_);
    if (replays_.contains({wanted.scope, wanted.name})) {
        return {ErrorCode::already_exists, "Replay " + wanted.name + " already exists."};
    }
    const auto archive = archives_.find({wanted.scope, wanted.archive});
    if (archive == archives_.end()) return no_archive(wanted.archive);
    const RunningPtr bus = look_up(wanted.scope, wanted.bus);
    if (!bus || archive->second->definition.bus != wanted.bus) {
        return {ErrorCode::invalid_argument,
                "Parameter Destination.Arn is not valid. Reason: Must be the event source of the archive."};
    }
    size_t count = 0;
    std::optional<ReplayDefinition> oldest;
    for (const auto& [name, each] : replays_) {
        if (name.first != wanted.scope) continue;
        ++count;
        ReplayDefinition definition = each.replayer->definition();
        if (is_over(definition.state) && (!oldest || definition.started < oldest->started)) oldest = definition;
    }
    if (count >= replays_per_scope_max) {
        if (!oldest) return {ErrorCode::resource_exhausted, "Too many replays are running."};
        TRY(parts_.registry.remove(replay_kind, oldest->scope, oldest->name));
        std::unique_lock lock(mutex_);
        replays_.erase({oldest->scope, oldest->name});
    }
    TRY_ASSIGN(const log::Position end, parts_.log.end(log::ShardKey(bus->definition->log_key)));
    wanted.wait_for = end.value();
    wanted.state = ReplayState::starting;
    wanted.started = parts_.clock.now();
    TRY(parts_.registry.create(replay_kind, wanted.scope, wanted.name, encode(wanted)));
    TRY(add_replay(wanted));
    return wanted;
}

Result<ReplayDefinition> BusesImpl::replay(const Scope& scope, const std::string& name) {
    std::shared_lock lock(mutex_);
    const auto found = replays_.find({scope, name});
    if (found == replays_.end()) return no_replay(name);
    return found->second.replayer->definition();
}

Result<ReplayDefinition> BusesImpl::cancel_replay(const Scope& scope, const std::string& name) {
    std::lock_guard changing(changes_);
    const auto found = replays_.find({scope, name});
    if (found == replays_.end()) return no_replay(name);
    TRY(found->second.replayer->cancel());
    if (scheduler_ && found->second.task) scheduler_->poke(found->second.task);
    return found->second.replayer->definition();
}

std::vector<ReplayDefinition> BusesImpl::replays(const Scope& scope) {
    std::vector<ReplayDefinition> out;
    std::shared_lock lock(mutex_);
    for (const auto& [name, each] : replays_) {
        if (name.first == scope) out.push_back(each.replayer->definition());
    }
    return out;
}

std::shared_ptr<const std::set<std::string>> BusesImpl::rules_of_replay(const Scope& scope, const std::string& replay) {
    std::shared_lock lock(mutex_);
    const auto found = replays_.find({scope, replay});
    return found == replays_.end() ? nullptr : found->second.rules;
}

}  // namespace millrace::bus
