// A request while the server holds it, and the pool that lets the next one reuse its memory.
#pragma once

#include <cstdlib>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "src/http/message.h"

namespace millrace::http {

// Bytes with room for padding behind them; never zero-filled, so that room promised to a slow sender costs no memory
// until it sends.
class BodyBuffer {
  public:
    BodyBuffer() = default;
    ~BodyBuffer() { std::free(data_); }
    BodyBuffer(const BodyBuffer&) = delete;
    BodyBuffer& operator=(const BodyBuffer&) = delete;

    void reserve(size_t bytes);  // at least that many in all; keeps what is there
    void append(std::string_view bytes);
    // Room behind what is there: written to by the caller, then taken in with grow().
    char* tail() { return data_ + size_; }
    size_t room() const { return capacity_ - size_; }
    void grow(size_t bytes) { size_ += bytes; }
    void pad();  // zeroes body_padding bytes behind the end

    std::string_view view() const { return {data_, size_}; }
    size_t size() const { return size_; }
    size_t capacity() const { return capacity_; }
    void clear() { size_ = 0; }
    void release();

  private:
    char* data_ = nullptr;
    size_t size_ = 0;
    size_t capacity_ = 0;  // without the padding
};

struct Request {
    RequestHead head;
    BodyBuffer body;
    uint64_t reserved_bytes = 0;  // of the memory budget

    void clear();
};

// Any thread.
class RequestPool {
  public:
    ~RequestPool();
    Request* take();
    void give_back(Request* request);

  private:
    static constexpr size_t kept_max = 256;
    static constexpr size_t kept_body_bytes_max = 64 * 1024;

    std::mutex mutex_;
    std::vector<Request*> free_;
};

}  // namespace millrace::http
