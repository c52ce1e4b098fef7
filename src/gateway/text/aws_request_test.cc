#include "src/gateway/text/aws_request.h"

#include <gtest/gtest.h>

namespace millrace::gateway {
namespace {

bool asked(std::string_view path, std::string_view query, std::string_view header = "", std::string_view value = "") {
    http::RequestHead head;
    head.path = path;
    head.query = query;
    if (!header.empty()) head.headers.add(header, value);
    return is_for_aws(head);
}

TEST(AwsRequest, WhatIsSignedForAwsIsNoDomains) {
    const auto signed_for = [](const std::string& service) {
        return "AWS4-HMAC-SHA256 Credential=AKID/20261121/us-east-1/" + service +
               "/aws4_request, SignedHeaders=host, Signature=00";
    };
    EXPECT_TRUE(asked("/", "", "authorization", signed_for("s3")));
    EXPECT_TRUE(asked("/", "", "authorization", signed_for("apigateway")));
    EXPECT_FALSE(asked("/", "", "authorization", signed_for("execute-api")));
    EXPECT_FALSE(asked("/", "", "authorization", "Bearer abc"));
    EXPECT_TRUE(asked("/", "", "authorization", "AWS AKID:abc"));
    EXPECT_TRUE(asked("/b/k", "X-Amz-Credential=AKID%2F20261121%2Fus-east-1%2Fs3%2Faws4_request&x=execute-api"));
    EXPECT_FALSE(asked("/b/k", "X-Amz-Credential=AKID%2F20261121%2Fus-east-1%2Fexecute-api%2Faws4_request"));
    EXPECT_TRUE(asked("/b/k", "AWSAccessKeyId=AKID&Expires=1&Signature=abc"));
    EXPECT_TRUE(asked("/", "", "x-amz-target", "Kinesis_20131202.PutRecord"));
    EXPECT_TRUE(asked("/_millrace/health", ""));
    EXPECT_FALSE(asked("/orders", "Signature=abc"));
}

}  // namespace
}  // namespace millrace::gateway
