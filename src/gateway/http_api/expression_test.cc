#include "src/gateway/http_api/expression.h"

#include <gtest/gtest.h>

#include "src/gateway/http_api/request_mapping.h"
#include "src/gateway/http_api/throttle.h"

namespace millrace::gateway::http_api {
namespace {

std::optional<std::string> value(std::string_view expression) {
    return evaluate(expression, [](std::string_view name) -> std::optional<std::string> {
        if (name == "request.header.x") return "X";
        if (name == "context.requestId") return "id";
        return std::nullopt;
    });
}

TEST(Expression, VariablesStandAloneOrInBraces) {
    EXPECT_EQ(value("$request.header.x"), "X");
    EXPECT_EQ(value("$request.header.y"), std::nullopt);
    EXPECT_EQ(value("${request.header.x}-${context.requestId}-${nothing}"), "X-id-");
    EXPECT_EQ(value("static"), "static");
    EXPECT_EQ(value("a${unfinished"), "a${unfinished");
    EXPECT_TRUE(check_expression("$request.body.a.b", false).ok());
    EXPECT_TRUE(check_expression("${response.header.x}", true).ok());
    EXPECT_FALSE(check_expression("${response.header.x}", false).ok());
    EXPECT_FALSE(check_expression("$request.cookie.x", false).ok());
    EXPECT_FALSE(check_expression("${request.header.x", false).ok());
}

TEST(Expression, BodiesAreReadByPath) {
    EXPECT_EQ(body_value(R"({"a":{"b":"text","n":1.5,"l":[1,2]}})", "a.b"), "text");
    EXPECT_EQ(body_value(R"({"a":{"n":1.5}})", "a.n"), "1.5");
    EXPECT_EQ(body_value(R"({"a":{"l":[1,2]}})", "a.l"), "[1,2]");
    EXPECT_EQ(body_value(R"({"a":1})", "b"), std::nullopt);
    EXPECT_EQ(body_value("no json", "b"), std::nullopt);
}

TEST(Mapping, ReservedHeadersAreRefused) {
    EXPECT_TRUE(check_mapping_key("append:header.x-own", false).ok());
    EXPECT_TRUE(check_mapping_key("overwrite:path", false).ok());
    EXPECT_TRUE(check_mapping_key("overwrite:statuscode", true).ok());
    for (const char* key : {"append:header.Authorization", "overwrite:header.X-Amz-Date", "append:path", "overwrite:x",
                            "append:header.a b", "set:header.x", "overwrite:statuscode", "append:querystring."}) {
        EXPECT_FALSE(check_mapping_key(key, false).ok()) << key;
    }
    EXPECT_FALSE(check_mapping_key("append:querystring.x", true).ok());
}

TEST(Throttle, ABucketRunsDryAndFillsAgain) {
    HttpApi api;
    api.id = "a";
    Stage stage;
    stage.name = "$default";
    Throttle throttle;
    EXPECT_TRUE(throttle.admit(api, stage, "GET /", 0));
    stage.settings.rate_limit = 2;
    stage.settings.burst_limit = 3;
    const auto admitted = [&](const char* key, int64_t ms) {
        int count = 0;
        while (count < 100 && throttle.admit(api, stage, key, ms * 1'000'000)) ++count;
        return count;
    };
    EXPECT_EQ(admitted("GET /", 0), 3);
    EXPECT_EQ(admitted("GET /", 1'000), 2);
    EXPECT_EQ(admitted("GET /other", 1'000), 3);
    EXPECT_EQ(admitted("GET /", 60'000), 3);
    stage.route_settings["GET /"].rate_limit = 0;
    stage.route_settings["GET /"].burst_limit = 0;
    EXPECT_EQ(admitted("GET /", 120'000), 0);
}

}  // namespace
}  // namespace millrace::gateway::http_api
