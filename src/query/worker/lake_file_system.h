// DuckDB's file system inside the child: "lake://TABLE/key=value/OBJECT", read-only, over descriptors that the engine
// hands out one object at a time. There is no other file: the kernel refuses open() after the lock-down.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "src/query/worker/parent.h"

namespace duckdb {
class FileSystem;
}

namespace millrace::query {

struct ScanCounter {
    std::atomic<uint64_t> bytes{0};  // read from objects (compressed where they are)
    uint64_t bytes_max = UINT64_MAX;
};

// How every object's name begins, and the same as DuckDB's allow-list spells it (it drops empty path elements).
constexpr const char* lake_directory = "lake://";
constexpr const char* lake_allowed_directory = "lake:/";

// `parent` and `counter` outlive it. The caller owns the result.
duckdb::FileSystem* make_lake_file_system(Parent& parent, ScanCounter& counter);

}  // namespace millrace::query
