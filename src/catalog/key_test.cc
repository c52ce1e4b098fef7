#include "src/catalog/key.h"

#include <random>

#include <gtest/gtest.h>

namespace millrace::catalog {
namespace {

std::string encoded(const std::vector<std::string>& tuple) {
    std::string key;
    for (const std::string& component : tuple) append_component(key, component);
    return key;
}

TEST(Key, IsWrittenAsTheHeaderSays) {
    EXPECT_EQ(key_of({"d", std::string_view("a\0", 2)}), std::string("d\0\1a\0\xff\0\1", 8));
}

TEST(Key, EncodedOrderIsTheOrderOfTheTuplesAndDecodingGivesThemBack) {
    std::mt19937 random(7);
    const auto tuple = [&] {
        std::vector<std::string> components(random() % 4);
        for (auto& component : components) {
            for (size_t i = random() % 4; i > 0; --i) component.push_back("\0\1\2ab\xfe\xff"[random() % 7]);
        }
        return components;
    };
    for (int i = 0; i < 50'000; ++i) {
        const auto a = tuple(), b = tuple();
        ASSERT_EQ(a < b, encoded(a) < encoded(b));
        std::vector<std::string> back;
        ASSERT_TRUE(take_components(encoded(a), back));
        ASSERT_EQ(back, a);
    }
}

TEST(Key, BytesOutsideTheGrammarAreRefused) {
    std::vector<std::string> components;
    for (const std::string& bad :
         {std::string("abc"), std::string("a\0", 2), std::string("a\0\2", 3), std::string("a\0\1b", 4)}) {
        EXPECT_FALSE(take_components(bad, components));
    }
}

}  // namespace
}  // namespace millrace::catalog
