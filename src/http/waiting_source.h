// A response body that waits for somebody else to produce it, without holding a worker while it does.
#pragma once

#include <functional>

#include "src/http/message.h"

namespace millrace::http {

// SourcePump asks ready() before each read, so read() of such a source never has to block.
class WaitingSource : public BodySource {
  public:
    // True: read() returns at once (bytes, the end or an error). Else `wake` is kept and called once, when that has
    // become so: by any thread, perhaps before ready() returns; it may come late. On the connection's I/O thread: must
    // not block.
    virtual bool ready(std::function<void()> wake) = 0;
    bool live() const final { return true; }
};

}  // namespace millrace::http
