// Reads the head of an HTTP/1.x request: the request line and the header fields, up to the empty line.
//
// Two readers of one byte stream that disagree about where a request ends can be made to see different requests
// (request smuggling). So this parser takes only what RFC 9112 writes, with none of the leniencies it allows: lines end
// in CR LF and nothing else; no white space before a colon; no folded lines; one Host; either Content-Length, once or
// equal each time, or "Transfer-Encoding: chunked", never both; control characters nowhere. What it refuses carries the
// status to answer with, and the connection must be closed after it: where the next request begins is unknown.
#pragma once

#include <cstdint>
#include <string_view>

#include "src/http/message.h"

namespace millrace::http {

// How the body is delimited and what becomes of the connection.
struct Framing {
    bool chunked = false;
    bool keep_alive = true;
    bool expect_continue = false;
};

class HeadParser {
  public:
    enum class Outcome : uint8_t { more, done, bad };

    // A longer head (line ends included), or more than fields_max fields, is bad with 431, a longer target with 414.
    explicit HeadParser(uint32_t bytes_max) : bytes_max_(bytes_max) {}

    // Takes whole lines off the front of `bytes` into `head` and says how many bytes it took. With `more`, the rest is
    // an unfinished line, to be passed again with what follows it. After `done`, reset() begins the next head.
    Outcome feed(std::string_view bytes, size_t* taken, RequestHead* head);

    const Framing& framing() const { return framing_; }
    // After `bad`: what to answer. The view is valid for ever.
    int status() const { return status_; }
    std::string_view message() const { return message_; }
    // True once a byte of the request line was taken.
    bool started() const { return started_; }
    void reset();

    static constexpr size_t fields_max = 256;
    static constexpr size_t target_bytes_max = 32 * 1024;

  private:
    bool request_line(std::string_view line, RequestHead* head);
    bool target(std::string_view target, RequestHead* head);
    bool field(std::string_view line, RequestHead* head);
    bool known_field(std::string_view name, std::string_view value, RequestHead* head);
    bool content_length(std::string_view value, RequestHead* head);
    void connection(std::string_view value);
    bool finish(RequestHead* head);
    bool bad(int status, std::string_view message);

    const uint32_t bytes_max_;
    Framing framing_;
    size_t taken_ = 0;    // of this head
    size_t scanned_ = 0;  // of the unfinished line: no line feed in there
    bool started_ = false;
    bool host_ = false;
    bool transfer_encoding_ = false;
    bool close_ = false;
    bool keep_alive_ = false;
    std::string authority_;  // of an absolute target: it stands in for Host
    int status_ = 0;
    std::string_view message_;
};

}  // namespace millrace::http
