// Strings to sign and signatures of "Signing and authenticating REST requests (AWS signature version 2)", and what can
// be done to a URL that somebody else has signed.
#include "src/aws/sigv2.h"

#include "tests/aws/example/example.h"
#include <gtest/gtest.h>

#include "src/aws/query.h"
#include "src/aws/router.h"

namespace millrace::aws {
namespace {

constexpr char secret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

http::RequestHead head_of(std::string method, std::string path, std::string query, std::string_view host) {
    http::RequestHead head;
    head.method = std::move(method);
    head.path = std::move(path);
    head.query = std::move(query);
    head.headers.add("host", host);
    return head;
}

std::string string_to_sign(const http::RequestHead& head, std::string_view expires) {
    std::string text;
    EXPECT_TRUE(append_string_to_sign_v2(head, expires, &text));
    return text;
}

AuthForm form_of(const http::RequestHead& head) {
    Authorization authorization;
    parse_authorization(head, &authorization);
    return authorization.form;
}

// The page's example of a query string; the bucket was still called johnsmith when its signature was made.
TEST(SigV2, QueryStringRequestAuthentication) {
    const http::RequestHead head =
        head_of("GET", "/photos/puppy.jpg",
                "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620",
                "johnsmith.s3.amazonaws.com");
    Authorization authorization;
    parse_authorization(head, &authorization);
    ASSERT_EQ(authorization.form, AuthForm::presigned_v2);
    EXPECT_EQ(authorization.scope.access_key, "AKIAIOSFODNN7EXAMPLE");
    EXPECT_EQ(authorization.date_time, "1175139620");
    const std::string text = string_to_sign(head, authorization.date_time);
    EXPECT_EQ(text, "GET\n\n\n1175139620\n/johnsmith/photos/puppy.jpg");
    EXPECT_EQ(signature_v2(secret, text), authorization.signature);
    const http::RequestHead path_style =
        head_of("GET", "/johnsmith/photos/puppy.jpg", head.query, "s3.us-west-1.amazonaws.com");
    EXPECT_EQ(string_to_sign(path_style, "1175139620"), text);
}

TEST(SigV2, ABucketsPathMayBeSignedWithOrWithoutItsFinalSlash) {
    const http::RequestHead head = head_of("GET", "/bucket", "prefix=a", "localhost");
    for (const char* path : {"/bucket", "/bucket/"})
        EXPECT_TRUE(is_signed_v2(head, "1", secret, signature_v2(secret, std::string("GET\n\n\n1\n") + path))) << path;
    EXPECT_FALSE(is_signed_v2(head, "1", secret, signature_v2(secret, "GET\n\n\n1\n/bucket//")));
    EXPECT_FALSE(is_signed_v2(head, "1", secret, ""));
    const http::RequestHead object = head_of("GET", "/bucket/key", "", "localhost");
    EXPECT_FALSE(is_signed_v2(object, "1", secret, signature_v2(secret, "GET\n\n\n1\n/bucket/key/")));
    const http::RequestHead closed = head_of("GET", "/bucket/", "", "localhost");
    EXPECT_FALSE(is_signed_v2(closed, "1", secret, signature_v2(secret, "GET\n\n\n1\n/bucket")));
}

// The examples of the header form, which differ in their date's place alone.
TEST(SigV2, ObjectGetOfTheDocumentation) {
    const http::RequestHead head =
        head_of("GET", "/photos/puppy.jpg", "", "awsexamplebucket1.s3.us-west-1.amazonaws.com");
    EXPECT_EQ(signature_v2(secret, string_to_sign(head, "Tue, 27 Mar 2007 19:36:42 +0000")),
              "qgk2+6Sv9/oM7G3qLEjTH1a1l1g=");
}

TEST(SigV2, UploadOfTheDocumentation) {
    http::RequestHead head = head_of("PUT", "/static.awsexamplebucket1.net/db-backup.dat.gz", "", "localhost");
    head.headers.add("x-amz-acl", "public-read");
    head.headers.add("content-type", "application/x-download");
    head.headers.add("content-md5", "4gJE4saaMU4BqNR0kLY+lw==");
    head.headers.add("x-amz-meta-reviewedby", " joe@awsexamplebucket1.net ");
    head.headers.add("x-amz-meta-filechecksum", "0x02661779");
    head.headers.add("x-amz-meta-reviewedby", "jane@awsexamplebucket1.net");
    head.headers.add("x-amz-meta-checksumalgorithm", "crc32");
    head.headers.add("content-encoding", "gzip");
    head.headers.add("x-amz-date", "in no string to sign of a query");
    const std::string text = string_to_sign(head, "Tue, 27 Mar 2007 21:06:08 +0000");
    EXPECT_EQ(text,
              "PUT\n4gJE4saaMU4BqNR0kLY+lw==\napplication/x-download\nTue, 27 Mar 2007 21:06:08 +0000\n"
              "x-amz-acl:public-read\nx-amz-meta-checksumalgorithm:crc32\nx-amz-meta-filechecksum:0x02661779\n"
              "x-amz-meta-reviewedby:joe@awsexamplebucket1.net,jane@awsexamplebucket1.net\n"
              "/static.awsexamplebucket1.net/db-backup.dat.gz");
    EXPECT_EQ(signature_v2(secret, text), "dKZcB+bz2EPXgSdXZp9ozGeOM4I=");
}

TEST(SigV2, SubresourcesAreSortedAndTheirValuesDecoded) {
    const http::RequestHead head = head_of("GET", "/fran%C3%A7ais/pr%c3%a9f",
                                           "uploadId=a%2Bb&prefix=x&acl&response-content-type=text%2Fplain%3B+x&"
                                           "AWSAccessKeyId=A&response%2Dexpires=1&partNumber=",
                                           "localhost:4566");
    EXPECT_EQ(string_to_sign(head, "1"),
              "GET\n\n\n1\n/fran%C3%A7ais/pr%c3%a9f"
              "?acl&partNumber=&response-content-type=text/plain; x&response-expires=1&uploadId=a+b");
    std::string text;
    EXPECT_FALSE(append_string_to_sign_v2(head_of("GET", "/", "acl=%4", "h"), "1", &text));
}

TEST(SigV2, EveryParameterThatSelectsAnOperationIsSignedOrRefused) {
    testing::Example example;
    const Service service = testing::s3_service(example);
    size_t checked = 0;
    const auto check = [&checked](std::string_view operation, std::string_view name) {
        if (name == "list-type" || name == "x-id") return;  // the same listing in another shape; nothing at all
        const std::string field = std::string(name) + "=1";
        const bool is_signed =
            string_to_sign(head_of("GET", "/b/k", field, "h"), "1").find("?" + field) != std::string::npos;
        const bool refused = unsigned_selector_of(head_of("GET", "/b/k", field, "h")) == name;
        EXPECT_NE(is_signed, refused) << operation << " " << name;
        ++checked;
    };
    for (const OperationModel& operation : service.model->operations) {
        const size_t mark = operation.request_uri.find('?');
        Fields literals;
        if (mark != std::string_view::npos) parse_form(operation.request_uri.substr(mark + 1), &literals);
        for (const auto& [name, value] : literals) check(operation.name, name);
        // Beside a literal, a required parameter selects nothing by itself.
        if (!literals.empty()) continue;
        for (const std::string_view name : operation.required_query) check(operation.name, name);
    }
    EXPECT_GT(checked, 80u);
}

TEST(SigV2, HeadersThatCameAsParametersAreSignedAsHeaders) {
    http::RequestHead head = head_of("PUT", "/b/k", "x-amz-meta-a=1+2&AWSAccessKeyId=A&x-amz-acl=private", "h");
    const std::string text = "PUT\n\n\n1\nx-amz-acl:private\nx-amz-meta-a:1 2\n/b/k";
    EXPECT_EQ(string_to_sign(head, "1"), text);
    head.headers.add("x-amz-meta-a", "1 2");  // said twice, signed once
    EXPECT_EQ(string_to_sign(head, "1"), text);
    EXPECT_EQ(unsigned_selector_of(head), "");
    head.headers.set("x-amz-meta-a", "2");
    EXPECT_EQ(unsigned_selector_of(head), "x-amz-meta-a");
    EXPECT_EQ(unsigned_selector_of(head_of("PUT", "/b/k", "x-amz-acl=a&x-amz-acl=b", "h")), "x-amz-acl");
    EXPECT_EQ(unsigned_selector_of(head_of("PUT", "/b/k", "X-Amz-Acl=a", "h")), "x-amz-acl");
    EXPECT_EQ(unsigned_selector_of(head_of("GET", "/b/k", "%61ttributes", "h")), "attributes");
}

TEST(SigV2, OnlyS3sPresignedUrlsAreOfThisForm) {
    EXPECT_EQ(form_of(head_of("GET", "/b/k", "AWSAccessKeyId=A&Signature=x", "h")), AuthForm::presigned_v2);
    EXPECT_EQ(form_of(head_of("GET", "/", "Action=ListQueues&AWSAccessKeyId=A&Signature=x", "h")), AuthForm::other);
    EXPECT_EQ(form_of(head_of("GET", "/", "AWSAccessKeyId=A&Signature=x&SignatureVersion=2", "h")), AuthForm::other);
    EXPECT_EQ(form_of(head_of("GET", "/b/k", "AWSAccessKeyId=A", "h")), AuthForm::none);
    http::RequestHead head = head_of("GET", "/b/k", "AWSAccessKeyId=A&Signature=x&Expires=9999999999", "h");
    head.headers.add("authorization", "AWS A:x");
    EXPECT_EQ(form_of(head), AuthForm::other);
}

}  // namespace
}  // namespace millrace::aws
