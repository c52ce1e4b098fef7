#include "src/log/buffer.h"

#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

#include "src/base/result.h"
#include "src/log/format.h"

namespace millrace::log {
namespace {

constexpr size_t idle_bytes_max = 24 << 20;   // kept for the next user
constexpr size_t pooled_bytes_min = 4 << 10;  // smaller ones are malloc's business, and there are none
constexpr size_t pooled_bytes_max = 8 << 20;  // larger ones are rare: back to the system at once

// Sizes are rounded to eight steps an octave, so that commits of about the same size find each other's buffers.
size_t rounded(size_t bytes) {
    size_t octave = pooled_bytes_min;
    while (octave * 2 <= bytes) octave *= 2;
    return align_up(bytes, std::max<size_t>(octave / 8, disk_block_bytes));
}

struct Pool {
    struct Idle {
        char* data;
        size_t capacity;
    };
    std::mutex mutex;
    std::vector<Idle> idle;  // the newest, whose bytes are the likeliest in the cache, last
    size_t idle_bytes = 0;
};

Pool& pool() {
    static Pool* const one = new Pool;  // never destroyed: buffers may outlive main()'s statics
    return *one;
}

}  // namespace

Buffer::Buffer(size_t bytes_min) : capacity_(rounded(bytes_min)) {
    if (capacity_ <= pooled_bytes_max) {
        Pool& shared = pool();
        std::lock_guard lock(shared.mutex);
        for (size_t i = shared.idle.size(); i-- > 0;) {
            if (shared.idle[i].capacity < capacity_ || shared.idle[i].capacity > capacity_ + capacity_ / 2) continue;
            data_ = shared.idle[i].data;
            capacity_ = shared.idle[i].capacity;
            shared.idle_bytes -= capacity_;
            shared.idle.erase(shared.idle.begin() + static_cast<ptrdiff_t>(i));
            return;
        }
    }
    data_ = static_cast<char*>(std::aligned_alloc(disk_block_bytes, capacity_));
    if (!data_) throw std::bad_alloc();
}

Buffer::~Buffer() {
    if (!data_) return;
    std::vector<char*> surplus;
    if (capacity_ <= pooled_bytes_max) {
        Pool& shared = pool();
        std::lock_guard lock(shared.mutex);
        shared.idle.push_back({data_, capacity_});
        shared.idle_bytes += capacity_;
        size_t drop = 0;
        for (; shared.idle_bytes > idle_bytes_max; ++drop) {
            shared.idle_bytes -= shared.idle[drop].capacity;
            surplus.push_back(shared.idle[drop].data);
        }
        shared.idle.erase(shared.idle.begin(), shared.idle.begin() + static_cast<ptrdiff_t>(drop));
    } else {
        surplus.push_back(data_);
    }
    for (char* data : surplus) std::free(data);
}

}  // namespace millrace::log
