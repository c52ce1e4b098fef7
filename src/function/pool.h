// The environments of one function version at one revision, and the calls that wait for one of them.
//
// A call takes the environment that was used last (the others may go idle and end); where none is free it waits. A
// waiting call starts another environment: at once where the pool is empty, after scale_out_ms where there are some,
// as most handlers are done sooner than a process is started. There are never more than the reserved concurrency:
// whoever reserves one relies on one (its memory, its connection).
//
// A Loop's thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/function/environment.h"

namespace millrace::function {

class Pool;

// What pools share: how many processes there may be.
class PoolHost {
  public:
    virtual ~PoolHost() = default;
    // A slot for a new environment; nullopt where all are taken (the host then ends somebody's idle one, if there is
    // one, and calls Pool::turn() when a slot is free) or too many are starting.
    virtual std::optional<uint32_t> take_slot() = 0;
    virtual void return_slot(uint32_t slot) = 0;
    virtual void started_or_failed() = 0;  // one less is starting
    // As many environments as a version may have: its function's reserved concurrency, UINT32_MAX where there is none.
    virtual uint32_t environments_max(const FunctionDefinition& definition) const = 0;
};

class Pool final : public EnvironmentOwner {
  public:
    Pool(const EnvironmentParts& parts, PoolHost& host, std::string key, std::shared_ptr<const EnvironmentSpec> spec)
        : parts_(parts), host_(host), key_(std::move(key)), spec_(std::move(spec)) {}
    ~Pool() override;

    const std::string& key() const { return key_; }
    const EnvironmentSpec& spec() const { return *spec_; }
    void submit(EnvironmentCall call);
    // Serves waiting calls, starts what is missing, fails who waited too long.
    void turn();
    // Memory of the busy ones; called every 100 ms or so.
    void look();
    // Ends those that were idle for longer.
    void end_idle(int64_t idle_ns_max);
    // Ends the one that is idle longest; false where none may go.
    bool end_longest_idle();
    int64_t longest_idle_since_ns() const;  // INT64_MAX where none may go
    void retire();                          // idle ones end now, busy ones after their call
    void set_provisioned(uint32_t count);
    ProvisionedCounts provisioned() const;
    bool has_waiters() const { return !waiters_.empty(); }
    bool has_busy() const;
    // Nothing runs, nothing waits, nothing is to be kept: it may be destroyed.
    bool empty() const { return environments_.empty() && waiters_.empty() && provisioned_ == 0; }

    void on_available(Environment& environment) override;
    void on_init_failed(Environment& environment, const CallFailure& failure) override;
    void on_gone(Environment& environment) override;

    static constexpr int64_t scale_out_ms = 20;

  private:
    void serve_waiters();
    Environment* free_environment();
    void start_for_waiters();
    void start_provisioned();
    bool start_one(bool provisioned);
    void fail_start(const Error& error);
    void expire_waiters();
    size_t starting() const;
    size_t alive() const;

    const EnvironmentParts& parts_;
    PoolHost& host_;
    const std::string key_;
    const std::shared_ptr<const EnvironmentSpec> spec_;
    std::vector<std::unique_ptr<Environment>> environments_;  // used last at the end
    std::deque<EnvironmentCall> waiters_;
    bool retired_ = false;
    uint32_t provisioned_ = 0;
    int64_t provisioned_retry_ns_ = 0;  // after a start that failed
    std::string provisioned_failure_;
};

}  // namespace millrace::function
