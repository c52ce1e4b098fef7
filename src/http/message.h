// What an HTTP exchange is to the rest of the house, whatever version carried it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/result.h"

namespace millrace::http {

// Header fields in the order they came, names lower-cased. HTTP/2's :authority is stored as "host".
// Cleared fields keep their strings' room: the server reuses heads, so that a request costs no allocation for them.
class Headers {
  public:
    using Field = std::pair<std::string, std::string>;

    Headers() = default;
    Headers(const Headers& other) : fields_(other.begin(), other.end()), count_(other.count_) {}
    Headers(Headers&& other) noexcept : fields_(std::move(other.fields_)), count_(std::exchange(other.count_, 0)) {
        other.fields_.clear();
    }
    Headers& operator=(Headers other) noexcept {
        fields_.swap(other.fields_);
        std::swap(count_, other.count_);
        return *this;
    }

    void add(std::string_view name, std::string_view value);
    void set(std::string_view name, std::string_view value);  // replaces every field of that name
    void remove(std::string_view name);
    void clear() { count_ = 0; }
    // The first field's value; nullptr where absent. `name` in lower case. Valid until the headers change.
    const std::string* find(std::string_view name) const;
    std::string_view get(std::string_view name) const {  // "" where absent
        const std::string* value = find(name);
        return value ? std::string_view(*value) : std::string_view();
    }
    std::span<const Field> fields() const { return {fields_.data(), count_}; }
    size_t size() const { return count_; }

  private:
    std::vector<Field>::const_iterator begin() const { return fields_.begin(); }
    std::vector<Field>::const_iterator end() const { return fields_.begin() + static_cast<ptrdiff_t>(count_); }

    std::vector<Field> fields_;  // from count_ on: room left from earlier use
    size_t count_ = 0;
};

struct RequestHead {
    std::string method;  // as sent: "POST"
    std::string path;    // raw (still percent-encoded), begins with '/'
    std::string query;   // raw, without '?'
    Headers headers;
    std::optional<uint64_t> content_length;
    int version = 11;          // 10, 11 or 20
    bool secure = false;       // came over TLS
    std::string peer_address;  // "127.0.0.1"
    uint16_t peer_port = 0;
};

// A request body that is read as it arrives. For worker threads: read() blocks until bytes, the end, or a failure
// (peer gone, too slow, too large). Unread bytes hold the sender back, so memory stays bounded.
class BodyReader {
  public:
    virtual ~BodyReader() = default;
    // Returns the number of bytes put in `out`, 0 at the end of the body. cancelled: the peer went away;
    // deadline_exceeded: it was slower than the limits allow; resource_exhausted: larger than allowed;
    // invalid_argument: its framing is broken. After a failure every read returns that failure; the handler still
    // answers (the peer may be listening), and the server then closes the connection.
    virtual Result<size_t> read(std::span<char> out) = 0;
};

// A response body that is produced as it is sent; called by one worker thread at a time, never by an I/O thread.
// Destroyed by a worker too, when the body is sent or the peer is gone (by an I/O thread only while the executor
// stops).
class BodySource {
  public:
    virtual ~BodySource() = default;
    // Fills up to out.size() bytes; 0 at the end. An error ends the exchange abruptly, so that the client can not
    // take a cut body for a whole one.
    virtual Result<size_t> read(std::span<char> out) = 0;
    // Whether what a read gave is to be sent at once: a source that waits for things to happen. Others are gathered
    // into larger writes.
    virtual bool live() const { return false; }
    // Where the rest of the body is a range of one file, that range: the server may use sendfile instead of read().
    struct FileRange {
        int descriptor;
        uint64_t offset;
        uint64_t size;
    };
    virtual std::optional<FileRange> file_range() const { return std::nullopt; }
};

struct Response {
    int status = 200;
    Headers headers;   // without content-length, connection and date: the server adds them
    std::string body;  // used where `source` is null
    std::unique_ptr<BodySource> source;
    std::optional<uint64_t> source_size;  // absent: chunked (HTTP/1.1) or until END_STREAM (HTTP/2)
    // For HEAD: the content-length to announce although no body is sent. Where absent, the body's (or source's) size is
    // announced: a HEAD may be answered as its GET would be, the server leaves the body out.
    std::optional<uint64_t> head_content_length;
    bool close = false;  // close the connection after this response
};

}  // namespace millrace::http
