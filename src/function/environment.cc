#include "src/function/environment.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <mutex>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/base64.h"
#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/function/environment_variables.h"
#include "src/function/interpreters.h"
#include "src/function/private_directory.h"
#include "src/function/sandbox/sandbox.h"
#include "src/io/clock.h"

namespace millrace::function {
namespace {

constexpr int64_t terminate_grace_ms = 300;    // from SIGTERM to SIGKILL, as AWS gives a runtime without extensions
constexpr int64_t init_error_grace_ms = 1000;  // from its own report to its own end
constexpr int64_t paused_ms = 50;
constexpr int64_t broken_grace_ms = 200;  // from the end of a streamed answer's connection to the process's own
constexpr int64_t look_every_ns = 100'000'000;
constexpr uint64_t processes_max = 1100;  // AWS's 1,024 and the sandbox's own; where neither cgroup nor rlimit holds it
constexpr size_t pipe_read_bytes = 64 * 1024;
constexpr int drains_max = 64;  // of a pipe's 64 KB: what it wrote before it answered

std::string arn_of(const FunctionDefinition& definition) {
    std::string arn =
        "arn:aws:lambda:" + definition.scope.region + ':' + definition.scope.account + ":function:" + definition.name;
    if (definition.version != "$LATEST") arn += ':' + definition.version;
    return arn;
}

std::string make_trace_header(TimestampMs now) {
    char seconds[16];
    std::snprintf(seconds, sizeof seconds, "%08x", static_cast<unsigned>(now.value() / 1000));
    return std::string("Root=1-") + seconds + '-' + hex_encode(random_bytes(12)) +
           ";Parent=" + hex_encode(random_bytes(8)) + ";Sampled=0";
}

bool is_runnable(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

// The program that is started in the interpreter's place, with its command line as arguments; "" where there is none.
std::string wrapper_of(const FunctionDefinition& definition, const SandboxView& view) {
    const auto found = definition.environment.find("AWS_LAMBDA_EXEC_WRAPPER");
    if (found == definition.environment.end()) return "";
    const std::string& path = found->second;
    return path.starts_with("/opt/") ? view.opt + path.substr(4) : path;  // without bubblewrap it lies elsewhere
}

}  // namespace

// A sink's way back to the loop, while there is one.
class Environment::Gate : public std::enable_shared_from_this<Environment::Gate> {
  public:
    Gate(Loop& loop, RuntimeApi& api) : loop_(&loop), api_(&api) {}
    void open() {  // any thread
        const std::lock_guard held(mutex_);
        if (loop_ == nullptr) return;
        loop_->post([self = shared_from_this()] {
            if (self->api_ != nullptr) self->api_->resume_stream();
        });
    }
    void end() {
        const std::lock_guard held(mutex_);
        loop_ = nullptr;
        api_ = nullptr;
    }

  private:
    std::mutex mutex_;  // guards loop_; api_ is the loop's thread's
    Loop* loop_;
    RuntimeApi* api_;
};

Environment::Environment(const EnvironmentParts& parts, EnvironmentOwner& owner,
                         std::shared_ptr<const EnvironmentSpec> spec, uint32_t slot, bool provisioned)
    : parts_(parts),
      owner_(owner),
      spec_(std::move(spec)),
      slot_(slot),
      provisioned_(provisioned),
      log_(parts.logs, parts.clock, spec_->definition),
      said_(log_, parts.clock, spec_->definition, provisioned),
      started_ns_(parts.clock.monotonic_ns()),
      idle_since_ns_(started_ns_) {}

Environment::~Environment() {
    parts_.loop.cancel(deadline_);
    parts_.loop.cancel(kill_timer_);
    parts_.loop.cancel(output_timer_);
    parts_.loop.cancel(broken_timer_);
    if (gate_) gate_->end();
    if (process_) parts_.loop.unwatch(process_->pidfd());
    if (output_ >= 0) {
        parts_.loop.unwatch(output_);
        ::close(output_);
    }
    process_.reset();
    if (!private_directory_.empty()) remove_private_directory(private_directory_);
    if (call_) call_->done({ErrorCode::unavailable, std::string("the server is stopping")});
}

Result<std::unique_ptr<Environment>> Environment::start(const EnvironmentParts& parts, EnvironmentOwner& owner,
                                                        std::shared_ptr<const EnvironmentSpec> spec, uint32_t slot,
                                                        bool provisioned) {
    auto made = std::unique_ptr<Environment>(new Environment(parts, owner, std::move(spec), slot, provisioned));
    TRY(made->launch());
    return made;
}

Result<std::vector<std::string>> Environment::arguments_of(Language language, std::vector<std::string>* visible) {
    const std::string& runtime = spec_->definition.runtime;
    if (language == Language::provided) {
        // AWS looks in the package first, then in the layers.
        const std::string& opt = spec_->opt_directory;
        const bool in_package = is_runnable(spec_->code_directory + "/bootstrap");
        const bool in_layer = !in_package && !opt.empty() && is_runnable(opt + "/bootstrap");
        SandboxPlan plan;
        plan.code_directory = spec_->code_directory;
        plan.opt_directory = opt;
        const SandboxView view = parts_.sandbox.view_of(plan);
        if (!in_package && !in_layer) {
            return {ErrorCode::failed_precondition,
                    "Couldn't find valid bootstrap(s): [" + view.task + "/bootstrap /opt/bootstrap]"};
        }
        return std::vector<std::string>{(in_package ? view.task : view.opt) + "/bootstrap"};
    }
    TRY_ASSIGN(const Interpreter* interpreter, parts_.interpreters.find(runtime));
    if (!interpreter->note.empty()) said_.note(interpreter->note);
    *visible = interpreter->visible;
    SandboxPlan plan;
    plan.runtime_directory = parts_.bootstraps;
    plan.opt_directory = spec_->opt_directory;
    const SandboxView view = parts_.sandbox.view_of(plan);
    const std::string& folder = view.runtime;
    const std::string wrapper = wrapper_of(spec_->definition, view);
    std::vector<std::string> arguments;
    if (!wrapper.empty()) arguments.push_back(wrapper);
    arguments.push_back(interpreter->program);
    if (language == Language::node) {
        // V8 sizes its heap by the machine; the function's memory is less.
        const uint32_t heap_mb = std::max(64u, spec_->definition.memory_mb * 3 / 4);
        arguments.push_back("--max-old-space-size=" + std::to_string(heap_mb));
        arguments.push_back(folder + "/millrace_bootstrap.cjs");
    } else if (!wrapper.empty()) {  // as on AWS, where wrappers add options before the last argument
        arguments.push_back(folder + "/millrace_bootstrap.py");
    } else {
        // As a module, so that it need not be compiled each time.
        arguments.push_back("-c");
        arguments.push_back("import sys;sys.path[0]='" + folder + "';import millrace_bootstrap as b;b.main()");
    }
    return arguments;
}

Status Environment::launch() {
    const FunctionDefinition& definition = spec_->definition;
    TRY_ASSIGN(const Language language, language_of(definition.runtime));
    SandboxPlan plan;
    plan.slot = slot_;
    plan.code_directory = spec_->code_directory;
    plan.opt_directory = spec_->opt_directory;
    plan.runtime_directory = parts_.bootstraps;
    plan.ca_file = parts_.surroundings.ca_file;
    plan.memory_mb = definition.memory_mb;
    plan.ephemeral_mb = definition.ephemeral_mb;
    if (!parts_.sandbox.wraps()) {
        TRY_ASSIGN(private_directory_,
                   make_private_directory(parts_.options.directory, slot_, parts_.sandbox.uid_of(slot_)));
        plan.private_directory = private_directory_;
    }
    said_.init_start();
    TRY_ASSIGN(plan.arguments, arguments_of(language, &plan.visible));
    TRY_ASSIGN(api_,
               RuntimeApi::open(parts_.loop, *this, parts_.options.response_bytes_max, parts_.sandbox.uid_of(slot_)));
    const SandboxView view = parts_.sandbox.view_of(plan);
    plan.environment = environment_variables(
        {definition, language, view, parts_.surroundings, api_->address(), log_.group(), log_.stream(), provisioned_});
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) return io_error("a pipe for a function's output", errno);
    ::fcntl(pipe[0], F_SETFL, O_NONBLOCK);
    output_ = pipe[0];
    parts_.loop.watch(output_, EPOLLIN, [this](uint32_t) { read_output(false); });
    plan.output = pipe[1];
    Result<std::unique_ptr<SandboxedProcess>> process = parts_.sandbox.start(plan);
    ::close(pipe[1]);
    if (!process.ok()) return process.error();
    process_ = std::move(process).value();
    parts_.loop.watch(process_->pidfd(), EPOLLIN, [this](uint32_t) { on_exit(); });
    deadline_ = parts_.loop.after_ms(static_cast<int64_t>(init_ms_max()), [this] { on_init_timeout(); });
    return {};
}

// --- what it says

void Environment::on_next() {
    if (state_ == State::starting) {
        parts_.loop.cancel(deadline_);
        init_ns_ = parts_.clock.monotonic_ns() - started_ns_;
        said_.init_done(init_ns_, nullptr);
        state_ = State::idle;
    }
    if (state_ == State::busy && broken_timer_.second != 0) finish_broken();
    if (state_ != State::idle) return;
    idle_since_ns_ = parts_.clock.monotonic_ns();
    owner_.on_available(*this);
}

void Environment::on_response(std::string payload) {
    produced_bytes_ = payload.size();
    if (call_->call.sink != nullptr) {
        begin_answer("application/json");
        call_->call.sink->take(std::exchange(payload, {}));
    }
    finish(nullptr, std::move(payload));
}

void Environment::on_response_too_large() {
    const CallFailure failure = CallFailure::too_large(parts_.options.response_bytes_max);
    finish(&failure, "");
}

void Environment::on_error(std::string payload, std::string_view type) {
    const CallFailure failure = CallFailure::reported(type, std::move(payload));
    finish(&failure, "");
}

// --- an answer that comes as it is made

void Environment::begin_answer(std::string_view content_type) {
    gate_ = std::make_shared<Gate>(parts_.loop, *api_);
    call_->call.sink->begin({.content_type = content_type,
                             .executed_version = spec_->definition.version,
                             .resume = [gate = gate_] { gate->open(); }});
}

void Environment::on_stream_begin(std::string_view content_type) {
    if (call_->call.sink == nullptr) return;
    begin_answer(content_type.empty() ? "application/octet-stream" : content_type);
}

void Environment::on_stream_data(std::string_view bytes) {
    produced_bytes_ += bytes.size();
    AnswerSink* const sink = call_->call.sink.get();
    const uint64_t most = sink != nullptr ? parts_.options.streamed_bytes_max : parts_.options.response_bytes_max;
    if (produced_bytes_ > most) {
        const CallFailure failure = CallFailure::too_large(most);
        return finish(&failure, "");
    }
    if (sink == nullptr) {
        gathered_ += bytes;
    } else if (!sink->take(bytes)) {
        api_->pause_stream();
    }
}

void Environment::on_stream_end(std::string_view error_type, std::string_view error_body) {
    if (error_type.empty() && error_body.empty()) return finish(nullptr, std::move(gathered_));
    std::string payload;
    if (!base64_decode(error_body, &payload)) payload.clear();
    const CallFailure failure = CallFailure::reported(error_type, std::move(payload));
    finish(&failure, "");
}

void Environment::on_stream_broken() {
    api_->forget();
    // Mostly it has crashed, and how it ended says more.
    broken_timer_ = parts_.loop.after_ms(broken_grace_ms, [this] { finish_broken(); });
}

void Environment::finish_broken() {
    const CallFailure failure = CallFailure::truncated();
    if (call_) finish(&failure, "");
}

void Environment::on_init_error(std::string payload, std::string_view type) {
    if (state_ != State::starting) return;
    fail_init(CallFailure::reported(type, std::move(payload)));
    kill_soon(init_error_grace_ms);  // it may still want to write a line or two
}

void Environment::fail_init(CallFailure failure) {
    parts_.loop.cancel(deadline_);
    init_ns_ = parts_.clock.monotonic_ns() - started_ns_;
    state_ = State::ending;
    if (init_failed_) return;
    init_failed_ = true;
    read_output(true);
    said_.init_done(init_ns_, &failure);
    owner_.on_init_failed(*this, failure);
}

void Environment::read_output(bool all) {
    char buffer[pipe_read_bytes];
    for (int round = 0; output_ >= 0 && round < (all ? drains_max : 1); ++round) {
        const uint64_t allowed = all ? sizeof buffer : log_.allowance(parts_.clock.monotonic_ns());
        if (allowed == 0) {
            output_paused_ = true;
            parts_.loop.change(output_, 0);
            parts_.loop.cancel(output_timer_);
            output_timer_ = parts_.loop.after_ms(paused_ms, [this] {
                output_paused_ = false;
                if (output_ >= 0) parts_.loop.change(output_, EPOLLIN);
            });
            return;
        }
        const ssize_t got = ::read(output_, buffer, std::min<uint64_t>(allowed, sizeof buffer));
        if (got > 0) {
            log_.output({buffer, static_cast<size_t>(got)});
            if (static_cast<size_t>(got) < sizeof buffer) return;
            continue;
        }
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        parts_.loop.unwatch(output_);
        ::close(output_);
        output_ = -1;
    }
}

// --- a call

ApiEvent Environment::event_of(const EnvironmentCall& call, int64_t deadline_ms) const {
    return {.request_id = call.call.request_id,
            .payload = call.call.payload,
            .deadline_ms = deadline_ms,
            .invoked_arn = call.call.invoked_arn,
            .trace_header = call.call.trace_header,
            .client_context = call.call.client_context};
}

void Environment::log_start(const std::string& request_id) {
    read_output(true);
    log_.begin_tail();
    said_.call_start(request_id);
}

void Environment::serve(EnvironmentCall call) {
    state_ = State::busy;
    RuntimeCall& given = call.call;
    if (given.request_id.empty()) given.request_id = random_uuid();
    if (given.trace_header.empty()) given.trace_header = make_trace_header(parts_.clock.now());
    if (given.invoked_arn.empty()) given.invoked_arn = arn_of(spec_->definition);
    if (given.payload.empty()) given.payload = "{}";
    call_ = std::move(call);
    log_start(call_->call.request_id);
    const int64_t timeout_ms = spec_->definition.timeout_s * 1000ll;
    call_ns_ = parts_.clock.monotonic_ns();
    deadline_ = parts_.loop.after_ms(timeout_ms, [this] { on_timeout(); });
    api_->send(event_of(*call_, parts_.clock.now().value() + timeout_ms));
    call_->call.payload = std::string();
}

void Environment::log_report(const std::string& request_id, int64_t duration_ns, uint64_t produced_bytes,
                             const CallFailure* failure) {
    if (parts_.clock.monotonic_ns() - looked_ns_ > look_every_ns) look();
    const uint64_t limit_mb = spec_->definition.memory_mb;
    CallReport report{.request_id = request_id, .duration_ns = duration_ns};
    report.memory_peak_mb = killed_for_memory_ ? limit_mb : std::min(limit_mb, (memory_peak_ + (1 << 20) - 1) >> 20);
    report.produced_bytes = produced_bytes;
    if (first_ && !provisioned_) report.init_ns = init_ns_;
    report.failure = failure;
    said_.call_end(report);
}

void Environment::finish(const CallFailure* failure, std::string payload) {
    parts_.loop.cancel(deadline_);
    parts_.loop.cancel(broken_timer_);
    if (gate_) std::exchange(gate_, nullptr)->end();
    if (api_) api_->forget();
    gathered_ = std::string();
    const int64_t duration_ns = parts_.clock.monotonic_ns() - call_ns_;
    EnvironmentCall call = std::move(*call_);
    call_.reset();
    if (state_ == State::busy) state_ = State::idle;  // its next `next` makes it available
    const std::string& request_id = call.call.request_id;
    read_output(true);
    InvocationResult result;
    result.payload = failure == nullptr ? std::move(payload) : payload_of(*failure, request_id);
    const uint64_t produced = std::max<uint64_t>(std::exchange(produced_bytes_, 0), result.payload.size());
    log_report(request_id, duration_ns, produced, failure);
    if (failure != nullptr) result.function_error = "Unhandled";
    if (call.call.want_log_tail) result.log_tail = log_.tail();
    result.executed_version = spec_->definition.version;
    result.request_id = request_id;
    result.duration_us = duration_ns / 1000;
    result.cold = first_;
    first_ = false;
    call.done(std::move(result));
}

void Environment::fail(EnvironmentCall call, const CallFailure& failure) {
    if (call.call.request_id.empty()) call.call.request_id = random_uuid();
    log_start(call.call.request_id);
    call_ns_ = parts_.clock.monotonic_ns();
    call_ = std::move(call);
    finish(&failure, "");
}

// --- its end

void Environment::on_timeout() {
    const CallFailure failure = CallFailure::timed_out(spec_->definition.timeout_s * 1000ull);
    state_ = State::ending;
    finish(&failure, "");
    process_->terminate();
    kill_soon(terminate_grace_ms);
}

uint64_t Environment::init_ms_max() const {
    const RuntimeOptions& options = parts_.options;
    return std::max<uint64_t>(provisioned_ ? options.provisioned_init_ms_max : options.init_ms_max,
                              spec_->definition.timeout_s * 1000ull);
}

void Environment::on_init_timeout() {
    fail_init(CallFailure::timed_out(init_ms_max()));
    process_->terminate();
    kill_soon(terminate_grace_ms);
}

void Environment::kill_soon(int64_t grace_ms) {
    parts_.loop.cancel(kill_timer_);
    kill_timer_ = parts_.loop.after_ms(grace_ms, [this] { process_->kill(); });
}

void Environment::end() {
    if (state_ == State::gone) return;
    if (call_) {
        const CallFailure failure =
            killed_for_memory_ ? CallFailure::out_of_memory() : CallFailure::exited("signal: killed");
        state_ = State::ending;
        finish(&failure, "");
    } else if (state_ == State::starting) {
        fail_init(killed_for_memory_ ? CallFailure::out_of_memory() : CallFailure::exited("signal: killed"));
    }
    state_ = State::ending;
    process_->kill();
}

void Environment::look() {
    looked_ns_ = parts_.clock.monotonic_ns();
    if (ending()) return;
    const SandboxUsage usage = process_->usage();
    memory_peak_ = std::max(memory_peak_, usage.anonymous_bytes);
    const bool too_much = usage.anonymous_bytes > uint64_t{spec_->definition.memory_mb} << 20;
    const bool too_many = usage.processes > processes_max;
    if ((!too_much && !too_many) || killed_for_memory_) return;
    killed_for_memory_ = too_much;
    // Not at once: the caller may be about to report a call that has its answer already.
    parts_.loop.soon([this] {
        if (!ending()) end();
    });
}

void Environment::on_exit() {
    parts_.loop.unwatch(process_->pidfd());
    parts_.loop.cancel(kill_timer_);
    const bool out_of_memory = killed_for_memory_ || process_->ran_out_of_memory();
    const std::string words = process_->reap();
    read_output(true);
    if (out_of_memory) killed_for_memory_ = true;
    const CallFailure failure = out_of_memory ? CallFailure::out_of_memory() : CallFailure::exited(words);
    const State before = state_;
    state_ = State::ending;
    if (before == State::starting) {
        state_ = State::starting;
        fail_init(failure);
    } else if (call_) {
        finish(&failure, "");
    }
    state_ = State::gone;
    owner_.on_gone(*this);
}

}  // namespace millrace::function
