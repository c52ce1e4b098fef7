#include "src/function/async/event_queue.h"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <map>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "src/base/checksum.h"
#include "src/function/async/destination_record.h"
#include "src/io/clock.h"
#include "src/io/executor.h"
#include "src/table/key_value_store.h"

namespace millrace::function {
namespace {

constexpr uint32_t retries_default = 2;
constexpr uint32_t age_s_default = 6 * 3600;
constexpr int64_t backoff_ms_max = 300'000;
constexpr int64_t delivery_age_ms_max = int64_t{6} * 3600 * 1000;  // a record that can not be delivered is dropped

struct Waiting {
    int64_t due_ms;
    uint64_t id;
    uint64_t bytes;
    std::string function;  // whose share of what runs it takes
    bool operator>(const Waiting& other) const { return std::tie(due_ms, id) > std::tie(other.due_ms, other.id); }
};

// What came back: of a run (result), or of a delivery (delivered).
struct Finished {
    Waiting waiting;
    AsyncEvent event;
    std::optional<Result<InvocationResult>> result;
    Status delivered;
};

std::string share_of(const AsyncEvent& event) {
    return event.scope.account + ":" + event.scope.region + ":" + event.name;
}

// And back: neither accounts nor regions have a colon.
std::pair<Scope, std::string_view> function_of(std::string_view share) {
    const size_t first = share.find(':');
    const size_t second = share.find(':', first + 1);
    return {Scope{std::string(share.substr(0, first)), std::string(share.substr(first + 1, second - first - 1))},
            share.substr(second + 1)};
}

bool is_function(std::string_view arn) {
    return arn.starts_with("arn:") && arn.find(":lambda:") != std::string_view::npos;
}

class EventQueueImpl final : public EventQueue {
  public:
    EventQueueImpl(EventQueueOptions options, EventQueueParts parts)
        : options_(options), parts_(std::move(parts)), link_(std::make_shared<Link>()) {
        link_->queue = this;
    }

    ~EventQueueImpl() override { stop(); }

    void stop() override {
        {
            const std::lock_guard held(link_->mutex);
            link_->queue = nullptr;  // what comes back from now on goes nowhere
        }
        {
            const std::lock_guard held(mutex_);
            stopping_ = true;
        }
        news_.notify_all();
        if (thread_.joinable()) thread_.join();
    }

    Status load() {
        const std::unique_ptr<table::Cursor> cursor = parts_.store.cursor();
        for (cursor->seek(event_prefix); cursor->valid() && cursor->key().starts_with(event_prefix); cursor->next()) {
            TRY_ASSIGN(const AsyncEvent event, decode_event(cursor->key(), cursor->value()));
            next_id_ = event.id + 1;
            take(event, cursor->value().size());
        }
        return cursor->status();
    }

    void start() override {
        if (!thread_.joinable()) thread_ = std::thread([this] { loop(); });
    }

    Result<std::string> add(Invocation invocation) override {
        AsyncEvent event = event_of(std::move(invocation));
        const std::string request_id = event.request_id;
        const std::string text = encode_event(event);  // without its id: that is the key's
        {
            const std::lock_guard held(mutex_);
            if (held_ >= options_.events_max || held_bytes_ + text.size() > options_.event_bytes_max) {
                return Error{ErrorCode::resource_exhausted, "too many asynchronous calls wait already"};
            }
            event.id = next_id_++;
            ++held_;
            held_bytes_ += text.size();
        }
        table::WriteBatch batch;
        batch.put(event_key(event.id), text);
        if (Status written = parts_.store.write(batch); !written.ok()) {
            const std::lock_guard held(mutex_);
            --held_;
            held_bytes_ -= text.size();
            return written.error();
        }
        const std::lock_guard held(mutex_);
        ready_.push({event.due.value(), event.id, text.size(), share_of(event)});
        news_.notify_all();
        return request_id;
    }

    uint64_t waiting() const override {
        const std::lock_guard held(mutex_);
        return held_;
    }

  private:
    // How callbacks that may come late find the queue, or that it is gone.
    struct Link {
        std::mutex mutex;
        EventQueueImpl* queue = nullptr;
        void finish(Finished finished) {
            const std::lock_guard held(mutex);
            if (queue != nullptr) queue->finished(std::move(finished));
        }
    };

    AsyncEvent event_of(Invocation invocation) const {
        AsyncEvent event;
        event.scope = invocation.function.scope;
        event.name = std::move(invocation.function.name);
        event.qualifier = std::move(invocation.function.qualifier);
        event.request_id = invocation.request_id.empty() ? random_uuid() : std::move(invocation.request_id);
        event.client_context = std::move(invocation.client_context);
        event.trace_header = std::move(invocation.trace_header);
        event.payload = std::move(invocation.payload);
        event.received = event.due = parts_.clock.now();
        return event;
    }

    void take(const AsyncEvent& event, uint64_t bytes) {
        ++held_;
        held_bytes_ += bytes;
        ready_.push({event.due.value(), event.id, bytes, share_of(event)});
    }

    void finished(Finished finished) {
        const std::lock_guard held(mutex_);
        finished_.push_back(std::move(finished));
        news_.notify_all();
    }

    void loop() {
        std::unique_lock held(mutex_);
        while (!stopping_) {
            if (!finished_.empty()) {
                std::vector<Finished> all = std::move(finished_);
                finished_.clear();
                held.unlock();
                settle(std::move(all));
                held.lock();
                continue;
            }
            if (std::optional<Waiting> next = take_due()) {
                held.unlock();
                begin(std::move(*next));
                held.lock();
                continue;
            }
            wait(held);
        }
    }

    void wait(std::unique_lock<std::mutex>& held) {
        if (ready_.empty() || running_ >= options_.running_max) {
            news_.wait(held);
            return;
        }
        const int64_t ms = std::clamp<int64_t>(ready_.top().due_ms - parts_.clock.now().value(), 1, options_.look_ms);
        news_.wait_for(held, std::chrono::milliseconds(ms));
    }

    // The next event that is due and whose function has room; what has none is parked until one of its own is done.
    std::optional<Waiting> take_due() {
        const int64_t now_ms = parts_.clock.now().value();
        while (running_ < options_.running_max && !ready_.empty() && ready_.top().due_ms <= now_ms) {
            Waiting next = ready_.top();
            ready_.pop();
            Share& share = shares_[next.function];
            if (share.running > 0 && share.running >= most_of(next.function)) {
                share.parked.push_back(std::move(next));
                continue;
            }
            ++share.running;
            ++running_;
            return next;
        }
        return std::nullopt;
    }

    uint32_t most_of(std::string_view share) const {
        const auto [scope, name] = function_of(share);
        return std::min(options_.running_a_function_max, parts_.concurrency(scope, name));
    }

    // --- the queue's own thread, without the lock ---

    void begin(Waiting waiting) {
        Result<std::optional<std::string>> stored = parts_.store.get(event_key(waiting.id));
        if (!stored.ok()) return leave(std::move(waiting), stored.error().message);
        if (!*stored) return drop(std::move(waiting), "is gone");
        Result<AsyncEvent> event = decode_event(event_key(waiting.id), **stored);
        if (!event.ok()) return drop(std::move(waiting), event.error().message);
        event->id = waiting.id;
        if (!event->destination.empty()) return deliver(std::move(waiting), std::move(event).value());
        run(std::move(waiting), std::move(event).value());
    }

    void run(Waiting waiting, AsyncEvent event) {
        const FunctionName name{event.scope, event.name, event.qualifier};
        Result<EventInvokeConfig> config = parts_.config(name);
        if (!config.ok()) return drop(std::move(waiting), config.error().message);
        if (too_old(event, *config, parts_.clock.now().value()) || is_stopped(event, *config)) {
            std::vector<Finished> one;
            one.push_back({std::move(waiting), std::move(event), std::nullopt, {}});
            return settle(std::move(one));
        }
        ++event.calls;
        Invocation invocation{.function = name,
                              .payload = event.payload,
                              .client_context = event.client_context,
                              .want_log_tail = false,
                              .trace_header = event.trace_header,
                              .request_id = event.request_id};
        auto finished = std::make_shared<Finished>(Finished{std::move(waiting), std::move(event), std::nullopt, {}});
        parts_.run(std::move(invocation), [link = link_, finished](Result<InvocationResult> result) {
            finished->result.emplace(std::move(result));
            link->finish(std::move(*finished));
        });
    }

    void deliver(Waiting waiting, AsyncEvent event) {
        auto finished = std::make_shared<Finished>(Finished{std::move(waiting), std::move(event), std::nullopt, {}});
        const bool accepted = parts_.executor.submit([this, link = link_, finished] {
            const AsyncEvent& due = finished->event;
            if (parts_.destinations == nullptr || !parts_.destinations->accepts(due.destination)) {
                finished->delivered = Error{ErrorCode::unsupported, due.destination + " is no destination of ours"};
            } else {
                const std::string key = destination_key(due, due.due);
                const std::string function = invoked_arn(due);
                finished->delivered = parts_.destinations->deliver(
                    due.scope, due.destination,
                    {.key = key, .function = function, .succeeded = due.succeeded, .json = due.payload});
            }
            link->finish(std::move(*finished));
        });
        if (accepted) return;
        finished->delivered = Error{ErrorCode::resource_exhausted, "busy"};
        link_->finish(std::move(*finished));
    }

    static bool too_old(const AsyncEvent& event, const EventInvokeConfig& config, int64_t now_ms) {
        return now_ms - event.received.value() >= int64_t{1000} * config.age_s_max.value_or(age_s_default);
    }

    // Of a function that may not run at all, AWS tells the destination at once. It also drops what has none; here such
    // an event waits, as for any other throttle, until the function may run again or it is too old: it was accepted.
    bool is_stopped(const AsyncEvent& event, const EventInvokeConfig& config) const {
        return !config.on_failure.empty() && parts_.concurrency(event.scope, event.name) == 0;
    }

    // The disk would not say what it is: it stays there, for the next start to try again.
    void leave(Waiting waiting, std::string_view why) {
        std::fprintf(stderr, "millrace: an asynchronous call of %s waits for a restart: %.*s\n",
                     waiting.function.c_str(), static_cast<int>(why.size()), why.data());
        commit({}, {std::move(waiting)}, {});
    }

    void drop(Waiting waiting, std::string_view why) {
        std::fprintf(stderr, "millrace: an asynchronous call of %s is dropped: %.*s\n", waiting.function.c_str(),
                     static_cast<int>(why.size()), why.data());
        table::WriteBatch batch;
        batch.erase(event_key(waiting.id));
        commit(batch, {std::move(waiting)}, {});
    }

    // What each of them means, and then one write for all.
    void settle(std::vector<Finished> all) {
        table::WriteBatch batch;
        std::vector<Waiting> gone;
        std::vector<Waiting> again;
        for (Finished& one : all) {
            const std::optional<AsyncEvent> next = next_of(one, batch, again);
            if (!next) {
                batch.erase(event_key(one.waiting.id));
            } else {
                const std::string text = encode_event(*next);
                again.push_back({next->due.value(), next->id, text.size(), one.waiting.function});
                batch.put(event_key(next->id), text);
            }
            gone.push_back(std::move(one.waiting));
        }
        commit(batch, std::move(gone), std::move(again));
    }

    // The event as it goes on waiting; nullopt where it is over. A function that is its destination gets an event of
    // its own, into `batch` and `again`.
    std::optional<AsyncEvent> next_of(Finished& finished, table::WriteBatch& batch, std::vector<Waiting>& again) {
        AsyncEvent& event = finished.event;
        const TimestampMs now = parts_.clock.now();
        if (!event.destination.empty()) {
            if (finished.delivered.ok()) return std::nullopt;
            ++event.attempts;
            const bool never = finished.delivered.error().code == ErrorCode::invalid_argument;
            if (never || now.value() - event.received.value() >= delivery_age_ms_max) {
                std::fprintf(stderr, "millrace: the result of an asynchronous call is dropped: %s: %s\n",
                             event.destination.c_str(), finished.delivered.error().message.c_str());
                return std::nullopt;
            }
            event.due = TimestampMs(now.value() + backoff_ms(event.attempts));
            return std::move(event);
        }
        Result<EventInvokeConfig> config = parts_.config({event.scope, event.name, event.qualifier});
        if (!config.ok()) return std::nullopt;  // the function is gone, and with it its destinations
        const InvocationResult* result = finished.result && finished.result->ok() ? &finished.result->value() : nullptr;
        if (result != nullptr && result->function_error.empty()) {
            return told(event, config->on_success, "Success", result, now, batch, again);
        }
        if (result != nullptr) {
            ++event.attempts;
            if (event.attempts > config->retries_max.value_or(retries_default)) {
                return told(event, config->on_failure, "RetriesExhausted", result, now, batch, again);
            }
            event.due =
                TimestampMs(now.value() + static_cast<int64_t>(options_.retry_ms << std::min(event.attempts - 1, 16U)));
        } else {
            if (is_stopped(event, *config)) {
                return told(event, config->on_failure, "ZeroReservedConcurrency", nullptr, now, batch, again);
            }
            event.due = TimestampMs(now.value() + backoff_ms(event.calls - std::min(event.calls, event.attempts)));
        }
        if (too_old(event, *config, now.value())) {
            return told(event, config->on_failure, "EventAgeExceeded", result, now, batch, again);
        }
        return std::move(event);
    }

    // It is over: hands the record to the destination. nullopt where nothing of the event is left.
    std::optional<AsyncEvent> told(const AsyncEvent& event, const std::string& arn, std::string_view condition,
                                   const InvocationResult* result, TimestampMs now, table::WriteBatch& batch,
                                   std::vector<Waiting>& again) {
        if (arn.empty()) return std::nullopt;
        AsyncEvent record = event;
        record.payload = destination_record(event, condition, result, now);
        record.client_context.clear();
        record.attempts = record.calls = 0;
        record.received = record.due = now;
        if (!is_function(arn)) {
            record.destination = arn;
            record.succeeded = condition == "Success";
            return record;
        }
        const Result<FunctionName> target = parse_function_name(event.scope, arn);
        if (!target.ok()) return std::nullopt;
        record.scope = target->scope;
        record.name = target->name;
        record.qualifier = target->qualifier;
        record.request_id = random_uuid();
        {
            const std::lock_guard held(mutex_);
            record.id =
                next_id_++;  // counted by commit(): over events_max, if need be, in the place of the one that ends
        }
        const std::string text = encode_event(record);
        batch.put(event_key(record.id), text);
        again.push_back({now.value(), record.id, text.size(), share_of(record)});
        return std::nullopt;
    }

    static int64_t backoff_ms(uint32_t tries) {
        return std::min<int64_t>(int64_t{1000} << std::min(tries > 0 ? tries - 1 : 0, 16U), backoff_ms_max);
    }

    // `gone` are over or on their way into `again`. A failed write changes nothing: they run again at the next start.
    void commit(const table::WriteBatch& batch, std::vector<Waiting> gone, std::vector<Waiting> again) {
        const Status written = batch.empty() ? Status() : parts_.store.write(batch);
        if (!written.ok()) {
            std::fprintf(stderr, "millrace: asynchronous calls can not be kept: %s\n", written.error().message.c_str());
        }
        const std::lock_guard held(mutex_);
        for (const Waiting& one : gone) {
            --running_;
            --held_;
            held_bytes_ -= one.bytes;
            const auto share = shares_.find(one.function);
            --share->second.running;
            if (!share->second.parked.empty()) {
                ready_.push(std::move(share->second.parked.front()));
                share->second.parked.pop_front();
            } else if (share->second.running == 0) {
                shares_.erase(share);
            }
        }
        if (!written.ok()) return;
        for (Waiting& one : again) {
            ++held_;
            held_bytes_ += one.bytes;
            ready_.push(std::move(one));
        }
    }

    struct Share {
        uint32_t running = 0;
        std::deque<Waiting> parked;
    };

    const EventQueueOptions options_;
    const EventQueueParts parts_;
    const std::shared_ptr<Link> link_;
    mutable std::mutex mutex_;
    std::condition_variable news_;
    bool stopping_ = false;
    uint64_t next_id_ = 1;
    uint64_t held_ = 0, held_bytes_ = 0;
    uint32_t running_ = 0;
    std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> ready_;
    std::map<std::string, Share> shares_;
    std::vector<Finished> finished_;
    std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<EventQueue>> EventQueue::open(EventQueueOptions options, EventQueueParts parts) {
    auto queue = std::make_unique<EventQueueImpl>(options, std::move(parts));
    TRY(queue->load());
    return std::unique_ptr<EventQueue>(std::move(queue));
}

}  // namespace millrace::function
