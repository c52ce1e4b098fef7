// What the log's tests share.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/io/clock.h"
#include "src/io/faulty_file_system.h"
#include "src/log/log.h"

namespace millrace::log {

inline Options small_options(uint64_t segment_bytes = 64 << 10) {
    return {.directory = "/log", .segment_bytes = segment_bytes, .tail_cache_bytes = 0};
}

inline std::unique_ptr<Log> opened(io::FileSystem& files, const io::Clock& clock, Options options = small_options()) {
    auto log = Log::open(std::move(options), files, clock);
    EXPECT_TRUE(log.ok()) << (log.ok() ? "" : log.error().message);
    return log.ok() ? std::move(*log) : nullptr;
}

inline Result<Appended> append(Log& log, ShardKey shard, std::vector<std::string> data) {
    Batch batch(shard);
    for (const std::string& one : data) batch.add("key", one);
    return log.append_and_wait(std::move(batch));
}

// Everything from `from` to the end; stops at the first error, which goes to *error.
inline std::vector<std::string> read_all(Log& log, ShardKey shard, Position from, Error* error = nullptr,
                                         ReadLimits limits = {}) {
    std::vector<std::string> all;
    for (int calls = 0; calls < 100'000; ++calls) {
        auto result = log.read(shard, from, limits);
        if (!result) {
            if (error) *error = result.error();
            EXPECT_NE(error, nullptr) << result.error().message;
            return all;
        }
        for (const RecordView& record : result->records) all.emplace_back(record.data);
        if (result->at_end) return all;
        EXPECT_GT(result->next, from);
        from = result->next;
    }
    ADD_FAILURE() << "reading does not end";
    return all;
}

inline std::vector<std::string> read_all(Log& log, ShardKey shard) {
    return read_all(log, shard, log.horizon(shard).value());
}

inline std::vector<std::string> listing(io::FileSystem& files) {
    return files.list("/log").value();
}

// The newest segment's path.
inline std::string newest_segment(io::FileSystem& files, size_t from_the_end = 0) {
    std::vector<std::string> names;
    for (const auto& name : listing(files)) {
        if (name.starts_with("seg-") && name.ends_with(".log")) names.push_back(name);
    }
    return "/log/" + names.at(names.size() - 1 - from_the_end);
}

}  // namespace millrace::log
