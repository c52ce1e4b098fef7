// The tables' write-ahead log: each commit's batch, numbered and in order, in a log of one shard (src/log). RocksDB
// keeps none: its table files are behind this log like every other reader, and the newest number in them is its
// checkpoint. What came later is handed to it again at a start.
//
// A batch larger than a piece is cut: a log takes no record that is larger than its segment. Pieces of a commit whose
// last one is not there were never acknowledged. What a batch holds twice is written once (repeats.h).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/log/log.h"
#include "src/table/engine/repeats.h"
#include "src/table/tables.h"

namespace millrace::table::engine {

class CommitLog {
  public:
    // In the folder `log` of the tables' directory. `files` and `clock` outlive it.
    static Result<std::unique_ptr<CommitLog>> open(const TablesOptions& options, io::FileSystem& files,
                                                   const io::Clock& clock);

    // The numbers of the oldest and the newest commit that the log holds, whole or begun; 0: none. Before replay().
    struct Held {
        uint64_t oldest = 0, newest = 0;
    };
    Result<Held> held();
    bool is_new() const { return is_new_; }  // made just now, or its folder was lost

    struct Replayed {
        uint64_t newest = 0;        // of the numbers in the log: the next one to be appended follows it
        std::optional<Error> lost;  // what was lost after the last commit that was handed over; never with sync
    };
    // Hands every commit after `flushed` to `apply`, in order; once, before anything is appended. corruption: the log
    // is damaged, or a commit between is missing. Without sync the system may well have lost some of what it was given
    // when the power went: then the commits before that are all there is.
    Result<Replayed> replay(uint64_t flushed, const std::function<Status(std::string_view batch)>& apply);

    // A commit as the log takes it. `number`: of the commit before, plus one. Any thread.
    struct Record {
        uint64_t number = 0;
        std::vector<log::Batch> pieces;
    };
    Record record(uint64_t number, std::string_view batch, std::span<const Repeat> repeats = {}) const;
    // `done` runs on the log's writer thread once the commit is durable, or with the log's error: then nothing more may
    // be appended. One at a time.
    void append(Record record, std::function<void(Status)> done);

    // All commits up to `flushed` are in table files: their space may be used again.
    void release(uint64_t flushed);

  private:
    CommitLog(std::unique_ptr<log::Log> log, bool sync, size_t piece_bytes);
    void remember(uint64_t number, log::Position begin);

    // Where some commits begin, oldest first.
    struct Begin {
        uint64_t number;
        log::Position position;
    };
    std::mutex mutex_;
    std::deque<Begin> begins_;

    const std::unique_ptr<log::Log> log_;
    log::ShardKey shard_;
    const bool is_new_;  // no shard until replay(), so that a log that was lost stops the next start as well
    const bool sync_;
    const size_t piece_bytes_;
};

}  // namespace millrace::table::engine
