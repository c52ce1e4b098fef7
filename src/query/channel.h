// The one socket between the engine and a jailed child. Frames: 4 bytes length of the payload (little-endian), 1 byte
// kind, the payload; descriptors ride along with the frame's head (SCM_RIGHTS).
//
// The child asks and the engine answers; the engine never speaks first (it cancels by killing). So each side is a plain
// loop, and the child's threads take turns (worker: Parent).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::query {

enum class MessageKind : uint8_t {
    ready = 1,  // child: locked down, give me the query. Answer: query
    query,      // parent: what to run
    table,      // child: what is this table? Answer: table_is or refused
    table_is,   // parent: TableDescription
    open,       // child: this object of this table, please. Answer: object_is with descriptors, or refused
    object_is,  // parent: extents; descriptors along with it
    columns,    // child: the result's columns. Answer: go_on
    rows,       // child: bytes of the result. Answer: go_on
    go_on,      // parent
    refused,    // parent: why not (code, message)
    done,       // child: statistics. The last
    failed,     // child: code, message, statistics. The last
};

// Owns one descriptor.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        reset(other.release());
        return *this;
    }
    ~Descriptor() { reset(-1); }
    int get() const { return value_; }
    int release() {
        const int value = value_;
        value_ = -1;
        return value;
    }
    void reset(int value);

  private:
    int value_ = -1;
};

struct Message {
    MessageKind kind = MessageKind::failed;
    std::string payload;
    std::vector<Descriptor> descriptors;
};

constexpr size_t message_bytes_max = 64 << 20;
constexpr size_t message_descriptors_max = 250;  // Linux takes 253 in one message

// Blocks until all is written. `deadline_ns` of the monotonic clock (0: none) bounds the wait: deadline_exceeded.
// unavailable where the other side is gone.
Status send_message(int socket, MessageKind kind, std::string_view payload, const std::vector<int>& descriptors = {},
                    int64_t deadline_ns = 0);
// corruption where the frame is longer than message_bytes_max or of no known kind.
Result<Message> receive_message(int socket, int64_t deadline_ns = 0);

}  // namespace millrace::query
