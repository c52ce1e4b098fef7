// What /proc says about the processes below one of ours. For machines without cgroups, and for signals that only the
// function itself should get.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace millrace::function {

// All processes below `root`, not itself, parents first; at most 4,096.
std::vector<pid_t> descendants(pid_t root);
// Private memory in RAM (RssAnon), 0 where it is gone.
uint64_t anonymous_bytes(pid_t pid);
// Processes whose environment has `entry` ("NAME=value"), wherever they hang in the tree.
std::vector<pid_t> processes_with(std::string_view entry);

}  // namespace millrace::function
