#include "src/table/engine/repeats.h"

#include <random>

#include <gtest/gtest.h>

namespace millrace::table::engine {
namespace {

constexpr size_t bytes_max = 1 << 20;

std::string joined(const Shortened& shortened) {
    std::string all;
    for (const std::string_view part : shortened.parts) all += part;
    EXPECT_EQ(all.size(), shortened.bytes);
    return all;
}

TEST(Repeats, WhatStandsTwiceIsWrittenOnce) {
    const std::string image(1000, 'i');
    const std::string batch = "change" + image + "put" + image + "end";
    const Repeat repeat{6 + 1000 + 3, 6, 1000};
    const std::string once = joined(shorten(batch, {{repeat}}));
    EXPECT_EQ(once.size(), batch.size() - 1000 + 16);
    EXPECT_EQ(lengthen(once, bytes_max).value(), batch);
}

TEST(Repeats, ARepeatThatIsNoneIsLeftOut) {
    const std::string batch = "one two two one";
    const Repeat lies[] = {{4, 0, 3}, {4, 4, 3}, {0, 0, 100}, {8, 4, 3}, {9, 8, 7}, {16, 0, 1}, {8, SIZE_MAX, 3}};
    EXPECT_EQ(lengthen(joined(shorten(batch, lies)), bytes_max).value(), batch);
}

// Random batches out of earlier parts of themselves come back, and what is cut or changed is refused or read within
// bounds.
TEST(Repeats, AnyBatchComesBack) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::string batch;
        std::vector<Repeat> repeats;
        for (int part = 0; part < 12; ++part) {
            if (batch.empty() || random() % 2 == 0) {
                for (size_t bytes = random() % 90; bytes > 0; --bytes) batch.push_back(static_cast<char>(random()));
                continue;
            }
            const size_t size = random() % (batch.size() + 1);
            const size_t source = random() % (batch.size() - size + 1);
            repeats.push_back({batch.size(), source, size});
            batch += batch.substr(source, size);
        }
        std::string once = joined(shorten(batch, repeats));
        ASSERT_EQ(lengthen(once, bytes_max).value(), batch);
        once[random() % once.size()] = static_cast<char>(random());
        once.resize(random() % (once.size() + 1));
        static_cast<void>(lengthen(once, bytes_max));
    }
}

TEST(Repeats, ABombIsRefused) {
    std::string bomb = "byte";
    std::vector<Repeat> repeats;
    for (int i = 0; i < 10; ++i) {
        repeats.push_back({bomb.size(), 0, bomb.size()});
        bomb += bomb;
    }
    const std::string once = joined(shorten(bomb, repeats));
    EXPECT_EQ(lengthen(once, bomb.size()).value(), bomb);
    EXPECT_EQ(lengthen(once, bomb.size() - 1).error().code, ErrorCode::corruption);
}

}  // namespace
}  // namespace millrace::table::engine
