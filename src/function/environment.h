// One environment: a sandboxed process and what this server keeps of it, from its start until it is reaped.
//
//     starting --first next--> idle --serve()--> busy --answer--> idle ...
//        |                      |                 |
//        +----- exit, timeout, too much memory, end() ----> ending --reaped--> gone
//
// A Loop's thread only. The owner destroys it after on_gone(), not from within another callback.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "src/function/call_failure.h"
#include "src/function/environment_log.h"
#include "src/function/loop.h"
#include "src/function/platform_log.h"
#include "src/function/runtime.h"
#include "src/function/runtime_api.h"

namespace millrace::function {

enum class Language : uint8_t;
class Environment;
class Interpreters;
class Sandbox;
class SandboxedProcess;

class EnvironmentOwner {
  public:
    virtual ~EnvironmentOwner() = default;
    virtual void on_available(Environment& environment) = 0;  // serve() may be called
    // It ended before its first `next`; on_gone() follows. Once.
    virtual void on_init_failed(Environment& environment, const CallFailure& failure) = 0;
    virtual void on_gone(Environment& environment) = 0;
};

// What all environments share.
struct EnvironmentParts {
    Loop& loop;
    const io::Clock& clock;
    LogSink& logs;
    Sandbox& sandbox;
    Interpreters& interpreters;
    const RuntimeOptions& options;
    const Surroundings& surroundings;
    std::string bootstraps;  // their directory
};

struct EnvironmentCall {
    RuntimeCall call;
    RuntimeDone done;
    int64_t queued_ns = 0;
};

class Environment final : public RuntimeApiOwner {
  public:
    // unsupported (no such interpreter), io. `slot`: of Sandbox.
    static Result<std::unique_ptr<Environment>> start(const EnvironmentParts& parts, EnvironmentOwner& owner,
                                                      std::shared_ptr<const EnvironmentSpec> spec, uint32_t slot,
                                                      bool provisioned);
    ~Environment() override;

    bool starting() const { return state_ == State::starting; }
    bool available() const { return state_ == State::idle && api_->waiting(); }
    bool busy() const { return call_.has_value(); }
    bool ending() const { return state_ == State::ending || state_ == State::gone; }
    bool provisioned() const { return provisioned_; }
    uint32_t slot() const { return slot_; }
    // True once: it is no longer starting.
    bool take_started() { return !std::exchange(started_told_, true); }
    int64_t idle_since_ns() const { return idle_since_ns_; }

    void serve(EnvironmentCall call);  // only where available()
    // Fails a call that this environment was started for, with its log lines.
    void fail(EnvironmentCall call, const CallFailure& failure);
    void end();  // kills it; a call in flight fails. on_gone() follows
    // What it uses, now and then: memory over the limit ends it.
    void look();

    // RuntimeApiOwner
    void on_next() override;
    void on_response(std::string payload) override;
    void on_response_too_large() override;
    void on_error(std::string payload, std::string_view type) override;
    void on_stream_begin(std::string_view content_type) override;
    void on_stream_data(std::string_view bytes) override;
    void on_stream_end(std::string_view error_type, std::string_view error_body) override;
    void on_stream_broken() override;
    void on_init_error(std::string payload, std::string_view type) override;

  private:
    enum class State : uint8_t { starting, idle, busy, ending, gone };
    class Gate;
    Environment(const EnvironmentParts& parts, EnvironmentOwner& owner, std::shared_ptr<const EnvironmentSpec> spec,
                uint32_t slot, bool provisioned);
    Status launch();
    Result<std::vector<std::string>> arguments_of(Language language, std::vector<std::string>* visible);
    void read_output(bool all);
    void on_exit();
    void on_timeout();
    uint64_t init_ms_max() const;
    void on_init_timeout();
    void fail_init(CallFailure failure);
    void kill_soon(int64_t grace_ms);
    void log_start(const std::string& request_id);
    void log_report(const std::string& request_id, int64_t duration_ns, uint64_t produced_bytes,
                    const CallFailure* failure);
    void begin_answer(std::string_view content_type);
    void finish_broken();
    void finish(const CallFailure* failure, std::string payload);
    ApiEvent event_of(const EnvironmentCall& call, int64_t deadline_ms) const;

    const EnvironmentParts& parts_;
    EnvironmentOwner& owner_;
    const std::shared_ptr<const EnvironmentSpec> spec_;
    const uint32_t slot_;
    const bool provisioned_;
    State state_ = State::starting;
    EnvironmentLog log_;
    PlatformLog said_;  // by us, into log_
    std::unique_ptr<RuntimeApi> api_;
    std::unique_ptr<SandboxedProcess> process_;
    int output_ = -1;  // the pipe's end here
    bool output_paused_ = false;
    std::optional<EnvironmentCall> call_;
    std::shared_ptr<Gate> gate_;   // of an answer on its way to a sink
    std::string gathered_;         // of a streamed answer that has no sink
    uint64_t produced_bytes_ = 0;  // of the answer so far
    int64_t started_ns_ = 0;
    int64_t call_ns_ = 0;
    int64_t idle_since_ns_ = 0;
    int64_t init_ns_ = 0;
    bool started_told_ = false;
    bool first_ = true;  // no call has been served
    bool init_failed_ = false;
    bool killed_for_memory_ = false;
    int64_t looked_ns_ = 0;
    uint64_t memory_peak_ = 0;
    std::string private_directory_;
    Loop::TimerId deadline_{0, 0};
    Loop::TimerId kill_timer_{0, 0};
    Loop::TimerId output_timer_{0, 0};
    Loop::TimerId broken_timer_{0, 0};
};

}  // namespace millrace::function
