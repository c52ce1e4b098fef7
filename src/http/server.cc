#include "src/http/server.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>

#include "src/http/connection.h"
#include "src/http/io_loop.h"
#include "src/http/listener.h"
#include "src/http/server_core.h"
#include "src/http/tls.h"

namespace millrace::http {
namespace {

class LoopServer final : public Server {
  public:
    LoopServer(std::shared_ptr<ServerCore> core, std::unique_ptr<Listener> listener, size_t loop_count)
        : core_(std::move(core)), listener_(std::move(listener)) {
        for (size_t i = 0; i < loop_count; ++i) loops_.push_back(std::make_shared<IoLoop>());
        const Limits& limits = core_->limits;
        uint32_t shortest = std::min({limits.idle_ms_max, limits.header_ms_max, limits.slow_window_ms});
        for (const auto& loop : loops_) loop->set_tick_ms(std::clamp<uint32_t>(shortest / 4, 10, 500));
        core_->budget.on_free([core = core_.get(), loops = loops_] {
            if (core->budget_wake_posted.exchange(true)) return;
            loops.front()->post([core, loops] {
                core->budget_wake_posted.store(false);
                for (const auto& loop : loops) loop->post([loop = loop.get()] { loop->budget_freed(); });
            });
        });
        listener_->begin(core_, loops_);
        for (size_t i = 0; i < loop_count; ++i) {
            threads_.emplace_back([loop = loops_[i]] { loop->run(); });
            pthread_setname_np(threads_.back().native_handle(), ("http-" + std::to_string(i)).c_str());
        }
    }

    ~LoopServer() override { stop(0); }

    uint16_t port() const override { return listener_->port(); }

    ServerStats stats() const override {
        ServerStats stats;
        stats.connections = core_->connections.load();
        stats.connections_accepted = core_->connections_accepted.load();
        stats.connections_refused = core_->connections_refused.load();
        stats.requests = core_->requests.load();
        stats.refused = core_->refused.load();
        stats.dropped_by_us = core_->dropped_by_us.load();
        stats.gathered_bytes = core_->budget.used();
        return stats;
    }

    uint64_t stop(uint32_t grace_ms) override {
        std::lock_guard once(stop_mutex_);
        if (threads_.empty()) return 0;
        core_->draining.store(true);
        // What the loops' tasks share with this thread; the last one keeps it.
        struct Wait {
            std::mutex mutex;
            std::condition_variable changed;
            size_t drained = 0;
        };
        auto wait = std::make_shared<Wait>();
        loops_.front()->post([this] { listener_->close(); });
        for (const auto& loop : loops_) {
            loop->post([wait, loop = loop.get()] {
                loop->drain([wait] {
                    std::lock_guard lock(wait->mutex);
                    ++wait->drained;
                    wait->changed.notify_all();
                });
            });
        }
        {
            std::unique_lock lock(wait->mutex);
            wait->changed.wait_for(lock, std::chrono::milliseconds(grace_ms),
                                   [&] { return wait->drained == loops_.size(); });
        }
        for (const auto& loop : loops_) loop->stop();
        for (std::thread& thread : threads_) thread.join();
        threads_.clear();
        core_->stopped.store(true);
        listener_->close();
        uint64_t cut_off = 0;
        for (const auto& loop : loops_) cut_off += loop->cut_off();
        return cut_off;
    }

  private:
    const std::shared_ptr<ServerCore> core_;
    std::unique_ptr<Listener> listener_;
    std::vector<std::shared_ptr<IoLoop>> loops_;
    std::mutex stop_mutex_;
    std::vector<std::thread> threads_;  // guarded by stop_mutex_
};

}  // namespace

Result<std::unique_ptr<Server>> start_server(ServerOptions options, Handler& handler, io::Executor& executor,
                                             io::Executor* uploads) {
    ::signal(SIGPIPE, SIG_IGN);
    auto core = std::make_shared<ServerCore>(std::move(options), handler, executor, uploads);
    if (core->options.tls.enabled) {
        TRY_ASSIGN(core->tls, TlsContext::make(core->options.tls));
    }
    TRY_ASSIGN(auto listener, Listener::open(core->options.host, core->options.port));
    size_t loop_count = core->options.io_threads;
    if (loop_count == 0) loop_count = std::clamp<size_t>(std::thread::hardware_concurrency(), 1, 4);
    return std::unique_ptr<Server>(std::make_unique<LoopServer>(std::move(core), std::move(listener), loop_count));
}

}  // namespace millrace::http
