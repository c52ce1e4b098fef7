#include "src/function/pool.h"

#include <algorithm>
#include <climits>

#include "src/base/checksum.h"
#include "src/io/clock.h"

namespace millrace::function {
namespace {

constexpr int64_t millisecond = 1'000'000;
constexpr int64_t provisioned_retry_after_ns = 5'000 * millisecond;

}  // namespace

Pool::~Pool() {
    for (EnvironmentCall& waiter : waiters_) {
        waiter.done({ErrorCode::unavailable, std::string("the server is stopping")});
    }
}

void Pool::submit(EnvironmentCall call) {
    Environment* free = waiters_.empty() ? free_environment() : nullptr;
    if (free != nullptr) return free->serve(std::move(call));
    call.queued_ns = parts_.clock.monotonic_ns();
    waiters_.push_back(std::move(call));
    start_for_waiters();
}

Environment* Pool::free_environment() {
    for (size_t i = environments_.size(); i-- > 0;) {
        if (!environments_[i]->available()) continue;
        std::rotate(environments_.begin() + static_cast<ptrdiff_t>(i),
                    environments_.begin() + static_cast<ptrdiff_t>(i) + 1, environments_.end());
        return environments_.back().get();
    }
    return nullptr;
}

void Pool::turn() {
    serve_waiters();
    start_for_waiters();
    start_provisioned();
    expire_waiters();
}

void Pool::serve_waiters() {
    while (!waiters_.empty()) {
        Environment* free = free_environment();
        if (free == nullptr) return;
        EnvironmentCall call = std::move(waiters_.front());
        waiters_.pop_front();
        free->serve(std::move(call));
    }
}

size_t Pool::starting() const {
    return static_cast<size_t>(
        std::count_if(environments_.begin(), environments_.end(), [](const auto& each) { return each->starting(); }));
}

size_t Pool::alive() const {
    return static_cast<size_t>(
        std::count_if(environments_.begin(), environments_.end(), [](const auto& each) { return !each->ending(); }));
}

void Pool::start_for_waiters() {
    const int64_t now = parts_.clock.monotonic_ns();
    size_t under_way = starting();
    size_t have = alive();
    const size_t most = host_.environments_max(spec_->definition);
    for (size_t i = under_way; i < waiters_.size() && have < most; ++i) {
        if (have > 0 && now - waiters_[i].queued_ns < scale_out_ms * millisecond) return;
        if (!start_one(false)) return;
        ++have;
    }
}

void Pool::start_provisioned() {
    if (provisioned_ == 0 || parts_.clock.monotonic_ns() < provisioned_retry_ns_) return;
    for (size_t have = alive(); have < provisioned_; ++have) {
        if (!start_one(true)) return;
    }
}

bool Pool::start_one(bool provisioned) {
    const std::optional<uint32_t> slot = host_.take_slot();
    if (!slot) return false;
    Result<std::unique_ptr<Environment>> started = Environment::start(parts_, *this, spec_, *slot, provisioned);
    if (started.ok()) {
        environments_.push_back(std::move(started).value());
        return true;
    }
    host_.started_or_failed();
    host_.return_slot(*slot);
    if (provisioned) {
        provisioned_failure_ = started.error().message;
        provisioned_retry_ns_ = parts_.clock.monotonic_ns() + provisioned_retry_after_ns;
    } else {
        fail_start(started.error());
    }
    return false;
}

// It never ran: what is the package's fault is the function's error, the rest is the caller's to hear.
void Pool::fail_start(const Error& error) {
    if (waiters_.empty()) return;
    EnvironmentCall call = std::move(waiters_.front());
    waiters_.pop_front();
    const bool package = error.code == ErrorCode::failed_precondition ||
                         (error.code == ErrorCode::io && spec_->definition.runtime.starts_with("provided"));
    if (!package) return call.done(error);
    InvocationResult result;
    result.request_id = call.call.request_id.empty() ? random_uuid() : call.call.request_id;
    result.payload = payload_of(CallFailure::no_entry_point(error.message), result.request_id);
    result.function_error = "Unhandled";
    result.executed_version = spec_->definition.version;
    result.cold = true;
    call.done(std::move(result));
}

void Pool::expire_waiters() {
    const int64_t now = parts_.clock.monotonic_ns();
    if (waiters_.empty() || starting() > 0) return;  // one that starts takes one of them
    for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
        if (now - waiter->queued_ns < static_cast<int64_t>(waiter->call.wait_ms_max) * millisecond) {
            ++waiter;
            continue;
        }
        RuntimeDone done = std::move(waiter->done);
        waiter = waiters_.erase(waiter);
        done({ErrorCode::resource_exhausted,
              std::string(
                  "ConcurrentInvocationLimitExceeded: Rate Exceeded. All environments of this server are busy")});
    }
}

void Pool::look() {
    for (const auto& environment : environments_) {
        if (environment->busy() || environment->starting()) environment->look();
    }
}

bool Pool::has_busy() const {
    return std::any_of(environments_.begin(), environments_.end(),
                       [](const auto& each) { return each->busy() || each->starting(); });
}

void Pool::end_idle(int64_t idle_ns_max) {
    const int64_t before = parts_.clock.monotonic_ns() - idle_ns_max;
    size_t have = alive();
    for (const auto& environment : environments_) {
        if (have <= provisioned_) return;
        if (!environment->available() || environment->idle_since_ns() > before) continue;
        environment->end();
        --have;
    }
}

int64_t Pool::longest_idle_since_ns() const {
    int64_t since = INT64_MAX;
    if (!waiters_.empty() || alive() <= provisioned_) return since;
    for (const auto& environment : environments_) {
        if (environment->available()) since = std::min(since, environment->idle_since_ns());
    }
    return since;
}

bool Pool::end_longest_idle() {
    const int64_t since = longest_idle_since_ns();
    if (since == INT64_MAX) return false;
    for (const auto& environment : environments_) {
        if (!environment->available() || environment->idle_since_ns() != since) continue;
        environment->end();
        return true;
    }
    return false;
}

void Pool::retire() {
    retired_ = true;
    provisioned_ = 0;
    if (waiters_.empty()) end_idle(0);
}

void Pool::set_provisioned(uint32_t count) {
    provisioned_ = count;
    provisioned_retry_ns_ = 0;
    provisioned_failure_.clear();
    start_provisioned();
}

ProvisionedCounts Pool::provisioned() const {
    ProvisionedCounts counts;
    counts.requested = provisioned_;
    for (const auto& environment : environments_) {
        if (environment->available() || environment->busy()) ++counts.ready;
    }
    counts.ready = std::min(counts.ready, counts.requested);
    counts.failure = provisioned_failure_;
    return counts;
}

void Pool::on_available(Environment& environment) {
    if (environment.take_started()) host_.started_or_failed();
    provisioned_failure_.clear();
    serve_waiters();
    if (retired_ && environment.available()) environment.end();
}

void Pool::on_init_failed(Environment& environment, const CallFailure& failure) {
    if (environment.take_started()) host_.started_or_failed();
    if (environment.provisioned()) {
        provisioned_failure_ = failure.message.empty() ? failure.payload : failure.message;
        provisioned_retry_ns_ = parts_.clock.monotonic_ns() + provisioned_retry_after_ns;
    }
    if (waiters_.empty()) return;
    EnvironmentCall call = std::move(waiters_.front());
    waiters_.pop_front();
    environment.fail(std::move(call), failure);
}

void Pool::on_gone(Environment& environment) {
    auto found = std::find_if(environments_.begin(), environments_.end(),
                              [&](const auto& held) { return held.get() == &environment; });
    if (found == environments_.end()) return;
    // Its own handler is on the stack, so it goes at the end of the round.
    auto gone = std::make_shared<std::unique_ptr<Environment>>(std::move(*found));
    environments_.erase(found);
    parts_.loop.soon([&host = host_, gone, slot = environment.slot()] {
        gone->reset();
        host.return_slot(slot);
    });
}

}  // namespace millrace::function
