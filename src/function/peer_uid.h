// Whose process is at the other end of a loopback TCP connection?
#pragma once

#include <cstdint>

namespace millrace::function {

// The user id that owns the peer's socket, -1 where the kernel does not tell: inet_diag is missing, or the peer has
// reset the connection meanwhile. Of an IPv4 connection within this machine.
int64_t peer_uid(int descriptor);

// Whether the kernel tells at all, tried once. Where it does, a peer that it says nothing of is nobody's friend: what
// it sent before its reset can still be read.
bool peer_uids_are_told();

}  // namespace millrace::function
