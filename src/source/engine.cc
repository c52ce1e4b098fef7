#include "src/source/engine.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <thread>

#include "src/catalog/registry.h"
#include "src/http/outbound/outbound.h"
#include "src/io/executor.h"
#include "src/source/held_bytes.h"

namespace millrace::source {
namespace {

constexpr std::string_view registry_kind = "millrace.source";
constexpr int64_t busy_ms = 100;
constexpr int64_t spread_ms_max = 1'000;

using Time = std::chrono::steady_clock::time_point;

struct Slot {
    std::shared_ptr<Poller> poller;
    Definition definition;  // `paused` is the truth here
    Time due;
    bool running = false;
    bool removed = false;
};

struct Name {
    std::string account, region, name;
    auto operator<=>(const Name&) const = default;
};

Name name_of(const Scope& scope, std::string_view name) {
    return {scope.account, scope.region, std::string(name)};
}

Time in_ms(int64_t ms) {
    return std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
}

class EngineImpl final : public Engine {
  public:
    EngineImpl(EngineOptions options, Parts parts, catalog::Registry& registry)
        : options_(options),
          held_(options.held_bytes_max),
          parts_(with(parts, &held_)),
          registry_(registry),
          threads_(io::make_executor({.name = "source", .threads_max = options.sources_max + 1})) {}
    ~EngineImpl() override { EngineImpl::stop(); }

    Status load();
    Status add(Definition definition) override;
    Status pause(const Scope& scope, std::string_view name) override { return set_paused(scope, name, true); }
    Status resume(const Scope& scope, std::string_view name) override { return set_paused(scope, name, false); }
    Status remove(const Scope& scope, std::string_view name) override;
    std::vector<Shown> list(std::string_view account) const override;
    void run() override;
    void stop() override;

  private:
    using SlotRef = std::shared_ptr<Slot>;
    Status set_paused(const Scope& scope, std::string_view name, bool paused);
    Result<SlotRef> slot_of(Definition definition, int64_t due_ms) const;
    void forget_strangers();
    void schedule();
    void start(const SlotRef& slot);
    void step(const SlotRef& slot);
    void forget(uint64_t id);

    static Parts with(Parts parts, HeldBytes* held) {
        parts.held = held;
        return parts;
    }

    const EngineOptions options_;
    HeldBytes held_;
    const Parts parts_;
    catalog::Registry& registry_;
    std::mutex changes_;  // definitions are changed one after the other; taken before mutex_
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Name, SlotRef> slots_;  // under mutex_, as what is in them but the pollers
    uint32_t running_ = 0;
    bool stopping_ = false;
    std::thread scheduler_;
    std::unique_ptr<io::Executor> threads_;  // the last: its tasks use the rest
};

Result<EngineImpl::SlotRef> EngineImpl::slot_of(Definition definition, int64_t due_ms) const {
    auto slot = std::make_shared<Slot>();
    slot->definition = definition;
    TRY_ASSIGN(std::unique_ptr<Poller> poller, Poller::make(std::move(definition), parts_));
    slot->poller = std::move(poller);
    slot->due = in_ms(due_ms);
    return slot;
}

Status EngineImpl::load() {
    std::vector<Definition> found;
    Status problem;
    TRY(registry_.for_each(registry_kind, [&](const Scope& scope, const catalog::Entry& entry) {
        auto definition = decode(entry.value, scope);
        if (definition.ok()) {
            found.push_back(std::move(definition).value());
        } else if (problem.ok()) {
            problem = with_context(std::move(definition).error(), "source " + entry.name);
        }
    }));
    TRY(problem);
    int64_t spread = 0;  // not all at once after a start
    for (Definition& definition : found) {
        const Name name = name_of(definition.scope, definition.name);
        spread = (spread + 37) % std::min<int64_t>(spread_ms_max, definition.every_ms);
        TRY_ASSIGN(slots_[name], slot_of(std::move(definition), spread));
    }
    return {};
}

// What a removal that a death cut short left behind.
void EngineImpl::forget_strangers() {
    const auto kept = Seen::ids(parts_.store);
    if (!kept.ok()) return;
    for (const uint64_t id : *kept) {
        bool known = false;
        {
            std::lock_guard lock(mutex_);
            if (stopping_) return;
            known = std::any_of(slots_.begin(), slots_.end(),
                                [&](const auto& each) { return each.second->definition.id == id; });
        }
        if (!known) forget(id);
    }
}

Status EngineImpl::add(Definition definition) {
    TRY(check(definition));
    TRY(parts_.outbound.check_url(definition.url));
    std::lock_guard changing(changes_);
    const Name name = name_of(definition.scope, definition.name);
    {
        std::lock_guard lock(mutex_);
        if (stopping_) return {ErrorCode::unavailable, "the server is stopping"};
        if (slots_.contains(name))
            return {ErrorCode::already_exists, "there is a source named " + definition.name + " already"};
        if (slots_.size() >= options_.sources_max)
            return {ErrorCode::resource_exhausted, "this server has " + std::to_string(slots_.size()) +
                                                       " sources, as many as it takes (setting sources-max)"};
    }
    TRY_ASSIGN(definition.id, registry_.next_number(registry_kind));
    definition.created = parts_.clock.now();
    TRY_ASSIGN(SlotRef slot, slot_of(definition, 0));
    TRY(registry_.create(registry_kind, definition.scope, definition.name, encode(definition)));
    std::lock_guard lock(mutex_);
    slots_[name] = std::move(slot);
    changed_.notify_all();
    return {};
}

Status EngineImpl::set_paused(const Scope& scope, std::string_view name, bool paused) {
    std::lock_guard changing(changes_);
    Definition definition;
    {
        std::lock_guard lock(mutex_);
        const auto found = slots_.find(name_of(scope, name));
        if (found == slots_.end()) return {ErrorCode::not_found, "there is no source named " + std::string(name)};
        definition = found->second->definition;
    }
    definition.paused = paused;
    TRY(registry_.put(registry_kind, scope, name, encode(definition)));
    std::lock_guard lock(mutex_);
    const SlotRef& slot = slots_.at(name_of(scope, name));
    slot->definition.paused = paused;
    slot->due = in_ms(0);
    changed_.notify_all();
    return {};
}

Status EngineImpl::remove(const Scope& scope, std::string_view name) {
    std::lock_guard changing(changes_);
    if (Status removed = registry_.remove(registry_kind, scope, name); !removed.ok()) {
        if (removed.error().code != ErrorCode::not_found) return removed;
        return {ErrorCode::not_found, "there is no source named " + std::string(name)};
    }
    std::lock_guard lock(mutex_);
    const auto found = slots_.find(name_of(scope, name));
    const SlotRef slot = found->second;
    slot->removed = true;
    slots_.erase(found);
    // One that is polling is forgotten when it has ended (step()); where nobody is free to do it, at the next start.
    if (!slot->running) threads_->submit([this, id = slot->definition.id] { forget(id); });
    return {};
}

void EngineImpl::forget(uint64_t id) {
    Status forgotten = Seen::forget(parts_.store, id);
    table::WriteBatch batch;
    batch.erase(state_key(id));
    if (forgotten.ok()) forgotten = parts_.store.write(batch);
    static_cast<void>(forgotten.ok());  // what is left is found at the next start
}

std::vector<Shown> EngineImpl::list(std::string_view account) const {
    std::vector<Shown> out;
    std::lock_guard lock(mutex_);
    for (const auto& [name, slot] : slots_) {
        if (name.account == account) out.push_back({slot->definition, slot->poller->standing(), slot->running});
    }
    return out;
}

void EngineImpl::run() {
    scheduler_ = std::thread([this] { schedule(); });
    threads_->submit([this] { forget_strangers(); });
}

void EngineImpl::schedule() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        Time next = in_ms(60'000);
        const Time now = std::chrono::steady_clock::now();
        for (const auto& [name, slot] : slots_) {
            if (slot->running || slot->definition.paused) continue;
            if (slot->due <= now) {
                start(slot);
            } else {
                next = std::min(next, slot->due);
            }
        }
        changed_.wait_until(lock, next);
    }
}

void EngineImpl::start(const SlotRef& slot) {
    if (!threads_->submit([this, slot] { step(slot); })) {
        slot->due = in_ms(busy_ms);
        return;
    }
    slot->running = true;
    ++running_;
}

void EngineImpl::step(const SlotRef& slot) {
    const int64_t pause_ms = slot->poller->step();
    std::unique_lock lock(mutex_);
    slot->due = in_ms(pause_ms);
    slot->running = false;
    const bool removed = slot->removed;
    lock.unlock();
    if (removed) forget(slot->definition.id);
    lock.lock();
    --running_;
    changed_.notify_all();
}

void EngineImpl::stop() {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return running_ == 0; });
    lock.unlock();
    if (scheduler_.joinable()) scheduler_.join();
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options, Parts parts, catalog::Registry& registry) {
    auto engine = std::make_unique<EngineImpl>(options, parts, registry);
    TRY(engine->load());
    return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace millrace::source
