// What all sources together hold of what their destinations do not take. Any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace millrace::source {

class HeldBytes {
  public:
    explicit HeldBytes(uint64_t max) : left_(max) {}
    // False where there is not as much left; then nothing is taken.
    bool take(uint64_t bytes) {
        uint64_t left = left_;
        while (left >= bytes) {
            if (left_.compare_exchange_weak(left, left - bytes)) return true;
        }
        return false;
    }
    void give_back(uint64_t bytes) { left_ += bytes; }

  private:
    std::atomic<uint64_t> left_;
};

}  // namespace millrace::source
