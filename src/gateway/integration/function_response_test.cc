#include "src/gateway/integration/function_response.h"

#include <gtest/gtest.h>

namespace millrace::gateway {
namespace {

TEST(FunctionResponse, WhatIsWellFormed) {
    const auto full = parse_function_response(
        R"({"statusCode":"201","headers":{"X-A":"1","x-b":true,"Content-Length":"9"},
            "multiValueHeaders":{"Set-Cookie":["a=1","b=2"],"x-a":["2"]},"body":"hi","isBase64Encoded":false})");
    ASSERT_TRUE(full.ok()) << full.error().message;
    EXPECT_EQ(full->status, 201);
    EXPECT_EQ(full->headers.get("x-a"), "2") << "multiValueHeaders come first";
    EXPECT_EQ(full->headers.get("x-b"), "true");
    EXPECT_EQ(full->headers.size(), 4u) << "two cookies, and no content-length";
    EXPECT_EQ(full->body, "hi");
    EXPECT_EQ(parse_function_response("{}")->status, 200);
    EXPECT_EQ(parse_function_response(R"({"statusCode":204.0,"body":null})")->status, 204);
    EXPECT_EQ(parse_function_response(R"({"statusCode":200,"body":5})")->body, "5");
}

TEST(FunctionResponse, WhatIsMalformed) {
    for (const char* bad :
         {"", "null", "[]", "\"text\"", R"({"statusCode":"ok"})", R"({"statusCode":99})", R"({"statusCode":600})",
          R"({"statusCode":200,"body":{"a":1}})", R"({"statusCode":200,"headers":[]})",
          R"({"statusCode":200,"headers":{"a b":"c"}})", R"({"statusCode":200,"headers":{"a":"x\r\ny: z"}})",
          R"({"statusCode":200,"headers":{"a":{}}})", R"({"statusCode":200,"multiValueHeaders":{"a":"b"}})",
          R"({"statusCode":200,"answer":1})", R"({"statusCode":200,"isBase64Encoded":"maybe"})"}) {
        EXPECT_FALSE(parse_function_response(bad).ok()) << bad;
    }
}

}  // namespace
}  // namespace millrace::gateway
