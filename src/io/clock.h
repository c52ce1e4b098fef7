// Time comes in by constructor, so that a year is one line of a test.
#pragma once

#include <cstdint>

#include "src/base/named.h"

namespace millrace::io {

class Clock {
  public:
    virtual ~Clock() = default;
    virtual TimestampMs now() const = 0;       // wall clock; may step
    virtual int64_t monotonic_ns() const = 0;  // never goes back; for intervals
};

// The machine's clock; lives for ever; any thread.
const Clock& system_clock();

// A clock that moves when told; any thread.
class ManualClock;

}  // namespace millrace::io
