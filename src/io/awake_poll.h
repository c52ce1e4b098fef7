// poll(2) for waits on somebody who may stand still together with us.
#pragma once

#include <cstdint>

#include <poll.h>

namespace millrace::io {

// As poll(2), with EINTR, but for what the process stands still meanwhile (awake_time.h), which is not of the timeout.
int awake_poll(pollfd* descriptors, nfds_t count, int timeout_ms);

// What the calling thread stood still inside awake_poll(), all in all: for whoever bounds several such waits by one
// time.
int64_t stood_still_ms();

}  // namespace millrace::io
