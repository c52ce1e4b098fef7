// Whose process is at the other end of a loopback TCP connection?
#pragma once

#include <cstdint>

namespace millrace::function {

// The user id that owns the peer's socket, -1 where the kernel does not tell (inet_diag is missing). Of an IPv4
// connection within this machine.
int64_t peer_uid(int descriptor);

}  // namespace millrace::function
