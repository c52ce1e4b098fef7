#include "src/log/buffer.h"

#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::log {
namespace {

TEST(Buffers, AreAlignedAndLargeEnoughHoweverTheyAreReused) {
    std::mt19937_64 random(3);
    std::vector<Buffer> held;
    for (int i = 0; i < 5000; ++i) {
        const size_t bytes = 1 + random() % (size_t{1} << (random() % 24));
        Buffer buffer(bytes);
        ASSERT_GE(buffer.capacity(), bytes);
        ASSERT_LE(buffer.capacity(), bytes + bytes + 4096);
        ASSERT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % 4096, 0u);
        buffer.data()[0] = 'a';
        buffer.data()[buffer.capacity() - 1] = 'z';  // a sanitizer sees where that is not ours
        if (held.size() < 20) {
            held.push_back(std::move(buffer));
        } else {
            held[random() % held.size()] = std::move(buffer);
        }
    }
}

TEST(Buffers, AReturnedOneIsTheNextOne) {
    Buffer first(100'000);
    char* const data = first.data();
    first = Buffer();
    const Buffer second(100'000);
    EXPECT_EQ(second.data(), data);
}

}  // namespace
}  // namespace millrace::log
