#include "src/gateway/integration/host_turns.h"

#include "src/gateway/text/uri.h"

namespace millrace::gateway {

HostTurns::HostTurns(HostTurnsOptions options)
    : options_(std::move(options)),
      executor_(io::make_executor(
          {.name = options_.name, .threads_max = options_.threads_max, .queue_max = options_.waiting_max})) {}

HostTurns::~HostTurns() {
    stop();
}

void HostTurns::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    executor_->stop();
}

bool HostTurns::submit(const std::string& host, std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return false;
        Host& at = hosts_[host];
        if (at.running >= options_.of_host_max) {
            if (at.waiting.size() >= options_.of_host_waiting_max || waiting_ >= options_.waiting_max) return false;
            at.waiting.push_back(std::move(task));
            ++waiting_;
            return true;
        }
        ++at.running;
    }
    if (executor_->submit([this, host, task = std::move(task)] { run(host, task); })) return true;
    ended(host);
    return false;
}

void HostTurns::run(const std::string& host, const std::function<void()>& task) {
    task();
    ended(host);
}

// The next of this host goes behind whoever waits for a thread, so that several slow hosts leave some to others.
void HostTurns::ended(const std::string& host) {
    for (;;) {
        std::function<void()> next;
        {
            const std::lock_guard lock(mutex_);
            const auto at = hosts_.find(host);
            if (stopping_ || at->second.waiting.empty()) {
                if (--at->second.running == 0 && at->second.waiting.empty()) hosts_.erase(at);
                return;
            }
            next = std::move(at->second.waiting.front());
            at->second.waiting.pop_front();
            --waiting_;
        }
        const auto kept = std::make_shared<std::function<void()>>(std::move(next));
        if (executor_->submit([this, host, kept] { run(host, *kept); })) return;
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return;
        }
        (*kept)();  // the queue is full: nobody waits behind this thread longer than behind another
    }
}

std::string host_of_url(std::string_view url) {
    const size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return std::string(url);
    url.remove_prefix(scheme + 3);
    return lower_case(url.substr(0, url.find_first_of("/?#")));
}

}  // namespace millrace::gateway
