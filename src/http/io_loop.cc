#include "src/http/io_loop.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

#include <sys/epoll.h>
#include <unistd.h>

#include "src/base/result.h"
#include "src/http/connection.h"
#include "src/http/response_head.h"

namespace millrace::http {
namespace {

constexpr uint32_t draining_tick_ms = 20;

}  // namespace

IoLoop::IoLoop(std::function<int64_t()> monotonic_ms)
    : monotonic_ms_(std::move(monotonic_ms)),
      wakeup_(io::Wakeup::make()),
      scratch_(new char[scratch_bytes]),
      awake_(monotonic_ms_(), tick_ms_) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    MILLRACE_CHECK(epoll_ >= 0);
    MILLRACE_CHECK(watch(wakeup_->descriptor(), EPOLLIN, nullptr));
}

IoLoop::~IoLoop() {
    ::close(epoll_);
}

bool IoLoop::watch(int descriptor, uint32_t epoll_events, EventTarget* target) {
    epoll_event event{};
    event.events = epoll_events;
    event.data.ptr = target;
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void IoLoop::wake_if_asleep() {
    if (asleep_.exchange(false)) wakeup_->signal();
}

void IoLoop::post(std::function<void()> task) {
    {
        std::lock_guard lock(mailbox_mutex_);
        if (stopped_) return;
        tasks_.push_back(std::move(task));
    }
    wake_if_asleep();
}

void IoLoop::post_answer(std::shared_ptr<Connection> connection, uint64_t exchange_id, Response response) {
    {
        std::lock_guard lock(mailbox_mutex_);
        if (stopped_) return;
        answers_.push_back({std::move(connection), exchange_id, std::move(response)});
    }
    wake_if_asleep();
}

void IoLoop::stop() {
    {
        std::lock_guard lock(mailbox_mutex_);
        stopping_ = true;
    }
    wake_if_asleep();
}

void IoLoop::run() {
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    for (;;) {
        run_once(-1);
        std::lock_guard lock(mailbox_mutex_);
        if (stopping_) break;
    }
    for (const auto& connection : connections_) cut_off_ += connection->under_way();
    do {
        while (!connections_.empty()) connections_.back()->close();
        serve_mailbox();  // may adopt connections
        advance_dirty();
        clear_graveyard();
    } while (!connections_.empty());
    budget_waiters_.clear();
    drained_ = nullptr;
    std::vector<Answer> late_answers;  // destroyed without the lock: what they hold may post
    std::vector<std::function<void()>> late_tasks;
    std::lock_guard lock(mailbox_mutex_);
    stopped_ = true;
    late_answers.swap(answers_);
    late_tasks.swap(tasks_);
}

void IoLoop::run_once(int timeout_ms) {
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    bool idle = dirty_.empty();
    if (idle) {
        asleep_.store(true);
        std::lock_guard lock(mailbox_mutex_);
        idle = answers_.empty() && tasks_.empty() && !stopping_;
    }
    if (!idle) {
        asleep_.store(false);
        timeout_ms = 0;
    } else if (!connections_.empty()) {
        int until_tick = static_cast<int>(std::max<int64_t>(0, next_tick_ms_ - now_ms()));
        timeout_ms = timeout_ms < 0 ? until_tick : std::min(timeout_ms, until_tick);
    }
    epoll_event events[256];
    int count = ::epoll_wait(epoll_, events, 256, timeout_ms);
    asleep_.store(false);
    awake_.pass(monotonic_ms_());
    for (int i = 0; i < count; ++i) {
        if (events[i].data.ptr) {
            static_cast<EventTarget*>(events[i].data.ptr)->on_event(events[i].events);
        } else {
            wakeup_->drain();
        }
    }
    serve_mailbox();
    advance_dirty();
    tick_if_due();
    clear_graveyard();
}

void IoLoop::clear_graveyard() {
    for (auto& connection : graveyard_) connection->reap();
    graveyard_.clear();
    if (drained_ && connections_.empty()) std::exchange(drained_, nullptr)();
}

void IoLoop::serve_mailbox() {
    {
        std::lock_guard lock(mailbox_mutex_);
        answers_taken_.swap(answers_);
        tasks_taken_.swap(tasks_);
    }
    for (Answer& answer : answers_taken_) answer.connection->deliver(answer.exchange_id, std::move(answer.response));
    for (auto& task : tasks_taken_) task();
    answers_taken_.clear();
    tasks_taken_.clear();
}

void IoLoop::advance_soon(Connection* connection) {
    if (!connection->mark_dirty()) return;
    dirty_.push_back(connection->shared_from_this());
}

void IoLoop::advance_dirty() {
    dirty_taken_.swap(dirty_);
    for (auto& connection : dirty_taken_) {
        connection->clear_dirty();
        connection->advance();
    }
    dirty_taken_.clear();
}

void IoLoop::adopt(std::shared_ptr<Connection> connection) {
    if (connections_.empty()) next_tick_ms_ = now_ms() + tick_ms_;
    connection->set_loop_index(connections_.size());
    connections_.push_back(std::move(connection));
}

void IoLoop::bury(Connection* connection) {
    size_t index = connection->loop_index();
    graveyard_.push_back(std::move(connections_[index]));
    if (index + 1 != connections_.size()) {
        connections_[index] = std::move(connections_.back());
        connections_[index]->set_loop_index(index);
    }
    connections_.pop_back();
    connection_count_.fetch_sub(1, std::memory_order_relaxed);
}

void IoLoop::await_budget(std::shared_ptr<Connection> connection) {
    if (connection->awaits_budget()) return;
    connection->set_awaits_budget(true);
    budget_waiters_.push_back(std::move(connection));
}

void IoLoop::budget_freed() {
    std::vector<std::shared_ptr<Connection>> waiters;
    waiters.swap(budget_waiters_);
    for (auto& connection : waiters) {
        connection->set_awaits_budget(false);
        connection->budget_freed();
    }
}

void IoLoop::drain(std::function<void()> drained) {
    drained_ = std::move(drained);
    set_tick_ms(std::min<uint32_t>(tick_ms_, draining_tick_ms));  // a stop waits for what lingers
    next_tick_ms_ = now_ms() + tick_ms_;
    for (size_t i = connections_.size(); i-- > 0;) {
        if (i < connections_.size()) connections_[i]->drain();
    }
}

void IoLoop::tick_if_due() {
    if (connections_.empty() || now_ms() < next_tick_ms_) return;
    next_tick_ms_ = now_ms() + tick_ms_;
    std::erase_if(budget_waiters_, [](const auto& connection) { return connection->is_closed(); });
    // From the end: a connection that closes itself is replaced by the last one, which was seen already.
    for (size_t i = connections_.size(); i-- > 0;) {
        if (i < connections_.size()) connections_[i]->tick();
    }
}

int64_t IoLoop::coarse_monotonic_ms() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return static_cast<int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
}

std::string_view IoLoop::date() {
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &time);
    if (time.tv_sec != date_second_) {
        date_second_ = time.tv_sec;
        date_ = http_date(date_second_);
    }
    return date_;
}

}  // namespace millrace::http
