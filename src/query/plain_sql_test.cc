#include "src/query/plain_sql.h"

#include <gtest/gtest.h>

namespace millrace::query {
namespace {

TEST(PlainSql, AnswersAsTextAndNull) {
    Result<PlainSql> sql = PlainSql::open();
    ASSERT_TRUE(sql.ok());
    Result<PlainRows> rows = sql->run("SELECT 1, CAST(2.50 AS DECIMAL(10,3)) * 3, NULL, 'a' ORDER BY 1");
    ASSERT_TRUE(rows.ok()) << rows.error().message;
    EXPECT_EQ(*rows, (PlainRows{{"1", "7.500", std::nullopt, "a"}}));
}

TEST(PlainSql, AnErrorIsAResult) {
    Result<PlainSql> sql = PlainSql::open();
    Result<PlainRows> rows = sql->run("SELECT nothing_like_it");
    ASSERT_FALSE(rows.ok());
    EXPECT_NE(rows.error().message.find("nothing_like_it"), std::string::npos);
}

}  // namespace
}  // namespace millrace::query
