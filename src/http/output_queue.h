// Bytes on their way to a peer: many small pieces gathered into few writes, large ones never copied.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include <sys/uio.h>

namespace millrace::http {

class OutputQueue {
  public:
    // A string to append small pieces to, at the end of the queue. Call grown() with the bytes appended.
    std::string& tail();
    void grown(size_t bytes) { size_ += bytes; }
    void append(std::string_view bytes);
    void append(std::string&& bytes);  // moved where large

    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    // Fills at most `count` entries with what is to be sent next; returns how many.
    int gather(iovec* entries, int count) const;
    void sent(size_t bytes);
    void clear();

  private:
    static constexpr size_t small_bytes_max = 16 * 1024;

    std::deque<std::string> pieces_;
    size_t offset_ = 0;  // sent of the first piece
    size_t size_ = 0;
};

}  // namespace millrace::http
