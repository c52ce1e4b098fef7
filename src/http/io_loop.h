// One I/O thread: an epoll loop that owns connections, and a mailbox for what other threads have to tell them.
//
// Every connection belongs to one loop and is touched by its thread alone, so connections need no locks. Other threads
// (the executor, the log's writer) post: an answer to an exchange, or a task. The loop sleeps in epoll_wait; a post
// signals its eventfd only where the loop sleeps or is about to, so a busy loop costs its posters no system call.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "src/http/message.h"
#include "src/http/request.h"
#include "src/io/awake_time.h"
#include "src/io/wakeup.h"

namespace millrace::http {

class Connection;

// Something with a descriptor in the loop.
class EventTarget {
  public:
    virtual ~EventTarget() = default;
    virtual void on_event(uint32_t epoll_events) = 0;
};

class IoLoop {
  public:
    // `monotonic_ms`: the machine's time, asked once a round.
    explicit IoLoop(std::function<int64_t()> monotonic_ms = coarse_monotonic_ms);
    ~IoLoop();
    IoLoop(const IoLoop&) = delete;
    IoLoop& operator=(const IoLoop&) = delete;

    // --- any thread
    void post(std::function<void()> task);
    void post_answer(std::shared_ptr<Connection> connection, uint64_t exchange_id, Response response);
    bool in_loop_thread() const { return std::this_thread::get_id() == thread_.load(std::memory_order_relaxed); }
    // Makes run() return soon. What is posted after it returned is dropped.
    void stop();
    // A connection is about to be adopted: counted where it goes before it is there, so that a burst is dealt evenly.
    void expect_connection() { connection_count_.fetch_add(1, std::memory_order_relaxed); }
    uint32_t connection_count() const { return connection_count_.load(std::memory_order_relaxed); }
    RequestPool& requests() { return requests_; }

    // --- the loop's thread
    void run();
    // Requests that were under way when run() closed their connections. Once it has returned.
    uint64_t cut_off() const { return cut_off_; }
    // One round: waits at most `timeout_ms` (-1: for ever) for events, then serves all of them.
    void run_once(int timeout_ms);
    // How often Connection::tick is called while there are connections.
    void set_tick_ms(uint32_t tick_ms) {
        tick_ms_ = tick_ms;
        awake_.set_piece_ms(tick_ms);
    }
    // False where the kernel refuses. Level-triggered for listeners, edge-triggered for connections.
    bool watch(int descriptor, uint32_t epoll_events, EventTarget* target);
    void adopt(std::shared_ptr<Connection> connection);  // after expect_connection()
    // Has Connection::budget_freed called, once however often it is asked (each stream of a connection asks), when the
    // memory budget has room again.
    void await_budget(std::shared_ptr<Connection> connection);
    void budget_freed();
    // Drains every connection; calls `drained` when the last one is gone.
    void drain(std::function<void()> drained);
    // Forgets a closed connection; it lives until the end of the round, as events may still name it.
    void bury(Connection* connection);
    // Has the connection advanced at the end of this round; once however often it is asked.
    void advance_soon(Connection* connection);
    const std::vector<std::shared_ptr<Connection>>& connections() const { return connections_; }

    // As of this round; what deadlines of connections are counted in. It never goes back, and does not run while this
    // loop stands still: peers who kept their times must not pay for a server that was stopped, nor for a machine that
    // was paused with them on it.
    int64_t now_ms() const { return awake_.passed_ms(); }
    std::string_view date();                    // for the date field; valid until the next round
    char* scratch() { return scratch_.get(); }  // for reads; of scratch_bytes
    static constexpr size_t scratch_bytes = 128 * 1024;

  private:
    struct Answer {
        std::shared_ptr<Connection> connection;
        uint64_t exchange_id;
        Response response;
    };
    void wake_if_asleep();
    void serve_mailbox();
    void advance_dirty();
    void tick_if_due();
    void clear_graveyard();
    static int64_t coarse_monotonic_ms();

    const std::function<int64_t()> monotonic_ms_;
    int epoll_ = -1;
    std::shared_ptr<io::Wakeup> wakeup_;
    RequestPool requests_;
    std::atomic<std::thread::id> thread_;
    std::atomic<uint32_t> connection_count_{0};
    std::atomic<bool> asleep_{false};

    std::mutex mailbox_mutex_;  // guards these four
    std::vector<Answer> answers_;
    std::vector<std::function<void()>> tasks_;
    bool stopping_ = false;
    bool stopped_ = false;

    std::vector<Answer> answers_taken_;
    std::vector<std::function<void()>> tasks_taken_;
    std::vector<std::shared_ptr<Connection>> connections_;
    std::vector<std::shared_ptr<Connection>> graveyard_;
    std::vector<std::shared_ptr<Connection>> dirty_;
    std::vector<std::shared_ptr<Connection>> dirty_taken_;
    std::vector<std::shared_ptr<Connection>> budget_waiters_;
    std::function<void()> drained_;
    std::unique_ptr<char[]> scratch_;
    uint64_t cut_off_ = 0;
    uint32_t tick_ms_ = 250;
    io::AwakeTime awake_;
    int64_t next_tick_ms_ = 0;
    int64_t date_second_ = -1;
    std::string date_;
};

}  // namespace millrace::http
