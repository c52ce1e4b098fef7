// Memory for batches and commits, aligned for O_DIRECT and used again: at a gigabyte a second, mapping fresh pages
// for every commit costs more than the copy into them. One pool a process; what it keeps idle is bounded.
#pragma once

#include <cstddef>
#include <utility>

namespace millrace::log {

// Owns `capacity()` bytes at a 4096-byte boundary; gives them back to the pool. Any thread.
class Buffer {
  public:
    Buffer() = default;
    explicit Buffer(size_t bytes_min);
    ~Buffer();
    Buffer(Buffer&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), capacity_(std::exchange(other.capacity_, 0)) {}
    Buffer& operator=(Buffer&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(capacity_, other.capacity_);
        return *this;
    }
    char* data() const { return data_; }
    size_t capacity() const { return capacity_; }

  private:
    char* data_ = nullptr;
    size_t capacity_ = 0;
};

}  // namespace millrace::log
