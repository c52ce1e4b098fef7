#include "src/flow/pipe/engine.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "src/base/checksum.h"
#include "src/catalog/registry.h"
#include "src/flow/mapping/checkpoint.h"
#include "src/flow/scheduler.h"
#include "src/io/clock.h"

namespace millrace::flow::pipe {
namespace {

using Key = std::pair<Scope, std::string>;

Error absent(std::string_view name) {
    return {ErrorCode::not_found, "Pipe " + std::string(name) + " does not exist."};
}

// What the mapping is to know of a pipe.
mapping::Definition mapping_of(const Pipe& pipe) {
    mapping::Definition out;
    out.scope = pipe.scope;
    out.uuid = pipe.uid;
    out.source_arn = pipe.source;
    out.start = pipe.start;
    out.start_time = pipe.start_time;
    out.settings = pipe.settings;
    out.modified = pipe.modified;
    out.version = pipe.version;
    out.deleting = pipe.deleting;
    return out;
}

std::string state_of(const mapping::Description& description) {
    constexpr std::pair<std::string_view, std::string_view> states[] = {
        {"Creating", "CREATING"}, {"Enabled", "RUNNING"},   {"Disabling", "STOPPING"}, {"Disabled", "STOPPED"},
        {"Enabling", "STARTING"}, {"Updating", "UPDATING"}, {"Deleting", "DELETING"},
    };
    for (const auto& [ours, theirs] : states) {
        if (description.state == ours) return std::string(theirs);
    }
    return "RUNNING";
}

Status check_destination(const Pipe& pipe) {
    if (pipe.settings.on_failure.empty()) return {};
    TRY_ASSIGN(const std::string bucket, mapping::bucket_of(pipe.settings.on_failure));
    return {};
}

class EngineImpl final : public Engine {
  public:
    EngineImpl(Options options, Parts parts)
        : options_(std::move(options)),
          parts_(std::move(parts)),
          scheduler_("pipe", options_.mapping.threads, options_.mapping.gather_ms, parts_.clock) {}

    ~EngineImpl() override { stop(); }

    Status start() {
        Status broken;
        TRY(parts_.registry.for_each(pipe_kind, [&](const Scope& scope, const catalog::Entry& entry) {
            auto pipe = decode_pipe(scope, entry.name, entry.value);
            if (!pipe.ok()) {
                broken = std::move(pipe).error();
                return;
            }
            auto program = Program::compile(*pipe);
            if (!program.ok()) {
                broken = with_context(std::move(program).error(), "pipe " + entry.name);
                return;
            }
            add(std::move(*pipe), std::move(*program), false);
        }));
        return broken;
    }

    void run() override {
        const std::lock_guard lock(mutex_);
        running_ = true;
        for (auto& [key, entry] : entries_) begin(entry);
    }

    void stop() override {
        const std::lock_guard lock(mutex_);
        running_ = false;
        for (auto& [key, entry] : entries_) end(entry);
    }

    Result<Description> create(Pipe pipe) override {
        const std::lock_guard lock(mutex_);
        reap();
        const Key key(pipe.scope, pipe.name);
        if (entries_.contains(key)) return Error{ErrorCode::already_exists, "Pipe " + pipe.name + " already exists."};
        const auto same = [&](const auto& each) { return each.first.first == pipe.scope; };
        if (static_cast<size_t>(std::count_if(entries_.begin(), entries_.end(), same)) >= options_.pipes_max) {
            return Error{ErrorCode::resource_exhausted,
                         "There are already " + std::to_string(options_.pipes_max) + " pipes, which is the limit."};
        }
        TRY(check_destination(pipe));
        TRY_ASSIGN(auto program, Program::compile(pipe));
        pipe.uid = random_uuid();
        pipe.created = pipe.modified = parts_.clock.now();
        pipe.version = 1;
        Entry probe;
        probe.runner = std::make_shared<Runner>(parts_.deliver, parts_.executor, parts_.clock);
        // The position before the entry: a pipe that exists always knows where to begin.
        TRY(mapping::Mapping::place(mapping_of(pipe), mapping_parts(pipe, probe.runner)));
        if (Status made = parts_.registry.create(pipe_kind, pipe.scope, pipe.name, encode(pipe)); !made.ok()) {
            static_cast<void>(mapping::erase_checkpoint(parts_.store, pipe.uid));
            return std::move(made).error();
        }
        return add(std::move(pipe), std::move(program), true);
    }

    Result<Description> describe(const Scope& scope, std::string_view name) override {
        const std::lock_guard lock(mutex_);
        TRY_ASSIGN(Entry * entry, find(scope, name));
        return description_of(*entry);
    }

    Page list(const Scope& scope, const ListFilter& filter, std::string_view after, size_t limit) override {
        const std::lock_guard lock(mutex_);
        reap();
        Page page;
        for (auto at = entries_.upper_bound(Key(scope, after)); at != entries_.end(); ++at) {
            if (at->first.first != scope) break;
            Description each = description_of(at->second);
            if (!each.pipe.name.starts_with(filter.name_prefix)) continue;
            if (!each.pipe.source.starts_with(filter.source_prefix)) continue;
            if (!each.pipe.target.arn.starts_with(filter.target_prefix)) continue;
            if (!filter.state.empty() && each.state != filter.state) continue;
            if (filter.desired && each.pipe.settings.enabled != *filter.desired) continue;
            if (page.pipes.size() == limit) {
                page.next = page.pipes.back().pipe.name;
                break;
            }
            page.pipes.push_back(std::move(each));
        }
        return page;
    }

    Result<Description> update(const Scope& scope, std::string_view name,
                               const std::function<Status(const Description&, Pipe*)>& change) override {
        const std::lock_guard lock(mutex_);
        TRY_ASSIGN(Entry * entry, find(scope, name));
        const Description before = description_of(*entry);
        if (before.state != "RUNNING" && before.state != "STOPPED") {
            return Error{ErrorCode::failed_precondition,
                         "Pipe " + entry->pipe.name + " is " + before.state + ": it can be changed once that is done."};
        }
        Pipe changed = entry->pipe;
        TRY(change(before, &changed));
        TRY(check_destination(changed));
        TRY_ASSIGN(auto program, Program::compile(changed));
        TRY_ASSIGN(const auto source, mapping::make_source(changed.source, parts_.sources));
        TRY_ASSIGN(const auto filter, mapping::Filter::compile(changed.settings.filters, source->body_name()));
        ++changed.version;
        TRY(keep(*entry, std::move(changed)));
        entry->runner->set(std::move(program));
        return description_of(*entry);
    }

    Result<Description> set_tags(const Scope& scope, std::string_view name,
                                 const std::function<Status(std::map<std::string, std::string>*)>& change) override {
        const std::lock_guard lock(mutex_);
        TRY_ASSIGN(Entry * entry, find(scope, name));
        Pipe changed = entry->pipe;
        TRY(change(&changed.tags));
        TRY(keep(*entry, std::move(changed)));
        return description_of(*entry);
    }

    Result<Description> remove(const Scope& scope, std::string_view name) override {
        const std::lock_guard lock(mutex_);
        TRY_ASSIGN(Entry * entry, find(scope, name));
        Pipe changed = entry->pipe;
        changed.deleting = true;
        changed.settings.enabled = false;
        TRY(keep(*entry, std::move(changed)));
        return description_of(*entry);
    }

  private:
    struct Entry {
        Pipe pipe;
        std::shared_ptr<Runner> runner;
        std::shared_ptr<mapping::Mapping> mapping;
        Scheduler::TaskPtr task;
    };

    mapping::Parts mapping_parts(const Pipe& pipe, const std::shared_ptr<Runner>& runner) const {
        return {
            .sources = parts_.sources,
            .store = parts_.store,
            .registry = parts_.registry,
            .objects = parts_.objects,
            .clock = parts_.clock,
            .invoke = [runner](function::Invocation invocation,
                               mapping::CallDone done) { runner->run(std::move(invocation.payload), std::move(done)); },
            .role_of = [role = pipe.role](const function::FunctionName&) -> Result<std::string> { return role; },
            .pipe_arn = arn_of(pipe.scope, pipe.name)};
    }

    Description add(Pipe pipe, std::shared_ptr<const Program> program, bool fresh) {
        Entry& entry = entries_[Key(pipe.scope, pipe.name)];
        entry.pipe = std::move(pipe);
        entry.runner = std::make_shared<Runner>(parts_.deliver, parts_.executor, parts_.clock);
        entry.runner->set(std::move(program));
        entry.mapping = std::make_shared<mapping::Mapping>(mapping_of(entry.pipe), options_.mapping,
                                                           mapping_parts(entry.pipe, entry.runner), held_bytes_, fresh);
        Description created = description_of(entry);
        if (running_) begin(entry);
        return created;
    }

    Description description_of(const Entry& entry) const {
        const mapping::Description seen = entry.mapping->describe();
        Description out{entry.pipe, state_of(seen), ""};
        if (!seen.result.starts_with("PROBLEM")) return out;
        const std::string problem = entry.runner->problem();
        constexpr std::string_view mark = "PROBLEM: ";
        out.reason = !problem.empty()                ? problem
                     : seen.result.starts_with(mark) ? seen.result.substr(mark.size())
                                                     : seen.result;
        return out;
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

    Result<Entry*> find(const Scope& scope, std::string_view name) {
        reap();
        const auto found = entries_.find(Key(scope, name));
        if (found == entries_.end()) return absent(name);
        return &found->second;
    }

    Status keep(Entry& entry, Pipe changed) {
        changed.modified = parts_.clock.now();
        TRY(parts_.registry.put(pipe_kind, changed.scope, changed.name, encode(changed)));
        entry.pipe = std::move(changed);
        entry.mapping->reconfigure(mapping_of(entry.pipe));
        if (entry.task) scheduler_.poke(entry.task);
        return {};
    }

    // Those that are deleted, and whose checkpoints are gone.
    void reap() {
        for (auto at = entries_.begin(); at != entries_.end();) {
            if (!at->second.mapping->gone() ||
                !parts_.registry.remove(pipe_kind, at->first.first, at->first.second).ok()) {
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
    std::map<Key, Entry> entries_;
    Scheduler scheduler_;  // last: its threads end first
};

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(Options options, Parts parts) {
    auto engine = std::make_unique<EngineImpl>(std::move(options), std::move(parts));
    TRY(engine->start());
    return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace millrace::flow::pipe
