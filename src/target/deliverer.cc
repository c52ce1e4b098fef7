#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "src/io/executor.h"
#include "src/target/api_calls.h"
#include "src/target/arn.h"
#include "src/target/calls.h"

namespace millrace::target {
namespace {

Outcome busy() {
    return {.kind = Outcome::Kind::retryable,
            .code = "ServiceUnavailable",
            .message = "The server is busy, or stopping.",
            .attempted = false};
}

// In process nobody asks who calls. What names another account's stream, function, log group or API destination would
// reach it with its owner's rights, and there is no policy here that could let it; a bus has one, which PutEvents asks.
bool is_anothers(Kind kind, const Target& target) {
    const std::optional<Arn> arn = parse_arn(target.arn);
    return kind != Kind::bus && arn && !arn->account.empty() && arn->account != target.scope.account;
}

Outcome not_permitted(const Target& target) {
    return {.kind = Outcome::Kind::permanent,
            .code = "NO_PERMISSIONS",
            .message = target.arn + " belongs to another account."};
}

// A service refuses a whole call for one item of it. What says so of the target itself (it is gone, it is not ours to
// call) says it of every item.
bool may_be_ones_fault(const Outcome& refusal) {
    if (refusal.kind != Outcome::Kind::permanent) return false;
    for (const std::string_view part : {"Validation", "Invalid", "Serialization", "Malformed", "TooLarge", "HTTP 4"}) {
        if (refusal.code.find(part) != std::string::npos) return true;
    }
    return false;
}

// One deliver(): its calls, a few at a time, until every item has its outcome. Answers come on whatever thread, perhaps
// within the call; the next calls are made by whoever is in pump(), or on the executor: making one may take longer than
// an answering thread (the log's writer) has. A call that is refused for what may be one item's fault is made again in
// halves, until that item is alone: about 2 log2(n) calls more for each that is bad.
class Run : public std::enable_shared_from_this<Run> {
  public:
    Run(ServiceCaller& services, io::Executor& executor, Target target, std::vector<Item> items, Deliverer::Done done)
        : services_(services),
          executor_(executor),
          target_(std::move(target)),
          items_(std::move(items)),
          done_(std::move(done)),
          outcomes_(items_.size()) {}

    void start(Kind kind, const io::Clock& clock) {
        calls_ = make_calls(kind, target_, items_, clock);
        may_prepare_ = kind == Kind::log_group;
        pump();
    }

  private:
    struct Range {
        size_t first, count;
    };

    bool has_more() const { return !again_.empty() || next_ < items_.size(); }  // holding mutex_

    Step take() {  // holding mutex_
        if (again_.empty()) {
            Step step = calls_->next(next_, items_.size() - next_);
            next_ += step.count;
            return step;
        }
        Range& range = again_.back();
        Step step = calls_->next(range.first, range.count);
        range.first += step.count;
        range.count -= step.count;
        if (range.count == 0) again_.pop_back();
        return step;
    }

    void pump() {
        std::unique_lock lock(mutex_);
        if (pumping_) return;  // it will see what has changed
        pumping_ = true;
        while (has_more() && under_way_ < calls_->concurrency()) {
            Step step = take();
            ++under_way_;
            lock.unlock();
            send(std::move(step), may_prepare_);
            lock.lock();
        }
        pumping_ = false;
        if (has_more() || under_way_ > 0 || finished_) return;
        finished_ = true;
        lock.unlock();
        done_(std::move(outcomes_));
    }

    void send(Step step, bool may_prepare) {
        ServiceCall call = may_prepare ? step.call : std::move(step.call);
        auto answered = [self = shared_from_this(), step = std::move(step), may_prepare](ServiceAnswer answer) mutable {
            self->read(std::move(step), std::move(answer), may_prepare);
        };
        services_.call(std::move(call), std::move(answered));
    }

    void read(Step step, ServiceAnswer answer, bool may_prepare) {
        const std::span<Outcome> outcomes = std::span(outcomes_).subspan(step.first, step.count);
        std::unique_ptr<ServiceCall> first = calls_->read(step, answer, outcomes);
        if (first != nullptr && may_prepare) {
            auto prepared = [self = shared_from_this(), step = std::move(step)](ServiceAnswer) mutable {
                std::ranges::fill(std::span(self->outcomes_).subspan(step.first, step.count), Outcome{});
                self->send(std::move(step), false);
            };
            services_.call(*std::move(first), std::move(prepared));
            return;
        }
        const bool halve = !answer.ok() && step.count > 1 && may_be_ones_fault(outcomes[0]);
        if (halve) std::ranges::fill(outcomes, Outcome{});
        bool more = false;
        {
            std::lock_guard lock(mutex_);
            --under_way_;
            if (halve) {  // the first half is taken first: their order stays
                const size_t half = step.count / 2;
                again_.push_back({step.first + half, step.count - half});
                again_.push_back({step.first, half});
            }
            if (pumping_) return;
            more = has_more();
            if (!more && under_way_ > 0) return;
        }
        if (!more) return pump();
        if (!executor_.submit([self = shared_from_this()] { self->pump(); })) give_up();
    }

    // Nobody is free to make the remaining calls.
    void give_up() {
        {
            std::lock_guard lock(mutex_);
            again_.push_back({next_, items_.size() - next_});
            for (const Range& each : again_)
                std::ranges::fill(std::span(outcomes_).subspan(each.first, each.count), busy());
            again_.clear();
            next_ = items_.size();
        }
        pump();
    }

    ServiceCaller& services_;
    io::Executor& executor_;
    const Target target_;
    const std::vector<Item> items_;
    Deliverer::Done done_;
    std::unique_ptr<Calls> calls_;
    std::mutex mutex_;
    std::vector<Outcome> outcomes_;
    size_t next_ = 0;
    std::vector<Range> again_;  // what is to be called again, in smaller pieces; the last first
    size_t under_way_ = 0;
    bool pumping_ = false;
    bool finished_ = false;
    bool may_prepare_ = false;  // a step may need another call first: it is kept until it is answered
};

class DelivererImpl final : public Deliverer {
  public:
    DelivererImpl(Options options, ServiceCaller& services, catalog::Registry& registry, http::Outbound& outbound,
                  io::Executor& executor, const io::Clock& clock)
        : services_(services),
          executor_(executor),
          clock_(clock),
          apis_(std::make_shared<ApiCalls>(options.http_ms_max, registry, outbound, clock)) {}

    void deliver(const Target& target, std::vector<Item> items, Done done) override {
        const Result<Kind> kind = kind_of(target.arn);
        if (!kind.ok()) {
            const Outcome refused = {
                .kind = Outcome::Kind::permanent, .code = "SDK_CLIENT_ERROR", .message = kind.error().message};
            done(std::vector<Outcome>(items.size(), refused));
        } else if (is_anothers(*kind, target)) {
            done(std::vector<Outcome>(items.size(), not_permitted(target)));
        } else if (*kind == Kind::api_destination) {
            call_api(target, std::move(items), std::move(done));
        } else {
            std::make_shared<Run>(services_, executor_, target, std::move(items), std::move(done))
                ->start(*kind, clock_);
        }
    }

  private:
    void call_api(const Target& target, std::vector<Item> items, Done done) {
        const size_t count = items.size();
        auto shared_done = std::make_shared<Done>(std::move(done));
        const bool taken = executor_.submit([apis = apis_, target, items = std::move(items), shared_done] {
            std::vector<Outcome> outcomes(items.size());
            apis->send(target, items, outcomes);
            (*shared_done)(std::move(outcomes));
        });
        if (!taken) (*shared_done)(std::vector<Outcome>(count, busy()));
    }

    ServiceCaller& services_;
    io::Executor& executor_;
    const io::Clock& clock_;
    const std::shared_ptr<ApiCalls> apis_;
};

}  // namespace

std::unique_ptr<Deliverer> Deliverer::make(Options options, ServiceCaller& services, catalog::Registry& registry,
                                           http::Outbound& outbound, io::Executor& executor, const io::Clock& clock) {
    return std::make_unique<DelivererImpl>(options, services, registry, outbound, executor, clock);
}

std::vector<Outcome> deliver_and_wait(Deliverer& deliverer, const Target& target, std::vector<Item> items) {
    struct Waiting {
        std::mutex mutex;
        std::condition_variable ready;
        std::optional<std::vector<Outcome>> outcomes;
    };
    auto waiting = std::make_shared<Waiting>();
    deliverer.deliver(target, std::move(items), [waiting](std::vector<Outcome> outcomes) {
        std::lock_guard lock(waiting->mutex);
        waiting->outcomes = std::move(outcomes);
        waiting->ready.notify_one();
    });
    std::unique_lock lock(waiting->mutex);
    waiting->ready.wait(lock, [&] { return waiting->outcomes.has_value(); });
    return *std::move(waiting->outcomes);
}

}  // namespace millrace::target
