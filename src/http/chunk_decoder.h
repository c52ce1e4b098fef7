// Takes the chunked transfer coding (RFC 9112, section 7.1) off a body, in pieces of any size.
//
//     body = *( size [;extension] CRLF data CRLF ) "0" [;extension] CRLF *( trailer CRLF ) CRLF
//
// As strict as the head parser, for the same reason. Extensions are checked, bounded and dropped; trailers are handed
// over line by line, and most callers drop them: what AWS signs in a trailer travels inside the body (aws-chunked).
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::http {

class ChunkDecoder {
  public:
    // One step: what was found at the front of the bytes given.
    struct Step {
        size_t taken = 0;          // bytes of coding and data taken
        std::string_view data;     // inside the bytes given; empty where the step took coding only
        std::string_view trailer;  // "name: value", inside the bytes given; empty where the step took none
        bool done = false;         // the body has ended; `taken` bytes belong to it
        bool bad = false;          // see message()
    };
    // With taken == 0 and neither done nor bad, more bytes are needed. Data is at most `data_bytes_max` bytes long.
    Step next(std::string_view bytes, size_t data_bytes_max);

    std::string_view message() const { return message_; }  // valid for ever
    // Data of the chunk under way that has not come yet: that many bytes may be read straight to where they go, and
    // are then reported with skip().
    uint64_t data_left() const { return state_ == State::data ? left_ : 0; }
    void skip(uint64_t bytes);
    void reset() { *this = ChunkDecoder(trailer_bytes_max_); }

    static constexpr size_t line_bytes_max = 4096;
    static constexpr size_t overhead_bytes_max = 64 * 1024;  // all extensions, and all trailers, of one body

    ChunkDecoder() = default;
    // A single trailer may be as long as that.
    explicit ChunkDecoder(size_t trailer_bytes_max) : trailer_bytes_max_(trailer_bytes_max) {}

  private:
    enum class State : uint8_t { size, data, data_end, trailer };
    Step size_line(std::string_view bytes);
    Step trailer_line(std::string_view bytes);
    Step bad(std::string_view message);

    size_t trailer_bytes_max_ = line_bytes_max;
    State state_ = State::size;
    uint64_t left_ = 0;
    size_t overhead_ = 0;
    std::string_view message_;
};

}  // namespace millrace::http
