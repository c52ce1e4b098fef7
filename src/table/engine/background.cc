#include "src/table/engine/background.h"

#include <pthread.h>

#include "src/io/clock.h"

namespace millrace::table::engine {
namespace {

constexpr auto pause = std::chrono::seconds(1);
constexpr int64_t trim_every_ms = 60'000;

}  // namespace

Background::Background(const Database& database, Committer& committer, Definitions& definitions, const io::Clock& clock,
                       const TablesOptions& options)
    : database_(database), committer_(committer), definitions_(definitions), clock_(clock), options_(options) {}

Background::~Background() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wakes_.notify_all();
    database_->DisableManualCompaction();  // collect_garbage() may be in the middle of one
    if (thread_.joinable()) thread_.join();
}

void Background::start() {
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "table-back");
        run();
    });
}

void Background::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    wakes_.notify_all();
}

bool Background::stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void Background::run() {
    while (!stopping()) {
        run_once();
        std::unique_lock lock(mutex_);
        wakes_.wait_for(lock, pause, [&] { return woken_ || stopping_; });
        woken_ = false;
    }
}

void Background::run_once() {
    bool more = true;
    while (more && !stopping() && !committer_.failed()) {
        more = fill_indexes();
        finish_indexes();
        more |= collect_garbage();
        recount_tables();
        const int64_t now_ns = clock_.monotonic_ns();
        if (now_ns >= next_sweep_ns_) {
            const bool unfinished = sweep_expired();
            if (!unfinished) next_sweep_ns_ = now_ns + options_.ttl_scan_ms * 1'000'000;
            more |= unfinished;
        }
        if (now_ns >= next_trim_ns_) {
            next_trim_ns_ = now_ns + trim_every_ms * 1'000'000;
            trim_streams();
            forget_streams();
            while (!stopping() && forget_tokens()) {
            }
        }
    }
}

}  // namespace millrace::table::engine
