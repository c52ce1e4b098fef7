#include "src/service/logs/filter_pattern.h"

#include <gtest/gtest.h>

namespace millrace::service::logs {
namespace {

bool matches(std::string_view pattern, std::string_view message) {
    const auto compiled = FilterPattern::compile(pattern);
    EXPECT_TRUE(compiled.ok()) << pattern << ": " << (compiled.ok() ? "" : compiled.error().message);
    return compiled.ok() && compiled->matches(message);
}

TEST(FilterPattern, Terms) {
    EXPECT_TRUE(matches("", "anything"));
    EXPECT_TRUE(matches("ERROR", "Exiting with ERRORCODE: -1"));
    EXPECT_FALSE(matches("ERROR", "error"));
    EXPECT_TRUE(matches("ERROR code", "code ERROR"));
    EXPECT_FALSE(matches("ERROR -Exiting", "Exiting with ERRORCODE: -1"));
    EXPECT_TRUE(matches("?ERROR ?WARN", "WARN: x"));
    EXPECT_FALSE(matches("?ERROR ?WARN", "INFO: x"));
    EXPECT_TRUE(matches("\"INTERNAL SERVER\"", "500 INTERNAL SERVER ERROR"));
    EXPECT_FALSE(matches("\"INTERNAL SERVER\"", "SERVER INTERNAL"));
    EXPECT_TRUE(matches("-\"a b\"", "a c b"));
}

TEST(FilterPattern, Json) {
    const std::string_view message =
        R"({"e":"Update*","n":3.5,"z":null,"t":true,"a":[{"id":1},{"id":2}],"ip":"10.0.0.7","k.d":"x"})";
    EXPECT_TRUE(matches(R"({ $.ip = "10.0.*" })", message));
    EXPECT_TRUE(matches("{ $.ip = 10.* }", message));
    EXPECT_FALSE(matches(R"({ $.ip != "10.0.*" })", message));
    EXPECT_FALSE(matches(R"({ $.absent != "10.0.*" })", message));
    EXPECT_TRUE(matches("{$.n>=3.5&&$.n<4}", message));
    EXPECT_FALSE(matches("{ $.n > 3.5 }", message));
    EXPECT_TRUE(matches("{ $.a[1].id = 2 }", message));
    EXPECT_TRUE(matches("{ $.z IS NULL && $.t IS TRUE && $.q NOT EXISTS }", message));
    EXPECT_TRUE(matches("{ ($.n = 9 || $.t IS TRUE) && $.a[0].id = 1 }", message));
    EXPECT_FALSE(matches("{ $.n = 9 || $.t IS TRUE && $.a[0].id = 7 }", message));
    EXPECT_TRUE(matches("{ $['k.d'] = x }", message));
    EXPECT_FALSE(matches("{ $.n = 3.5 }", "not json"));
}

TEST(FilterPattern, Fields) {
    const std::string_view line =
        R"(127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534)";
    EXPECT_TRUE(matches("[ip, user, username, timestamp, request, status_code, bytes]", line));
    EXPECT_FALSE(matches("[ip, user, username, timestamp, request, status_code]", line));
    EXPECT_TRUE(matches("[ip, ..., request=*.html*, status_code=4*, bytes > 1000]", line));
    EXPECT_FALSE(matches("[ip, ..., status_code=4* && status_code != 404, bytes]", line));
    EXPECT_TRUE(matches("[..., s = 403 || s = 404, b]", line));
    EXPECT_TRUE(matches("[a=\"127*\", ...]", line));
}

TEST(FilterPattern, SaysWhatIsWrong) {
    for (const std::string_view bad : {"{ $.a = }", "{ $.a ! 1 }", "{ a = 1 }", "{ $.a = 1", "[a, ...", "[..., ...]",
                                       "\"open", "{ $.a < x }", "[a = 1 && b = 2]", "{ ($.a = 1 }", "?", "{}", "[]"}) {
        const auto compiled = FilterPattern::compile(bad);
        ASSERT_FALSE(compiled.ok()) << bad;
        EXPECT_EQ(compiled.error().code, ErrorCode::invalid_argument) << bad;
    }
    EXPECT_EQ(FilterPattern::compile("%a+%").error().code, ErrorCode::unsupported);
    EXPECT_EQ(FilterPattern::compile("{ $.a = %a+% }").error().code, ErrorCode::unsupported);
    EXPECT_EQ(FilterPattern::compile("{ $.a[*] = 1 }").error().code, ErrorCode::unsupported);
    std::string deep = "{ ";
    for (int i = 0; i < 400; ++i) deep += '(';
    EXPECT_FALSE(FilterPattern::compile(deep).ok());
}

}  // namespace
}  // namespace millrace::service::logs
