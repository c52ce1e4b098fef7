// Starting a child that gets one socket and nothing else of ours.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "src/base/result.h"

namespace millrace::query {

constexpr int child_socket = 3;  // the descriptor at which the child finds its socket

// Runs `program` with `arguments` (the first is its name) and `environment` alone, in a process group of its own.
// Descriptors 0 to 2 are /dev/null; `socket` becomes child_socket; all others are closed. io.
Result<pid_t> spawn_child(const std::string& program, std::vector<std::string> arguments,
                          std::vector<std::string> environment, int socket);

}  // namespace millrace::query
