// Bytes that stand in a batch twice: a change record has the new image that is put into the table as well. RocksDB
// takes both; the log (commit_log.h) takes them once, as each byte in it is synced before the write's answer.
//
//   shortened = count:u32 { at:u32 source:u32 size:u32 } bytes        integers big-endian; `at` grows
//   bytes are the batch's, without [at, at + size) of each repeat, which are those at `source`
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::table::engine {

struct Repeat {
    size_t at, source, size;  // in the batch; source + size <= at
};

// The shortened batch, as parts to be written one after the other. They are views of `batch` and of `head`, which may
// be moved; `bytes` is their sum.
struct Shortened {
    std::vector<char> head;
    std::vector<std::string_view> parts;
    size_t bytes = 0;
};
// `repeats` in the order of `at`, without overlaps. One that does not say the truth of `batch` is left out.
Shortened shorten(std::string_view batch, std::span<const Repeat> repeats);

// The batch. corruption where these bytes are no shortened batch, or one of more than `bytes_max`.
Result<std::string> lengthen(std::string_view shortened, size_t bytes_max);

}  // namespace millrace::table::engine
