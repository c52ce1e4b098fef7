#include "src/log/buffer.h"

#include <algorithm>
#include <array>
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
constexpr size_t octaves = 12;  // 4 KiB to 8 MiB and over
struct SizeClass {
    size_t bytes;
    size_t index;
};
SizeClass class_of(size_t bytes) {
    size_t octave = pooled_bytes_min;
    size_t index = 0;
    for (; octave * 2 <= bytes; octave *= 2) index += 8;
    const size_t step = std::max<size_t>(octave / 8, disk_block_bytes);
    const size_t rounded = align_up(std::max(bytes, octave), step);
    index += (rounded - octave) * 8 / octave;  // a whole octave up is the next octave's first step
    return {rounded, index};
}

struct Pool {
    std::mutex mutex;
    std::array<std::vector<char*>, octaves * 8> idle;  // by size class
    std::array<size_t, octaves * 8> capacity{};
    size_t idle_bytes = 0;
    size_t victim = 0;  // the class that gives something up next
};

Pool& pool() {
    static Pool* const one = new Pool;  // never destroyed: buffers may outlive main()'s statics
    return *one;
}

}  // namespace

Buffer::Buffer(size_t bytes_min) {
    const SizeClass wanted = class_of(bytes_min);
    capacity_ = wanted.bytes;
    if (capacity_ <= pooled_bytes_max) {
        Pool& shared = pool();
        std::lock_guard lock(shared.mutex);
        for (size_t i = wanted.index; i <= wanted.index + 4 && i < shared.idle.size();
             ++i) {  // up to half as much more
            if (shared.idle[i].empty()) continue;
            data_ = shared.idle[i].back();  // the newest, whose bytes are the likeliest in the cache
            shared.idle[i].pop_back();
            capacity_ = shared.capacity[i];
            shared.idle_bytes -= capacity_;
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
        const size_t index = class_of(capacity_).index;
        std::lock_guard lock(shared.mutex);
        shared.idle[index].push_back(data_);
        shared.capacity[index] = capacity_;
        shared.idle_bytes += capacity_;
        while (shared.idle_bytes > idle_bytes_max) {  // every class in turn: sizes out of use do not stay for ever
            shared.victim = (shared.victim + 1) % shared.idle.size();
            if (shared.idle[shared.victim].empty()) continue;
            surplus.push_back(shared.idle[shared.victim].back());
            shared.idle[shared.victim].pop_back();
            shared.idle_bytes -= shared.capacity[shared.victim];
        }
    } else {
        surplus.push_back(data_);
    }
    for (char* data : surplus) std::free(data);
}

}  // namespace millrace::log
