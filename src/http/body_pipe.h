// A streamed request body on its way from an I/O thread to the worker that reads it.
//
// It holds at most `capacity` bytes: where the worker is slower than the sender, the connection stops reading (HTTP/1)
// or stops widening the flow-control window (HTTP/2), and the sender waits. Memory per body is constant.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "src/http/message.h"

namespace millrace::http {

class BodyPipe final : public BodyReader {
  public:
    static constexpr size_t capacity = 1 << 20;

    // Called by the worker inside read(), without locks held: it waits for bytes for the first time (100 Continue), and
    // it has taken `bytes` bytes since the last call, which make room. Set before the first read.
    struct Hooks {
        std::function<void()> wanted;
        std::function<void(size_t bytes)> taken;
    };
    void set_hooks(Hooks hooks) { hooks_ = std::move(hooks); }

    // --- the worker. As BodyReader says.
    Result<size_t> read(std::span<char> out) override;

    // --- the connection's I/O thread
    // Bytes that may be pushed now. 0 once abandoned.
    size_t room();
    void push(std::string_view bytes);
    void finish();           // the body is whole
    void fail(Error error);  // reads return it from now on; what was pushed before is dropped
    // True where the worker waits for bytes that have not come.
    bool starved();

  private:
    // How much the worker takes before it says so: often enough that the sender does not stall, seldom enough that a
    // large body costs few wake-ups.
    static constexpr size_t taken_step = capacity / 4;

    std::mutex mutex_;
    std::condition_variable arrived_;
    Hooks hooks_;
    std::deque<std::string> pieces_;  // guarded by mutex_, as all below
    size_t offset_ = 0;               // read of the first piece
    size_t size_ = 0;
    size_t taken_unsaid_ = 0;
    bool finished_ = false;
    bool waiting_ = false;
    bool wanted_said_ = false;
    std::optional<Error> failure_;
};

}  // namespace millrace::http
