// What is done without anybody waiting for it, on one thread, a bounded piece at a time: filling new indexes, deleting
// expired items, trimming streams, forgetting tokens, counting large tables, giving back the space of what was removed.
//
// Everything it still has to do is in the store, so a start after a crash goes on where it was.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "src/table/engine/definitions.h"

namespace millrace::table::engine {

class Background {
  public:
    Background(const Database& database, Committer& committer, Definitions& definitions, const io::Clock& clock,
               const TablesOptions& options);
    ~Background();
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    void start();
    void wake();  // there may be something to do
    // All that is due now, on the caller's thread: for tests, without start().
    void run_once();

  private:
    void run();
    bool stopping();
    // Each: true where there is more to do at once.
    bool fill_indexes();  // backfill.cc
    bool fill_some(const TableRef& table, uint32_t id);
    void finish_indexes();
    bool collect_garbage();  // garbage.cc
    bool sweep_expired();    // expiry.cc
    bool sweep_table(const TableRef& table);
    void trim_streams();  // retention.cc
    void trim_stream(uint64_t stream);
    bool forget_tokens();
    void recount_tables();  // recount.cc
    void recount(const TableRef& table);
    void forget_streams();

    const Database& database_;
    Committer& committer_;
    Definitions& definitions_;
    const io::Clock& clock_;
    const TablesOptions options_;
    int64_t next_sweep_ns_ = 0;
    int64_t next_trim_ns_ = 0;
    std::unordered_map<uint64_t, int64_t> next_count_ns_;  // of the tables whose size is not exact

    std::mutex mutex_;
    std::condition_variable wakes_;
    bool woken_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace millrace::table::engine
