#include "src/function/loop.h"

#include <algorithm>
#include <ctime>

#include <sys/epoll.h>
#include <unistd.h>

#include "src/base/result.h"

namespace millrace::function {
namespace {

constexpr int events_max = 128;

int64_t monotonic_ns() {
    timespec now;
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// The descriptor and the low half of its watch's generation.
uint64_t token(int descriptor, uint64_t generation) {
    return (generation << 32) | static_cast<uint32_t>(descriptor);
}

}  // namespace

Loop::Loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wakeup_(io::Wakeup::make()), now_ns_(monotonic_ns()) {
    MILLRACE_CHECK(epoll_ >= 0);
    watch(wakeup_->descriptor(), EPOLLIN, [this](uint32_t) { wakeup_->drain(); });
}

Loop::~Loop() {
    ::close(epoll_);
}

bool Loop::post(std::function<void()> task) {
    {
        std::lock_guard lock(mutex_);
        if (stopping_) return false;
        mailbox_.push_back(std::move(task));
    }
    if (asleep_.exchange(false)) wakeup_->signal();
    return true;
}

void Loop::stop() {
    post([this] { stopped_ = true; });
}

void Loop::run() {
    while (!stopped_) run_once(-1);
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    serve_mailbox();  // posted in the meantime: each may hold somebody's answer
    while (!soon_.empty()) serve_soon();
}

int Loop::wait_ms(int timeout_ms) const {
    if (!soon_.empty()) return 0;
    if (timers_.empty()) return timeout_ms;
    const int64_t left_ns = timers_.begin()->first.first - monotonic_ns();
    const int64_t left_ms = std::clamp<int64_t>((left_ns + 999'999) / 1'000'000, 0, 60'000);
    return timeout_ms < 0 ? static_cast<int>(left_ms) : static_cast<int>(std::min<int64_t>(left_ms, timeout_ms));
}

void Loop::run_once(int timeout_ms) {
    int wait = wait_ms(timeout_ms);
    asleep_.store(true);
    {
        std::lock_guard lock(mutex_);
        if (!mailbox_.empty()) wait = 0;
    }
    epoll_event events[events_max];
    const int count = ::epoll_wait(epoll_, events, events_max, wait);
    asleep_.store(false);
    now_ns_ = monotonic_ns();
    io::WakeBatch batch;  // answers of one round wake each of http's threads once
    serve_mailbox();
    for (int i = 0; i < count; ++i) {
        const int descriptor = static_cast<int>(events[i].data.u64 & 0xffffffffu);
        auto found = watches_.find(descriptor);
        if (found == watches_.end()) continue;
        std::shared_ptr<Watch> watch = found->second;  // its handler may unwatch itself
        if (token(descriptor, watch->generation) == events[i].data.u64) watch->on_event(events[i].events);
    }
    serve_timers();
    serve_soon();
}

void Loop::serve_mailbox() {
    std::vector<std::function<void()>> taken;
    {
        std::lock_guard lock(mutex_);
        taken.swap(mailbox_);
    }
    for (auto& task : taken) task();
}

void Loop::serve_timers() {
    while (!timers_.empty() && timers_.begin()->first.first <= now_ns_) {
        auto task = std::move(timers_.begin()->second);
        timers_.erase(timers_.begin());
        task();
    }
}

void Loop::serve_soon() {
    std::vector<std::function<void()>> taken;
    taken.swap(soon_);
    for (auto& task : taken) task();
}

void Loop::watch(int descriptor, uint32_t epoll_events, std::function<void(uint32_t)> on_event) {
    auto made = std::make_shared<Watch>(Watch{next_number_++ & 0xffffffffu, std::move(on_event)});
    epoll_event event{};
    event.events = epoll_events;
    event.data.u64 = token(descriptor, made->generation);
    MILLRACE_CHECK(::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0);
    watches_[descriptor] = std::move(made);
}

void Loop::change(int descriptor, uint32_t epoll_events) {
    auto found = watches_.find(descriptor);
    if (found == watches_.end()) return;
    epoll_event event{};
    event.events = epoll_events;
    event.data.u64 = token(descriptor, found->second->generation);
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
}

void Loop::unwatch(int descriptor) {
    if (watches_.erase(descriptor) > 0) ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

Loop::TimerId Loop::after_ms(int64_t ms, std::function<void()> task) {
    TimerId id{monotonic_ns() + ms * 1'000'000, next_number_++};
    timers_.emplace(id, std::move(task));
    return id;
}

void Loop::cancel(TimerId& timer) {
    timers_.erase(timer);
    timer = {0, 0};
}

}  // namespace millrace::function
