#include "src/aws/body_digests.h"

#include <gtest/gtest.h>

namespace millrace::aws {
namespace {

std::string code_of(std::vector<std::pair<std::string, std::string>> headers, bool required, bool of_body = true) {
    http::RequestHead head;
    for (auto& [name, value] : headers) head.headers.add(name, value);
    const std::optional<Failure> failure = check_body_digests(head, "123456789", required, of_body);
    return failure ? failure->code : "";
}

TEST(BodyDigests, HaveToMatchAndToComeWhereRequired) {
    EXPECT_EQ(code_of({}, false), "");
    EXPECT_EQ(code_of({}, true), "InvalidRequest");
    EXPECT_EQ(code_of({{"content-md5", "JfnnlDI7RTiF9RgfG2JNCw=="}}, true), "");
    EXPECT_EQ(code_of({{"content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="}}, false), "BadDigest");
    EXPECT_EQ(code_of({{"content-md5", "x"}}, false), "InvalidDigest");
    EXPECT_EQ(code_of({{"x-amz-checksum-crc32", "y/Q5Jg=="}}, true), "");
    EXPECT_EQ(code_of({{"x-amz-checksum-crc32", "AAAAAA=="}}, true), "BadDigest");
    EXPECT_EQ(code_of({{"x-amz-checksum-crc32c", "4waSgw=="}}, true), "");
    EXPECT_EQ(code_of({{"x-amz-checksum-crc64nvme", "rosUhgp5mIg="}}, true), "");
    EXPECT_EQ(code_of({{"x-amz-checksum-xxhash3", "AAAAAA=="}}, true), "NotImplemented");
    EXPECT_EQ(code_of({{"x-amz-checksum-crc32", "AAAAAA=="}}, false, false), "");
    EXPECT_EQ(code_of({{"x-amz-trailer", "x-amz-checksum-crc32"}}, true), "");
}

}  // namespace
}  // namespace millrace::aws
