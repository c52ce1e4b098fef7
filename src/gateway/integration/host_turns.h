// Calls of URLs, which block, on threads of their own: many at once, but of one host only so many that a slow one takes
// its own turns and nobody else's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "src/io/executor.h"

namespace millrace::gateway {

struct HostTurnsOptions {
    std::string name = "urls";  // of threads
    uint32_t threads_max = 64;
    uint32_t waiting_max = 1'024;
    uint32_t of_host_max = 16;           // at once
    uint32_t of_host_waiting_max = 256;  // a host that never answers fills no more of waiting_max
};

class HostTurns {  // any thread
  public:
    explicit HostTurns(HostTurnsOptions options);
    ~HostTurns();  // as stop()
    // Waits for what runs and drops what waits; submit() answers false from now on. Not from a task.
    void stop();

    // Runs `task` on some thread when it is its host's turn, in order for a host. False: too many wait, of this host or
    // in all, and the caller answers "busy".
    bool submit(const std::string& host, std::function<void()> task);

  private:
    struct Host {
        uint32_t running = 0;
        std::deque<std::function<void()>> waiting;
    };
    void run(const std::string& host, const std::function<void()>& task);
    void ended(const std::string& host);

    const HostTurnsOptions options_;
    std::mutex mutex_;
    bool stopping_ = false;
    size_t waiting_ = 0;                 // of all hosts
    std::map<std::string, Host> hosts_;  // those that have something to do
    const std::unique_ptr<io::Executor> executor_;
};

// "https://Example.com:8443/x?y" -> "example.com:8443"; what is no URL is its own host.
std::string host_of_url(std::string_view url);

}  // namespace millrace::gateway
