// Starts a program in a session of its own, with limits set before its first instruction.
//
// clone(CLONE_VM | CLONE_VFORK): the child borrows our memory until it runs the program, so a server with much memory
// mapped pays nothing for a start, and nothing but system calls may happen in between.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "src/base/result.h"

namespace millrace::function {

struct ProcessPlan {
    std::vector<std::string> arguments;    // arguments[0] is the program's path
    std::vector<std::string> environment;  // "NAME=value"; nothing else is inherited
    std::string directory;                 // where it starts
    int output = -1;                       // becomes its standard output and error
    int64_t uid = -1;                      // and gid; -1: ours
    uint64_t file_bytes_max = 0;           // RLIMIT_FSIZE
    uint64_t open_files_max = 1024;        // AWS's
    uint64_t processes_max = 1024;         // AWS's; of its user id
    uint64_t data_bytes_max = 0;           // RLIMIT_DATA; 0: none
    std::vector<int> cgroup_descriptors;   // cgroup.procs files that it enters
};

struct Process {
    pid_t pid = -1;
    int pidfd = -1;  // the caller closes it
};

// It dies with the calling thread. io where the program can not be run ("/x/bootstrap: Exec format error").
Result<Process> start_process(const ProcessPlan& plan);

// How an ended process is told, as Go's and so AWS's words: "exit status 1", "signal: killed"; "" for exit status 0.
// `shell_like`: 128 + n from a wrapper means signal n.
std::string exit_words(int wait_status, bool shell_like);

// Kills every process of that user id. Root only; never with a user id that others have too.
void kill_all_of(int64_t uid);

// Runs a program to its end and takes what it wrote, at most 64 KB, where `output` is not null; the exit status, or -1.
// Blocks; for probes.
int run_to_end(const std::vector<std::string>& arguments, std::string* output = nullptr);

}  // namespace millrace::function
