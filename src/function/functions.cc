#include "src/function/functions.h"

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <future>
#include <random>
#include <shared_mutex>
#include <unordered_map>

#include "src/base/checksum.h"
#include "src/function/async/event_queue.h"
#include "src/function/package.h"
#include "src/function/registry/function_store.h"
#include "src/function/registry/layers.h"
#include "src/function/runtime.h"
#include "src/io/clock.h"
#include "src/io/executor.h"

namespace millrace::function {
namespace {

constexpr uint64_t package_keep_ms = 3'600'000;  // for definitions that are being written while packages are collected
constexpr int64_t collect_ms_min = 20 * 60'000;  // between collections, and longer than any call: see note_change()
constexpr size_t specs_max = 4096;               // prepared versions in memory
constexpr uint64_t event_wait_ms_max = 1000;     // asynchronous calls come again later rather than hold a place

using Spec = std::shared_ptr<const EnvironmentSpec>;
using Done = std::function<void(Result<InvocationResult>)>;

bool is_latest(std::string_view qualifier) {
    return qualifier.empty() || qualifier == "$LATEST";
}

bool is_number(std::string_view qualifier) {
    return !qualifier.empty() && qualifier.find_first_not_of("0123456789") == std::string_view::npos;
}

// By the shares of an alias: mostly its main version.
const std::string& choose(const Alias& alias) {
    if (alias.additional.empty()) return alias.version;
    thread_local std::minstd_rand generator{std::random_device{}()};
    double at = std::uniform_real_distribution<double>(0, 1)(generator);
    for (const auto& [version, share] : alias.additional) {
        if (at < share) return version;
        at -= share;
    }
    return alias.version;
}

class FunctionsImpl final : public Functions {
  public:
    FunctionsImpl(FunctionsOptions options, FunctionsParts parts)
        : options_(std::move(options)),
          parts_(parts),
          functions_(parts.registry, parts.clock, options_.code_bytes_max,
                     [this](const Record& before, const Record& after) { changed(before, after); }) {}

    ~FunctionsImpl() override {
        stop();
        executor_->stop();  // its last tasks see that there is no runtime any more
        events_.reset();
    }

    void stop() override {
        if (events_ != nullptr) events_->stop();
        std::unique_ptr<Runtime> ending;
        {
            const std::unique_lock held(runtime_mutex_);
            ending = std::move(runtime_);
        }
    }  // and here its calls are answered, without our lock: a callback may call again

    Status start() {
        executor_ = io::make_executor({.name = "function", .threads_max = 16, .queue_max = 10'000});
        TRY_ASSIGN(packages_, PackageStore::open(options_.directory + "/packages"));
        TRY_ASSIGN(layers_, LayerStore::open(parts_.registry));
        RuntimeOptions runtime;
        runtime.directory = options_.directory + "/run";
        runtime.environments_max = options_.environments_max;
        runtime.idle_ms_max = options_.idle_ms_max;
        runtime.sandbox_required = options_.sandbox_required;
        runtime.python = options_.python;
        runtime.node = options_.node;
        runtime.hidden = options_.hidden;
        TRY_ASSIGN(runtime_, Runtime::open(std::move(runtime), parts_.clock, parts_.logs));
        changed_ms_ = parts_.clock.monotonic_ns() / 1'000'000;
        TRY(functions_.load());
        for (const Record& record : functions_.all()) {
            runtime_->set_reserved(record->latest.scope, record->latest.name, record->reserved_concurrency);
        }
        EventQueueOptions events;
        events.retry_ms = options_.retry_ms;
        events.events_max = options_.events_max;
        events.event_bytes_max = options_.event_bytes_max;
        events.running_max = options_.environments_max;
        events.running_a_function_max = std::max(1U, options_.environments_max / 2);
        TRY_ASSIGN(events_,
                   EventQueue::open(events, {parts_.store, parts_.clock, *executor_, parts_.destinations,
                                             [this](Invocation invocation, Done done) {
                                                 run(std::move(invocation), event_wait_ms_max, std::move(done));
                                             },
                                             [this](const Scope& scope, std::string_view name) {
                                                 const Result<Record> record = functions_.record(scope, name);
                                                 if (!record.ok()) return UINT32_MAX;
                                                 return (*record)->reserved_concurrency.value_or(UINT32_MAX);
                                             },
                                             [this](const FunctionName& name) { return event_config(name); }}));
        executor_->submit([this] { collect_packages({}); });
        return {};
    }

    void set_surroundings(Surroundings surroundings) override {
        with_runtime([&](Runtime& runtime) { runtime.set_surroundings(std::move(surroundings)); });
        for (const Record& record : functions_.all()) apply_provisioned(nullptr, record);
        events_->start();
    }

    // --- running ---

    void invoke(Invocation invocation, Done done) override {
        run(std::move(invocation), RuntimeCall().wait_ms_max, std::move(done));
    }

    Result<std::string> invoke_later(Invocation invocation) override {
        TRY(check(invocation.function));
        return events_->add(std::move(invocation));
    }

    Status check(const FunctionName& function) override {
        TRY_ASSIGN(const Record record, functions_.record(function.scope, function.name));
        TRY_ASSIGN(const std::string version, version_of(*record, function.qualifier, false));
        if (is_latest(version)) return {};
        return status_of(functions_.version(*record, version));
    }

    Result<FunctionDefinition> find(const FunctionName& function) override {
        TRY_ASSIGN(const Record record, functions_.record(function.scope, function.name));
        TRY_ASSIGN(const std::string version, version_of(*record, function.qualifier, false));
        if (is_latest(version)) return record->latest;
        return functions_.version(*record, version);
    }

    // --- what exists ---

    Result<Record> record(const Scope& scope, std::string_view name) override { return functions_.record(scope, name); }
    std::vector<Record> list(const Scope& scope, std::string_view after, size_t limit) override {
        return functions_.list(scope, after, limit);
    }
    Result<Record> create(FunctionRecord record) override { return functions_.create(std::move(record)); }
    Result<Record> update(const Scope& scope, std::string_view name, const Edit& edit) override {
        return functions_.update(scope, name, edit);
    }
    Status remove(const Scope& scope, std::string_view name) override { return functions_.remove(scope, name); }
    Result<FunctionDefinition> publish(const Scope& scope, std::string_view name,
                                       std::optional<std::string> description,
                                       const std::function<Status(const FunctionRecord&)>& check) override {
        return functions_.publish(scope, name, std::move(description), check);
    }
    Result<FunctionDefinition> version(const FunctionRecord& record, std::string_view number) override {
        return functions_.version(record, number);
    }
    Result<std::vector<FunctionDefinition>> versions(const FunctionRecord& record, uint64_t after,
                                                     size_t limit) override {
        return functions_.versions(record, after, limit);
    }
    Status remove_version(const Scope& scope, std::string_view name, std::string_view number) override {
        TRY(functions_.remove_version(scope, name, number));
        with_runtime([&](Runtime& runtime) { runtime.retire(scope, std::string(name), std::string(number), ""); });
        forget_specs();
        return {};
    }
    Result<FunctionName> find_url(std::string_view url_id) override { return functions_.find_url(url_id); }
    Usage usage(const Scope& scope) override {
        Usage usage = functions_.usage(scope);
        usage.code_bytes += layers_->code_bytes(scope);
        return usage;
    }
    bool accepts_destination(std::string_view arn) override {
        const bool function = arn.starts_with("arn:") && arn.find(":lambda:") != std::string_view::npos;
        return function || (parts_.destinations != nullptr && parts_.destinations->accepts(arn));
    }
    LayerStore& layers() override { return *layers_; }
    PackageStore& packages() override { return *packages_; }
    ProvisionedCounts provisioned(const Scope& scope, const std::string& name, const std::string& version) override {
        ProvisionedCounts counts;
        with_runtime([&](Runtime& runtime) { counts = runtime.provisioned(scope, name, version); });
        return counts;
    }
    const FunctionsOptions& options() const override { return options_; }

  private:
    template <class T>
    static Status status_of(Result<T> result) {
        if (result.ok()) return {};
        return std::move(result).error();
    }

    // "$LATEST" or a number. not_found for an alias that is not there.
    static Result<std::string> version_of(const FunctionRecord& record, const std::string& qualifier, bool weighted) {
        if (is_latest(qualifier)) return std::string("$LATEST");
        if (is_number(qualifier)) return qualifier;
        const auto alias = record.aliases.find(qualifier);
        if (alias == record.aliases.end()) {
            return Error{ErrorCode::not_found,
                         "the function " + record.latest.name + " has no version or alias " + qualifier};
        }
        return weighted ? choose(alias->second) : alias->second.version;
    }

    void run(Invocation invocation, uint64_t wait_ms_max, Done done) {
        const FunctionName& name = invocation.function;
        const Result<Record> record = functions_.record(name.scope, name.name);
        if (!record.ok()) return done(record.error());
        const Result<std::string> version = version_of(**record, name.qualifier, true);
        if (!version.ok()) return done(version.error());
        RuntimeCall call{.payload = std::move(invocation.payload),
                         .client_context = std::move(invocation.client_context),
                         .trace_header = std::move(invocation.trace_header),
                         .request_id = std::move(invocation.request_id),
                         .invoked_arn = function_arn(name.scope, name.name, name.qualifier),
                         .want_log_tail = invocation.want_log_tail,
                         .wait_ms_max = wait_ms_max,
                         .sink = std::move(invocation.sink)};
        if (Spec spec = known_spec(**record, *version)) {
            return hand_over(std::move(spec), std::move(call), std::move(done));
        }
        // std::function wants what it holds to be copyable: shared.
        auto task = std::make_shared<std::pair<RuntimeCall, Done>>(std::move(call), std::move(done));
        if (!executor_->submit([this, task, record = *record, version = *version] {
                Result<Spec> spec = prepare(*record, version);
                if (!spec.ok()) return task->second(spec.error());
                hand_over(std::move(spec).value(), std::move(task->first), std::move(task->second));
            })) {
            task->second(Error{ErrorCode::resource_exhausted, "too many calls wait already"});
        }
    }

    // Does nothing once we have stopped. Whoever is called must not wait for a thread of the runtime.
    template <class Use>
    bool with_runtime(const Use& use) {
        const std::shared_lock held(runtime_mutex_);
        if (runtime_ == nullptr) return false;
        use(*runtime_);
        return true;
    }

    void hand_over(Spec spec, RuntimeCall call, Done done) {
        const bool running =
            with_runtime([&](Runtime& runtime) { runtime.invoke(std::move(spec), std::move(call), std::move(done)); });
        if (!running) done(Error{ErrorCode::unavailable, "the server is stopping"});
    }

    // --- versions, ready to run ---

    static std::string spec_key(const FunctionRecord& record, std::string_view version) {
        std::string key = std::to_string(record.incarnation);
        key += ':';
        key += version;
        return key;
    }

    // Null where it has to be prepared (first).
    Spec known_spec(const FunctionRecord& record, std::string_view version) const {
        const std::shared_lock held(specs_mutex_);
        const auto at = specs_.find(spec_key(record, version));
        if (at == specs_.end()) return nullptr;
        if (is_latest(version) && at->second->definition.revision_id != record.latest.revision_id) return nullptr;
        return at->second;
    }

    // Unpacked, layers merged. Blocks.
    Result<Spec> prepare(const FunctionRecord& record, std::string_view version) {
        if (Spec known = known_spec(record, version)) return known;
        auto spec = std::make_shared<EnvironmentSpec>();
        if (is_latest(version)) {
            spec->definition = record.latest;
        } else {
            TRY_ASSIGN(spec->definition, functions_.version(record, version));
        }
        TRY_ASSIGN(spec->code_directory, packages_->directory(spec->definition.package_sha256));
        if (!spec->definition.layers.empty()) {
            std::vector<std::string> layers;
            for (const UsedLayer& layer : spec->definition.layers) layers.push_back(layer.package_sha256);
            TRY_ASSIGN(spec->opt_directory, packages_->merge(layers));
        }
        const std::unique_lock held(specs_mutex_);
        if (specs_.size() >= specs_max) specs_.clear();
        return specs_[spec_key(record, version)] = std::move(spec);
    }

    void forget_specs() {
        const std::unique_lock held(specs_mutex_);
        specs_.clear();
    }

    // --- when something changed ---

    void changed(const Record& before, const Record& after) {
        if (after == nullptr) forget_specs();
        with_runtime([&](Runtime& runtime) { tell(runtime, before, after); });
        apply_provisioned(before, after);
        note_change(before, after);
    }

    // Packages that no record names any more go when a change comes long after the last one: whatever that one dropped
    // runs nowhere by then. What this change drops may still be running, and stays until the next.
    void note_change(const Record& before, const Record& after) {
        const int64_t now_ms = parts_.clock.monotonic_ns() / 1'000'000;
        const int64_t last_ms = changed_ms_.exchange(now_ms);
        if (before == nullptr || after == nullptr || now_ms - last_ms < collect_ms_min) return;
        std::set<std::string> running{before->latest.package_sha256};
        for (const UsedLayer& layer : before->latest.layers) running.insert(layer.package_sha256);
        executor_->submit([this, running = std::move(running)]() mutable { collect_packages(std::move(running)); });
    }

    static void tell(Runtime& runtime, const Record& before, const Record& after) {
        const FunctionDefinition& latest = (after != nullptr ? after : before)->latest;
        if (after == nullptr) {
            runtime.retire(latest.scope, latest.name, "$LATEST", "");
            for (uint64_t version = 1; version < before->version_next; ++version) {
                runtime.retire(latest.scope, latest.name, std::to_string(version), "");
            }
            runtime.set_reserved(latest.scope, latest.name, std::nullopt);
            return;
        }
        if (before != nullptr && before->latest.revision_id != latest.revision_id) {
            runtime.retire(latest.scope, latest.name, "$LATEST", latest.revision_id);
        }
        if (before == nullptr || before->reserved_concurrency != after->reserved_concurrency) {
            runtime.set_reserved(latest.scope, latest.name, after->reserved_concurrency);
        }
    }

    // Environments to keep ready, by version; an alias's go to the version that it points to.
    static std::map<std::string, uint32_t> provisioned_of(const Record& record) {
        std::map<std::string, uint32_t> counts;
        if (record == nullptr) return counts;
        for (const auto& [qualifier, provisioned] : record->provisioned) {
            const Result<std::string> version = version_of(*record, qualifier, false);
            if (version.ok()) counts[*version] += provisioned.count;
        }
        return counts;
    }

    void apply_provisioned(const Record& before, const Record& after) {
        const std::map<std::string, uint32_t> had = provisioned_of(before);
        const std::map<std::string, uint32_t> wanted = provisioned_of(after);
        for (const auto& [version, count] : had) {
            if (!wanted.contains(version)) provision(before, version, 0);
        }
        for (const auto& [version, count] : wanted) {
            const auto at = had.find(version);
            if (at == had.end() || at->second != count) provision(after, version, count);
        }
    }

    void provision(const Record& record, const std::string& version, uint32_t count) {
        executor_->submit([this, record, version, count] {
            const Result<Spec> spec = prepare(*record, version);
            if (spec.ok()) with_runtime([&](Runtime& runtime) { runtime.set_provisioned(*spec, count); });
        });
    }

    Result<EventInvokeConfig> event_config(const FunctionName& name) {
        TRY_ASSIGN(const Record record, functions_.record(name.scope, name.name));
        const auto at = record->event_invoke.find(is_latest(name.qualifier) ? "" : name.qualifier);
        return at == record->event_invoke.end() ? EventInvokeConfig() : at->second;
    }

    // Forgets what no record names, but `keep`.
    void collect_packages(std::set<std::string> keep) {
        Result<std::set<std::string>> used = functions_.packages_in_use();
        if (!used.ok()) return;
        used->merge(keep);
        const Status read =
            layers_->for_each([&](const LayerVersion& version) { used->insert(version.package_sha256); });
        if (!read.ok()) return;
        const Result<size_t> collected = packages_->collect(*used, package_keep_ms);
        if (!collected.ok()) {
            std::fprintf(stderr, "millrace: unused packages stay: %s\n", collected.error().message.c_str());
        }
    }

    const FunctionsOptions options_;
    const FunctionsParts parts_;
    std::unique_ptr<io::Executor> executor_;
    std::unique_ptr<PackageStore> packages_;
    std::unique_ptr<LayerStore> layers_;
    std::shared_mutex runtime_mutex_;  // guards the pointer
    std::unique_ptr<Runtime> runtime_;
    FunctionStore functions_;
    std::unique_ptr<EventQueue> events_;
    std::atomic<int64_t> changed_ms_ = 0;  // of the monotonic clock
    mutable std::shared_mutex specs_mutex_;
    std::unordered_map<std::string, Spec> specs_;
};

}  // namespace

Result<std::unique_ptr<Functions>> Functions::open(FunctionsOptions options, FunctionsParts parts) {
    auto functions = std::make_unique<FunctionsImpl>(std::move(options), parts);
    TRY(functions->start());
    return std::unique_ptr<Functions>(std::move(functions));
}

Result<InvocationResult> Functions::invoke_and_wait(Invocation invocation) {
    auto answer = std::make_shared<std::promise<Result<InvocationResult>>>();
    std::future<Result<InvocationResult>> result = answer->get_future();
    invoke(std::move(invocation), [answer](Result<InvocationResult> came) { answer->set_value(std::move(came)); });
    return result.get();
}

}  // namespace millrace::function
