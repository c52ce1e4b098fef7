#include "src/http/message.h"

#include <gtest/gtest.h>

namespace millrace::http {
namespace {

TEST(Headers, keep_order_and_find_the_first) {
    Headers headers;
    headers.add("a", "1");
    headers.add("b", "2");
    headers.add("a", "3");
    EXPECT_EQ(headers.get("a"), "1");
    EXPECT_EQ(headers.find("c"), nullptr);
    headers.set("a", "4");
    ASSERT_EQ(headers.size(), 2u);
    EXPECT_EQ(headers.fields()[0].first, "b");
    EXPECT_EQ(headers.fields()[1].second, "4");
}

TEST(Headers, cleared_ones_show_nothing_of_earlier_use_even_when_copied_or_moved) {
    Headers headers;
    headers.add("secret", "1");
    headers.add("other", "2");
    headers.clear();
    EXPECT_EQ(headers.find("secret"), nullptr);
    headers.add("new", "3");
    Headers copy = headers;
    EXPECT_EQ(copy.size(), 1u);
    Headers moved = std::move(headers);
    EXPECT_EQ(moved.size(), 1u);
    EXPECT_EQ(headers.size(), 0u);  // NOLINT: a moved-from one is empty
    headers.add("again", "4");
    EXPECT_EQ(headers.get("again"), "4");
    copy = moved;
    EXPECT_EQ(copy.get("new"), "3");
}

}  // namespace
}  // namespace millrace::http
