#include "src/flow/mapping/engine.h"

#include <algorithm>
#include <mutex>

#include "src/base/checksum.h"
#include "src/catalog/registry.h"
#include "src/flow/scheduler.h"
#include "src/io/clock.h"

namespace millrace::flow::mapping {
namespace {

bool same_function(const function::FunctionName& a, const function::FunctionName& b) {
    return a.scope == b.scope && a.name == b.name && a.qualifier == b.qualifier;
}

Error absent(std::string_view uuid) {
    return {ErrorCode::not_found,
            "The resource you requested does not exist. (Event source mapping " + std::string(uuid) + ")"};
}

Status check_destination(const Settings& settings) {
    if (settings.on_failure.empty()) return {};
    TRY_ASSIGN(const std::string bucket, bucket_of(settings.on_failure));
    return {};
}

class EngineImpl final : public Engine {
  public:
    EngineImpl(Options options, Parts parts)
        : options_(options),
          parts_(std::move(parts)),
          scheduler_("mapping", options.threads, options.gather_ms, parts_.clock) {}

    ~EngineImpl() override { stop(); }

    void run() override {
        const std::lock_guard<std::mutex> lock(mutex_);
        running_ = true;
        for (auto& [uuid, entry] : entries_) begin(entry);
    }

    void stop() override {
        const std::lock_guard<std::mutex> lock(mutex_);
        running_ = false;
        for (auto& [uuid, entry] : entries_) end(entry);
    }

    Status start() {
        Status broken;
        TRY(parts_.registry.for_each(mapping_kind, [&](const Scope& scope, const catalog::Entry& entry) {
            auto definition = decode_definition(scope, entry.value);
            if (!definition.ok()) {
                broken = with_context(std::move(definition).error(), entry.name);
            } else {
                add(std::move(definition).value(), false);
            }
        }));
        return broken;
    }

    Result<Description> create(Definition definition) override {
        const std::lock_guard<std::mutex> lock(mutex_);
        reap();
        TRY(check_destination(definition.settings));
        TRY(check_unique(definition));
        definition.uuid = random_uuid();
        definition.version = 1;
        definition.modified = parts_.clock.now();
        // The position before the entry: a mapping that exists always knows where to begin.
        TRY(Mapping::place(definition, parts_));
        if (Status created =
                parts_.registry.create(mapping_kind, definition.scope, definition.uuid, encode(definition));
            !created.ok()) {
            static_cast<void>(erase_checkpoint(parts_.store, definition.uuid));
            return std::move(created).error();
        }
        return add(std::move(definition), true);
    }

    Result<Description> describe(const Scope& scope, std::string_view uuid) override {
        const std::lock_guard<std::mutex> lock(mutex_);
        TRY_ASSIGN(Entry * entry, find(scope, uuid));
        return entry->mapping->describe();
    }

    MappingPage list(const Scope& scope, std::string_view source_arn,
                     const std::optional<function::FunctionName>& function, std::string_view after,
                     size_t limit) override {
        const std::lock_guard<std::mutex> lock(mutex_);
        reap();
        MappingPage page;
        for (auto at = entries_.upper_bound(std::string(after)); at != entries_.end(); ++at) {
            const Definition& each = at->second.definition;
            if (each.scope != scope) continue;
            if (!source_arn.empty() && each.source_arn != source_arn) continue;
            if (function && !same_function(*function, each.settings.function)) continue;
            if (page.mappings.size() == limit) {
                page.next = page.mappings.back().definition.uuid;
                break;
            }
            page.mappings.push_back(at->second.mapping->describe());
        }
        return page;
    }

    Result<Description> update(const Scope& scope, std::string_view uuid,
                               const std::function<Status(Settings*)>& change) override {
        const std::lock_guard<std::mutex> lock(mutex_);
        TRY_ASSIGN(Entry * entry, find(scope, uuid));
        const std::string state = entry->mapping->describe().state;
        if (entry->definition.deleting)
            return Error{ErrorCode::failed_precondition,
                         "Cannot update the event source mapping because it is being deleted."};
        if (state != "Enabled" && state != "Disabled")
            return Error{ErrorCode::failed_precondition,
                         "Cannot update the event source mapping because it is in use. (Its state is " + state + ".)"};
        Definition changed = entry->definition;
        TRY(change(&changed.settings));
        TRY(check_unique(changed));
        TRY(check_destination(changed.settings));
        TRY_ASSIGN(const auto source, make_source(changed.source_arn, parts_.sources));
        TRY_ASSIGN(const Filter compiled, Filter::compile(changed.settings.filters, source->body_name()));
        if (changed.settings == entry->definition.settings) return entry->mapping->describe();
        ++changed.version;
        return keep(*entry, std::move(changed));
    }

    Result<Description> set_tags(const Scope& scope, std::string_view uuid,
                                 std::map<std::string, std::string> tags) override {
        const std::lock_guard<std::mutex> lock(mutex_);
        TRY_ASSIGN(Entry * entry, find(scope, uuid));
        Definition changed = entry->definition;
        changed.tags = std::move(tags);
        return keep(*entry, std::move(changed), false);
    }

    Result<Description> remove(const Scope& scope, std::string_view uuid) override {
        const std::lock_guard<std::mutex> lock(mutex_);
        TRY_ASSIGN(Entry * entry, find(scope, uuid));
        Definition changed = entry->definition;
        changed.deleting = true;
        return keep(*entry, std::move(changed));
    }

    std::vector<Consumer> consumers(std::string_view account) override {
        std::vector<std::shared_ptr<Mapping>> mappings;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            reap();
            for (const auto& [uuid, entry] : entries_) {
                if (entry.definition.scope.account == account) mappings.push_back(entry.mapping);
            }
        }
        std::vector<Consumer> out;
        for (const auto& mapping : mappings) out.push_back({mapping->describe(), mapping->shards()});
        return out;
    }

    Status rewind(std::string_view account, std::string_view uuid, TimestampMs time) override {
        const std::lock_guard<std::mutex> lock(mutex_);
        const auto found = entries_.find(std::string(uuid));
        if (found == entries_.end() || found->second.definition.deleting ||
            found->second.definition.scope.account != account)
            return absent(uuid);
        if (time > parts_.clock.now())
            return Error{ErrorCode::invalid_argument, "a mapping is rewound to a time in the past"};
        Definition changed = found->second.definition;
        ++changed.rewinds;
        changed.rewind_to = time;
        TRY_ASSIGN(const Description done, keep(found->second, std::move(changed), false));
        return {};
    }

  private:
    struct Entry {
        Definition definition;  // the newest
        std::shared_ptr<Mapping> mapping;
        Scheduler::TaskPtr task;
    };

    // Of other mappings none has the same source and function.
    Status check_unique(const Definition& definition) const {
        for (const auto& [uuid, entry] : entries_) {
            const Definition& other = entry.definition;
            if (uuid != definition.uuid && other.source_arn == definition.source_arn && !other.deleting &&
                same_function(other.settings.function, definition.settings.function))
                return Error{ErrorCode::already_exists, "The event source arn (\" " + other.source_arn +
                                                            " \") and function (\" " + other.settings.function.name +
                                                            " \") provided mapping already exists. Please update or " +
                                                            "delete the existing mapping with UUID " + uuid};
        }
        return {};
    }

    Description add(Definition definition, bool fresh) {
        Entry& entry = entries_[definition.uuid];
        entry.definition = definition;
        entry.mapping = std::make_shared<Mapping>(std::move(definition), options_, parts_, held_bytes_, fresh);
        const Description created = entry.mapping->describe();
        if (running_) begin(entry);
        return created;
    }

    void begin(Entry& entry) {
        entry.task = scheduler_.add(entry.mapping);
        entry.mapping->set_poke([this, task = entry.task] { scheduler_.poke(task); });
        scheduler_.poke(entry.task);  // for what came before there was a poke
    }

    void end(Entry& entry) {
        entry.mapping->set_poke(nullptr);
        if (entry.task) scheduler_.remove(entry.task);
        entry.task = nullptr;
    }

    Result<Entry*> find(const Scope& scope, std::string_view uuid) {
        reap();
        const auto found = entries_.find(std::string(uuid));
        if (found == entries_.end() || found->second.definition.scope != scope) return absent(uuid);
        return &found->second;
    }

    Result<Description> keep(Entry& entry, Definition changed, bool modifies = true) {
        if (modifies) changed.modified = parts_.clock.now();
        TRY(parts_.registry.put(mapping_kind, changed.scope, changed.uuid, encode(changed)));
        entry.definition = changed;
        entry.mapping->reconfigure(std::move(changed));
        const Description described = entry.mapping->describe();
        if (entry.task) scheduler_.poke(entry.task);
        return described;
    }

    // Those that are deleted and done with it.
    void reap() {
        for (auto at = entries_.begin(); at != entries_.end();) {
            if (!at->second.mapping->gone()) {
                ++at;
                continue;
            }
            end(at->second);
            at = entries_.erase(at);
        }
    }

    const Options options_;
    const Parts parts_;
    std::atomic<int64_t> held_bytes_{0};
    std::mutex mutex_;  // outside of a mapping's and the scheduler's
    bool running_ = false;
    std::map<std::string, Entry> entries_;
    Scheduler scheduler_;  // last: its threads end first
};

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(Options options, Parts parts) {
    auto engine = std::make_unique<EngineImpl>(options, std::move(parts));
    TRY(engine->start());
    return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace millrace::flow::mapping
