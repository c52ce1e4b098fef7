#include "src/gateway/http_api/answer_cache.h"

#include <gtest/gtest.h>

namespace millrace::gateway::http_api {
namespace {

TEST(AnswerCache, IsBoundedByBytesWhateverRequestsAskFor) {
    AnswerCache cache(1'000, 3'200);
    cache.put("a/prod/x", std::string(300, 'x'), 100);
    EXPECT_EQ(cache.find("a/prod/x", 0), std::nullopt) << "more than a 16th of all";
    cache.put("a/prod/x", std::string(92, 'x'), 100);
    EXPECT_TRUE(cache.find("a/prod/x", 99));
    for (int i = 0; i < 31; ++i) cache.put("a/prod/x", std::string(92, 'y'), 100);
    EXPECT_EQ(cache.find("a/prod/x", 99), std::string(92, 'y'));
    for (int i = 0; i < 31; ++i) cache.put("a/test/" + std::to_string(10 + i), std::string(91, 'x'), 100);
    EXPECT_TRUE(cache.find("a/prod/x", 99)) << "32 of a hundred bytes fit";
    cache.put("a/test/99", std::string(91, 'x'), 100);
    EXPECT_FALSE(cache.find("a/prod/x", 99)) << "the 33rd begins anew";
    EXPECT_TRUE(cache.find("a/test/99", 99));
    cache.forget("a/test/");
    EXPECT_FALSE(cache.find("a/test/99", 99));
    EXPECT_EQ(cache.find("a/prod/x", 100), std::nullopt);
}

}  // namespace
}  // namespace millrace::gateway::http_api
