// The jail. After lock_down() this process can compute, allocate up to its limit, start threads, read the descriptors
// that it is handed and talk over its socket - and nothing else: no file can be opened, no process started, no socket
// made. What is forbidden fails with EPERM, so that DuckDB turns it into an error of the query.
//
//   no_new_privs   no set-uid program can raise us
//   rlimits        address space, processor time, open files; no core, no file growth
//   landlock       no path is reachable (where the kernel has it; a second wall behind seccomp)
//   seccomp        an allow-list of system calls (see lockdown.cc), on all threads
#pragma once

#include <cstdint>

#include "src/base/result.h"

namespace millrace::query {

struct JailLimits {
    uint64_t address_space_bytes_max = 0;
    uint64_t processor_seconds_max = 0;
    uint64_t open_files_max = 1024;
};

// Before DuckDB is opened. The child dies with its parent from here on.
Status begin_lock_down(const JailLimits& limits);
// After DuckDB is opened and before the query is known. internal where the kernel refused: then there is no jail, and
// the caller must end the process.
Status finish_lock_down();

}  // namespace millrace::query
