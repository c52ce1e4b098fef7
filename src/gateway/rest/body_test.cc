// The table of https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
#include "src/gateway/rest/body.h"

#include <gtest/gtest.h>

#include "src/http/content_coding.h"

namespace millrace::gateway {
namespace {

const std::string bytes("\x00\xFF", 2), encoded = "AP8=";

TEST(Body, OfRequests) {
    EXPECT_EQ(convert_request(bytes, true, ""), bytes);
    EXPECT_EQ(convert_request(bytes, true, "CONVERT_TO_TEXT"), encoded);
    EXPECT_EQ(convert_request(bytes, true, "CONVERT_TO_BINARY"), bytes);
    EXPECT_EQ(convert_request(encoded, false, "CONVERT_TO_BINARY"), bytes);
    EXPECT_EQ(convert_request("{}", false, "CONVERT_TO_TEXT"), "{}");
    EXPECT_EQ(convert_request("{}", false, "CONVERT_TO_BINARY"), std::nullopt);
}

TEST(Body, OfAnswers) {
    for (const bool accepts : {false, true}) {
        EXPECT_EQ(convert_answer(encoded, false, accepts, "CONVERT_TO_BINARY"), bytes);
        EXPECT_EQ(convert_answer(encoded, false, accepts, "CONVERT_TO_TEXT"), encoded);
        EXPECT_EQ(convert_answer(bytes, true, accepts, "CONVERT_TO_BINARY"), bytes);
        EXPECT_EQ(convert_answer(bytes, true, accepts, "CONVERT_TO_TEXT"), encoded);
    }
    EXPECT_EQ(convert_answer("{}", false, false, ""), "{}");
    EXPECT_EQ(convert_answer(encoded, false, true, ""), bytes);
    EXPECT_EQ(convert_answer("{}", false, true, ""), "{}") << "nobody said that it is base64";
    EXPECT_EQ(convert_answer(bytes, true, false, ""), encoded);
    EXPECT_EQ(convert_answer(bytes, true, true, ""), bytes);
}

TEST(Body, Compressed) {
    const std::string text(100'000, 'a');
    EXPECT_EQ(*http::decode_content("gzip", gzip(text), text.size()), text);
    EXPECT_LT(gzip(text).size(), 1000u);
    EXPECT_TRUE(accepts_gzip("deflate, gzip;q=0.5"));
    EXPECT_FALSE(accepts_gzip("identity, gzip;q=0"));
    EXPECT_FALSE(accepts_gzip(""));
}

}  // namespace
}  // namespace millrace::gateway
