// The child that runs a user's JQ (`millrace jq-worker`): jq has no bound on steps or memory, and `import` and `$ENV`
// look at the machine, so it runs where a loop or a leak ends with the child (lockdown.h), never in the server.
//
// Frames are query/channel.h's, one at a time in each direction:
//   parent  query   the program's text
//   child   go_on   it compiles                    | failed  text: jq's message
//   parent  rows    number of records, then texts
//   child   rows    for each: number 1, list of (name, value) texts | number 0, text: why not
#pragma once

#include <cstdint>

namespace millrace::flow {

constexpr uint64_t jq_memory_bytes_max = 512 << 20;  // address space of the child
constexpr uint64_t jq_keys_max = 50;                 // that one record may give: AWS's limit on partition keys

int jq_worker_main();  // returns the exit code

}  // namespace millrace::flow
