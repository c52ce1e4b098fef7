#include "src/cli/client/api.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

TEST(Endpoint, IsAnAddressAndAPort) {
    EXPECT_EQ(parse_endpoint("http://127.0.0.1:4566")->url(), "http://127.0.0.1:4566");
    EXPECT_EQ(parse_endpoint("http://localhost:80/")->host, "localhost");
    EXPECT_EQ(parse_endpoint("http://[::1]:4566")->host, "::1");
    EXPECT_EQ(parse_endpoint("http://[::1]:4566")->url(), "http://[::1]:4566");
    for (const char* bad : {"", "http://", "localhost", "http://:1", "http://h:", "http://h:70000", "http://h:1x"}) {
        EXPECT_FALSE(parse_endpoint(bad).ok()) << bad;
    }
}

TEST(Endpoint, HttpsIsRefusedByName) {
    EXPECT_EQ(parse_endpoint("https://localhost:4566").error().code, ErrorCode::unsupported);
}

TEST(Json, StringsAreEscaped) {
    EXPECT_EQ(json_quoted("a\"b\\c\n\x01\xc2\xa3"), "\"a\\\"b\\\\c\\n\\u0001\xc2\xa3\"");
}

}  // namespace
}  // namespace millrace::cli
