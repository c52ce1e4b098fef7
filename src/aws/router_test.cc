#include "src/aws/router.h"

#include "tests/aws/example/example.h"
#include <gtest/gtest.h>

namespace millrace::aws {
namespace {

struct Bench {
    testing::Example example;
    std::vector<Service> services = testing::all_services(example);
    Router router{services};
};
const Router& router() {
    static Bench bench;
    return bench.router;
}

http::RequestHead head_of(std::string method, std::string target, std::string host = "127.0.0.1:4566") {
    http::RequestHead head;
    head.method = std::move(method);
    const size_t mark = std::min(target.find('?'), target.size());
    head.path = target.substr(0, mark);
    head.query = target.substr(std::min(mark + 1, target.size()));
    head.headers.add("host", host);
    return head;
}

// "service.operation found-as [labels]" of a restful S3 request.
std::string s3(std::string method, std::string target, std::string host = "127.0.0.1:4566", std::string header = "") {
    http::RequestHead head = head_of(std::move(method), std::move(target), std::move(host));
    if (!header.empty()) head.headers.add(header, "x");
    const Routed routed = router().route(head, "", "");
    if (routed.found == Found::malformed) return "malformed";
    std::string text(routed.operation_name);
    if (routed.found == Found::not_served) text += " (not served)";
    if (routed.found == Found::unknown_operation) return "unknown";
    for (const auto& [name, value] : routed.labels) text += " " + std::string(name) + "=" + value;
    return text;
}

TEST(Router, S3ByMethodPathAndQuery) {
    EXPECT_EQ(s3("GET", "/"), "ListBuckets (not served)");
    EXPECT_EQ(s3("PUT", "/b"), "CreateBucket Bucket=b");
    EXPECT_EQ(s3("PUT", "/b/"), "CreateBucket Bucket=b");
    EXPECT_EQ(s3("GET", "/b?location"), "GetBucketLocation Bucket=b");
    EXPECT_EQ(s3("GET", "/b?location="), "GetBucketLocation Bucket=b");
    EXPECT_EQ(s3("GET", "/b?list-type=2&prefix=x"), "ListObjectsV2 Bucket=b");
    EXPECT_EQ(s3("GET", "/b?prefix=x"), "ListObjects (not served) Bucket=b");
    EXPECT_EQ(s3("POST", "/b?delete"), "DeleteObjects Bucket=b");
    EXPECT_EQ(s3("PUT", "/b/k"), "PutObject Bucket=b Key=k");
    EXPECT_EQ(s3("PUT", "/b/k?x-id=PutObject"), "PutObject Bucket=b Key=k");
    EXPECT_EQ(s3("PUT", "/b/k", "h", "x-amz-copy-source"), "CopyObject (not served) Bucket=b Key=k");
    EXPECT_EQ(s3("PUT", "/b/k?partNumber=1&uploadId=u"), "UploadPart (not served) Bucket=b Key=k");
    EXPECT_EQ(s3("PUT", "/b/k?partNumber=1&uploadId=u", "h", "x-amz-copy-source"),
              "UploadPartCopy (not served) Bucket=b Key=k");
    EXPECT_EQ(s3("PUT", "/b/k?acl"), "PutObjectAcl (not served) Bucket=b Key=k");
    EXPECT_EQ(s3("PUT", "/b/k?tagging"), "PutObjectTagging (not served) Bucket=b Key=k");
    EXPECT_EQ(s3("GET", "/b/k?uploadId=u"), "ListParts (not served) Bucket=b Key=k");
    EXPECT_EQ(s3("POST", "/b/k?uploads"), "CreateMultipartUpload (not served) Bucket=b Key=k");
    EXPECT_EQ(s3("POST", "/b/k?uploadId=u"), "CompleteMultipartUpload (not served) Bucket=b Key=k");
    EXPECT_EQ(s3("DELETE", "/b/k?uploadId=u"), "AbortMultipartUpload (not served) Bucket=b Key=k");
    EXPECT_EQ(s3("HEAD", "/b/k"), "HeadObject Bucket=b Key=k");
    EXPECT_EQ(s3("HEAD", "/b"), "HeadBucket (not served) Bucket=b");
    EXPECT_EQ(s3("POST", "/b/k"), "unknown");
    EXPECT_EQ(s3("PATCH", "/b/k"), "unknown");
}

TEST(Router, KeysKeepTheirSlashesAndDots) {
    EXPECT_EQ(s3("GET", "/b/a//b/../c/"), "GetObject Bucket=b Key=a//b/../c/");
    EXPECT_EQ(s3("GET", "/b//"), "GetObject Bucket=b Key=/");
    EXPECT_EQ(s3("GET", "/b/a%2Fb%20c+d"), "GetObject Bucket=b Key=a/b c+d");
    EXPECT_EQ(s3("GET", "/b/%zz"), "malformed");
    EXPECT_EQ(s3("GET", "/b/%2"), "malformed");
}

TEST(Router, VirtualHostStyle) {
    for (const char* host : {"b.s3.localhost:4566", "b.localhost", "b.s3.eu-west-1.localhost:80", "b.s3.amazonaws.com",
                             "b.s3.eu-west-1.amazonaws.com", "b.s3-eu-west-1.amazonaws.com"}) {
        EXPECT_EQ(s3("GET", "/k/l", host), "GetObject Bucket=b Key=k/l") << host;
        EXPECT_EQ(s3("PUT", "/", host), "CreateBucket Bucket=b") << host;
    }
    EXPECT_EQ(s3("PUT", "/k", "dots.in.name.s3.localhost"), "PutObject Bucket=dots.in.name Key=k");
    for (const char* host : {"localhost:4566", "127.0.0.1:4566", "s3.localhost:4566", "s3.eu-west-1.localhost",
                             "s3.amazonaws.com", "s3.us-east-1.amazonaws.com", "[::1]:4566", "example.com", ""})
        EXPECT_EQ(s3("GET", "/b/k", host), "GetObject Bucket=b Key=k") << host;
}

TEST(Router, TargetsAndProtocols) {
    http::RequestHead head = head_of("POST", "/");
    head.headers.add("x-amz-target", "Kinesis_20131202.PutRecord");
    head.headers.add("content-type", "application/x-amz-json-1.1");
    Routed routed = router().route(head, "kinesis", "{}");
    EXPECT_EQ(routed.found, Found::served);
    EXPECT_EQ(routed.operation->name, "PutRecord");
    EXPECT_EQ(routed.protocol, Protocol::json_1_1);
    head.headers.set("content-type", "application/x-amz-cbor-1.1");
    EXPECT_EQ(router().route(head, "kinesis", "").protocol, Protocol::amz_cbor);
    head.headers.set("content-type", "application/x-amz-json-1.0");
    EXPECT_EQ(router().route(head, "kinesis", "").protocol, Protocol::json_1_0);
    head.headers.set("x-amz-target", "Kinesis_20131202.SplitShard");
    EXPECT_EQ(router().route(head, "", "").found, Found::not_served);
    head.headers.set("x-amz-target", "Kinesis_20131202.Nonsense");
    EXPECT_EQ(router().route(head, "", "").found, Found::unknown_operation);
    head.headers.set("x-amz-target", "DynamoDB_20120810.ListTables");
    routed = router().route(head, "dynamodb", "");
    EXPECT_EQ(routed.found, Found::unknown_service);
    EXPECT_EQ(routed.operation_name, "ListTables");
    head.headers.set("x-amz-target", "");
    EXPECT_EQ(router().route(head, "", "").found, Found::unknown_service);
}

TEST(Router, SmithyPaths) {
    http::RequestHead head = head_of("POST", "/service/GraniteServiceVersion20100801/operation/PutMetricData");
    head.headers.add("smithy-protocol", "rpc-v2-cbor");
    Routed routed = router().route(head, "monitoring", "");
    EXPECT_EQ(routed.found, Found::served);
    EXPECT_EQ(routed.protocol, Protocol::rpc_cbor);
    EXPECT_EQ(routed.operation->name, "PutMetricData");
    head.path = "/prefix/service/GraniteServiceVersion20100801/operation/ListMetrics";
    EXPECT_EQ(router().route(head, "", "").found, Found::not_served);
    for (const char* path : {"/", "/service/", "/operation/x", "/operation/service/", "/service/operation/"}) {
        head.path = path;
        EXPECT_NE(router().route(head, "", "").found, Found::served) << path;
    }
}

TEST(Router, Forms) {
    http::RequestHead head = head_of("POST", "/");
    head.headers.add("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    Routed routed = router().route(head, "sts", "Action=GetCallerIdentity&Version=2011-06-15");
    EXPECT_EQ(routed.found, Found::served);
    EXPECT_EQ(routed.protocol, Protocol::query);
    EXPECT_EQ(router().route(head, "", "Action=GetCallerIdentity&Version=2011-06-15").found, Found::served);
    EXPECT_EQ(router().route(head, "sts", "Action=GetSessionToken&Version=2011-06-15").found, Found::not_served);
    EXPECT_EQ(router().route(head, "sts", "Action=Nonsense").found, Found::unknown_operation);
    EXPECT_EQ(router().route(head, "sns", "Action=ListTopics&Version=2010-03-31").found, Found::unknown_service);
    EXPECT_EQ(router().route(head, "sts", "Action=%zz").found, Found::malformed);
    // CloudWatch still understands what its model once said.
    EXPECT_EQ(router().route(head, "monitoring", "Action=PutMetricData&Version=2010-08-01").found, Found::served);
    const http::RequestHead get = head_of("GET", "/?Action=GetCallerIdentity&Version=2011-06-15");
    EXPECT_EQ(router().route(get, "sts", "").found, Found::served);
}

TEST(Router, RestfulServicesByTheirScope) {
    const http::RequestHead head = head_of("POST", "/2015-03-31/functions/name/invocations");
    EXPECT_EQ(router().route(head, "lambda", "").operation->name, "Invoke");
    EXPECT_EQ(router().route(head_of("GET", "/2015-03-31/functions"), "lambda", "").found, Found::not_served);
    EXPECT_EQ(router().route(head_of("GET", "/nonsense"), "lambda", "").found, Found::unknown_operation);
    EXPECT_EQ(router().route(head_of("GET", "/restapis"), "apigateway", "").found, Found::unknown_service);
}

}  // namespace
}  // namespace millrace::aws
