#include "src/cli/client/signer.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

// "get-vanilla" of the test suite that AWS publishes with its signature documents.
TEST(Signer, AgreesWithAwssOwnExample) {
    Signer signer({"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}, "us-east-1", "service");
    http::Headers headers;
    headers.add("host", "example.amazonaws.com");
    signer.sign("GET", "/", "", "", TimestampMs(1440938160000), headers);
    EXPECT_EQ(headers.get("x-amz-date"), "20150830T123600Z");
    EXPECT_EQ(headers.get("authorization"),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
              "SignedHeaders=host;x-amz-date, "
              "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(Signer, WithoutAKeyNothingIsAdded) {
    Signer signer({}, "us-east-1", "kinesis");
    http::Headers headers;
    headers.add("host", "localhost");
    signer.sign("POST", "/", "", "{}", TimestampMs(1440938160000), headers);
    EXPECT_EQ(headers.fields().size(), 1u);
}

}  // namespace
}  // namespace millrace::cli
