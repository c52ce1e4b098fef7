#include "src/function/runtime.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <future>
#include <map>
#include <thread>
#include <unordered_map>

#include <sys/stat.h>

#include "src/function/bootstrap/files.h"
#include "src/function/interpreters.h"
#include "src/function/loop.h"
#include "src/function/pool.h"
#include "src/function/private_directory.h"
#include "src/function/sandbox/sandbox.h"
#include "src/io/clock.h"
#include "src/io/file.h"

namespace millrace::function {
namespace {

constexpr int64_t tick_ms = 20;         // while something waits or runs
constexpr int64_t quiet_tick_ms = 500;  // while environments are idle
constexpr int64_t look_ms = 100;
constexpr size_t waiters_total_max = 10'000;

// What is counted for reserved concurrency: all versions of a function together.
struct FunctionLoad {
    uint32_t in_flight = 0;  // running and waiting
    std::optional<uint32_t> reserved;
};

std::string function_key(const Scope& scope, const std::string& name) {
    return scope.account + '/' + scope.region + '/' + name;
}

std::string version_key(const Scope& scope, const std::string& name, const std::string& version) {
    return function_key(scope, name) + '/' + version + '/';
}

class Engine final : public Runtime, public PoolHost {
  public:
    Engine(RuntimeOptions options, const io::Clock& clock, LogSink& logs)
        : options_(std::move(options)), clock_(clock), logs_(logs) {}

    ~Engine() override {
        if (!thread_.joinable()) return;
        loop_.post([this] {
            closing_ = true;
            pools_.clear();
        });
        loop_.stop();
        thread_.join();
    }

    Status open() {
        TRY(io::posix_file_system().make_directories(options_.directory));
        ::chmod(options_.directory.c_str(), 0711);
        remove_private_directory(options_.directory + "/private");  // of a server that was killed
        bootstraps_ = options_.directory + "/bootstrap";
        TRY(write_bootstraps(bootstraps_));
        SandboxOptions sandbox;
        sandbox.required = options_.sandbox_required;
        sandbox.bubblewrap = options_.bubblewrap;
        sandbox.slots = options_.environments_max;
        sandbox.hidden = options_.hidden;
        TRY_ASSIGN(sandbox_, Sandbox::probe(std::move(sandbox)));
        interpreters_ = std::make_unique<Interpreters>(options_.python, options_.node, bootstraps_, *sandbox_);
        parts_ = std::make_unique<EnvironmentParts>(
            EnvironmentParts{loop_, clock_, logs_, *sandbox_, *interpreters_, options_, surroundings_, bootstraps_});
        for (uint32_t slot = options_.environments_max; slot-- > 0;) slots_.push_back(slot);
        starting_max_ = std::max(4u, 2 * std::thread::hardware_concurrency());
        thread_ = std::thread([this] { loop_.run(); });
        return {};
    }

    void set_surroundings(Surroundings surroundings) override {
        loop_.post([this, given = std::move(surroundings)]() mutable { surroundings_ = std::move(given); });
    }

    void invoke(std::shared_ptr<const EnvironmentSpec> spec, RuntimeCall call, RuntimeDone done) override {
        auto waiting = std::make_shared<EnvironmentCall>(EnvironmentCall{std::move(call), std::move(done), 0});
        const bool posted = loop_.post([this, spec = std::move(spec), waiting] { begin(spec, std::move(*waiting)); });
        if (!posted) waiting->done({ErrorCode::unavailable, std::string("the server is stopping")});
    }

    void retire(const Scope& scope, const std::string& name, const std::string& version,
                const std::string& keep_revision) override {
        loop_.post([this, prefix = version_key(scope, name, version), keep_revision] {
            const std::string kept = keep_revision.empty() ? "" : prefix + keep_revision;
            for (auto& [key, pool] : pools_) {
                if (key.starts_with(prefix) && key != kept) pool->retire();
            }
        });
    }

    void set_reserved(const Scope& scope, const std::string& name, std::optional<uint32_t> concurrency) override {
        loop_.post([this, key = function_key(scope, name), concurrency] {
            loads_[key].reserved = concurrency;
            forget_load(key);
        });
    }

    void set_provisioned(std::shared_ptr<const EnvironmentSpec> spec, uint32_t count) override {
        loop_.post([this, spec = std::move(spec), count] {
            pool_of(spec).set_provisioned(count);
            keep_ticking();
        });
    }

    ProvisionedCounts provisioned(const Scope& scope, const std::string& name, const std::string& version) override {
        auto answer = std::make_shared<std::promise<ProvisionedCounts>>();
        std::future<ProvisionedCounts> counts = answer->get_future();
        const bool posted = loop_.post([this, answer, prefix = version_key(scope, name, version)] {
            ProvisionedCounts found;
            for (auto& [key, pool] : pools_) {
                if (key.starts_with(prefix) && pool->provisioned().requested > 0) found = pool->provisioned();
            }
            answer->set_value(found);
        });
        return posted ? counts.get() : ProvisionedCounts{};
    }

    std::string sandbox() const override { return sandbox_->description(); }

    // --- PoolHost
    std::optional<uint32_t> take_slot() override {
        if (starting_ >= starting_max_) return std::nullopt;
        if (slots_.empty()) {
            make_room();
            return std::nullopt;
        }
        const uint32_t slot = slots_.back();
        slots_.pop_back();
        ++starting_;
        return slot;
    }

    void return_slot(uint32_t slot) override {
        slots_.push_back(slot);
        if (room_wanted_ > 0) --room_wanted_;
        loop_.soon([this] { turn_all(); });
    }

    void started_or_failed() override {
        if (starting_ > 0) --starting_;
    }

    uint32_t environments_max(const FunctionDefinition& definition) const override {
        const auto load = loads_.find(function_key(definition.scope, definition.name));
        return load == loads_.end() ? UINT32_MAX : load->second.reserved.value_or(UINT32_MAX);
    }

  private:
    void begin(const std::shared_ptr<const EnvironmentSpec>& spec, EnvironmentCall call) {
        if (closing_) return call.done({ErrorCode::unavailable, std::string("the server is stopping")});
        const FunctionDefinition& definition = spec->definition;
        const std::string key = function_key(definition.scope, definition.name);
        FunctionLoad& load = loads_[key];
        if (load.reserved && load.in_flight >= *load.reserved) {
            return call.done({ErrorCode::resource_exhausted,
                              std::string("ReservedFunctionConcurrentInvocationLimitExceeded: Rate Exceeded.")});
        }
        if (in_flight_ >= waiters_total_max) {
            return call.done({ErrorCode::resource_exhausted,
                              std::string("ConcurrentInvocationLimitExceeded: Rate Exceeded. Too many calls wait")});
        }
        ++load.in_flight;
        ++in_flight_;
        call.done = [this, key, done = std::move(call.done)](Result<InvocationResult> result) {
            --in_flight_;
            auto found = loads_.find(key);
            if (found != loads_.end()) {
                --found->second.in_flight;
                forget_load(key);
            }
            done(std::move(result));
        };
        pool_of(spec).submit(std::move(call));
        keep_ticking();
    }

    void forget_load(const std::string& key) {
        auto found = loads_.find(key);
        if (found != loads_.end() && found->second.in_flight == 0 && !found->second.reserved) loads_.erase(found);
    }

    Pool& pool_of(const std::shared_ptr<const EnvironmentSpec>& spec) {
        const std::string key = pool_key_of(spec->definition);
        auto found = pools_.find(key);
        if (found == pools_.end()) {
            found = pools_.emplace(key, std::make_unique<Pool>(*parts_, *this, key, spec)).first;
        }
        return *found->second;
    }

    // All slots are taken: the environment that waited longest for a call makes room, once for each that wants it.
    void make_room() {
        if (room_wanted_ > 0) return;
        Pool* longest = nullptr;
        for (auto& [key, pool] : pools_) {
            if (longest == nullptr || pool->longest_idle_since_ns() < longest->longest_idle_since_ns()) {
                longest = pool.get();
            }
        }
        if (longest != nullptr && longest->end_longest_idle()) ++room_wanted_;
    }

    void turn_all() {
        for (auto& [key, pool] : pools_) pool->turn();
    }

    void keep_ticking() {
        if (tick_timer_.second != 0 && !quiet_) return;
        tick_in(tick_ms);
    }

    void tick_in(int64_t ms) {
        quiet_ = ms == quiet_tick_ms;
        loop_.cancel(tick_timer_);
        tick_timer_ = loop_.after_ms(ms, [this] { tick(); });
    }

    void tick() {
        tick_timer_ = {0, 0};
        const int64_t now = clock_.monotonic_ns();
        const bool look = now - looked_ns_ >= look_ms * 1'000'000;
        if (look) looked_ns_ = now;
        bool active = false;
        for (auto pool = pools_.begin(); pool != pools_.end();) {
            pool->second->turn();
            if (look) pool->second->look();
            if (look) pool->second->end_idle(static_cast<int64_t>(options_.idle_ms_max) * 1'000'000);
            active |= pool->second->has_waiters() || pool->second->has_busy();
            pool = pool->second->empty() ? forget(pool) : std::next(pool);
        }
        if (!pools_.empty() && !closing_) tick_in(active ? tick_ms : quiet_tick_ms);
    }

    // Its last environments may still be on their way out in this round.
    using Pools = std::map<std::string, std::unique_ptr<Pool>>;
    Pools::iterator forget(Pools::iterator pool) {
        loop_.soon([gone = std::shared_ptr<Pool>(std::move(pool->second))] {});
        return pools_.erase(pool);
    }

    const RuntimeOptions options_;
    const io::Clock& clock_;
    LogSink& logs_;
    Surroundings surroundings_;
    std::string bootstraps_;
    Loop loop_;
    std::unique_ptr<Sandbox> sandbox_;
    std::unique_ptr<Interpreters> interpreters_;
    std::unique_ptr<EnvironmentParts> parts_;
    std::vector<uint32_t> slots_;  // free ones
    uint32_t starting_ = 0;
    uint32_t starting_max_ = 4;
    uint32_t room_wanted_ = 0;
    size_t in_flight_ = 0;
    std::unordered_map<std::string, FunctionLoad> loads_;
    bool closing_ = false;
    Loop::TimerId tick_timer_{0, 0};
    bool quiet_ = false;  // the next tick is one of the slow ones
    int64_t looked_ns_ = 0;
    Pools pools_;
    std::thread thread_;
};

}  // namespace

std::string pool_key_of(const FunctionDefinition& definition) {
    return version_key(definition.scope, definition.name, definition.version) + definition.revision_id;
}

Result<std::unique_ptr<Runtime>> Runtime::open(RuntimeOptions options, const io::Clock& clock, LogSink& logs) {
    auto engine = std::make_unique<Engine>(std::move(options), clock, logs);
    TRY(engine->open());
    return std::unique_ptr<Runtime>(std::move(engine));
}

}  // namespace millrace::function
