// The worked examples of AWS's documentation: "Authenticating Requests: Using the Authorization Header", "... Using
// Query Parameters" and "Signature Calculations: Transferring Payload in Multiple Chunks" of the S3 API reference, and
// the derivation of a signing key in the IAM user guide.
#include "src/aws/sigv4.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "src/aws/router.h"
#include "src/aws/signer.h"
#include "src/aws/time_text.h"
#include "src/base/bytes.h"

namespace millrace::aws {
namespace {

constexpr char key_id[] = "AKIAIOSFODNN7EXAMPLE";
constexpr char secret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

http::RequestHead s3_head(std::string method, std::string path, std::string query = "") {
    http::RequestHead head;
    head.method = std::move(method);
    head.path = std::move(path);
    head.query = std::move(query);
    head.headers.add("host", "examplebucket.s3.amazonaws.com");
    return head;
}

std::string signature_of(const http::RequestHead& head, const std::vector<std::string_view>& names,
                         std::string_view payload_hash, bool presigned = false) {
    std::string canonical, to_sign;
    EXPECT_TRUE(append_canonical_request(head, names, payload_hash, true, presigned, &canonical));
    append_string_to_sign("20130524T000000Z", "20130524/us-east-1/s3/aws4_request", canonical, &to_sign);
    const Sha256Hex hex = hex_of(signing_key(secret, "20130524", "us-east-1", "s3").tag(to_sign));
    return std::string(view_of(hex));
}

TEST(SigV4, SigningKeyOfTheUserGuide) {
    const HmacSha256 key = signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "iam");
    const Sha256Hex hex =
        hex_of(key.tag("AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n"
                       "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"));
    EXPECT_EQ(view_of(hex), "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(SigV4, GetObject) {
    http::RequestHead head = s3_head("GET", "/test.txt");
    head.headers.add("range", "bytes=0-9");
    head.headers.add("x-amz-content-sha256", empty_sha256);
    head.headers.add("x-amz-date", "20130524T000000Z");
    EXPECT_EQ(signature_of(head, {"host", "range", "x-amz-content-sha256", "x-amz-date"}, empty_sha256),
              "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SigV4, PutObjectWithAPathThatNeedsEncoding) {
    constexpr std::string_view hash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    http::RequestHead head = s3_head("PUT", "/test%24file.text");
    head.headers.add("date", "Fri, 24 May 2013 00:00:00 GMT");
    head.headers.add("x-amz-content-sha256", hash);
    head.headers.add("x-amz-date", "20130524T000000Z");
    head.headers.add("x-amz-storage-class", "REDUCED_REDUNDANCY");
    const std::vector<std::string_view> names = {"date", "host", "x-amz-content-sha256", "x-amz-date",
                                                 "x-amz-storage-class"};
    EXPECT_EQ(signature_of(head, names, hash), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    head.path = "/test$file.text";  // as some clients send it
    EXPECT_EQ(signature_of(head, names, hash), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SigV4, QueryWithoutValueAndQueryOfTwo) {
    const std::vector<std::string_view> names = {"host", "x-amz-content-sha256", "x-amz-date"};
    http::RequestHead head = s3_head("GET", "/", "lifecycle");
    head.headers.add("x-amz-content-sha256", empty_sha256);
    head.headers.add("x-amz-date", "20130524T000000Z");
    EXPECT_EQ(signature_of(head, names, empty_sha256),
              "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    head.query = "prefix=J&max-keys=2";
    EXPECT_EQ(signature_of(head, names, empty_sha256),
              "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SigV4, PresignedUrl) {
    const http::RequestHead head =
        s3_head("GET", "/test.txt",
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"
                "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
                "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    Authorization authorization;
    parse_authorization(head, &authorization);
    ASSERT_EQ(authorization.form, AuthForm::presigned);
    EXPECT_EQ(authorization.scope.access_key, key_id);
    EXPECT_EQ(authorization.expires_s, 86400u);
    EXPECT_EQ(signature_of(head, authorization.signed_headers, unsigned_payload, true), authorization.signature);
    Signer signer({key_id, secret}, "us-east-1", "s3");
    const http::RequestHead bare = s3_head("GET", "/test.txt");
    EXPECT_EQ(signer.presigned_query(bare, *parse_basic_date_time("20130524T000000Z"), 86400), head.query);
}

TEST(SigV4, PathsOutsideS3AreNormalisedAndEncodedTwice) {
    http::RequestHead head = s3_head("GET", "/a//b/./c/../d%20e/");
    std::string canonical;
    ASSERT_TRUE(append_canonical_request(head, {"host"}, "HASH", false, false, &canonical));
    EXPECT_EQ(canonical, "GET\n/a/b/d%2520e/\n\nhost:examplebucket.s3.amazonaws.com\n\nhost\nHASH");
}

TEST(SigV4, HeadersAreTrimmedJoinedAndMustBePresent) {
    http::RequestHead head = s3_head("GET", "/");
    head.headers.add("my-header", "  a   b  c  ");
    head.headers.add("my-header", "d");
    std::string canonical;
    ASSERT_TRUE(append_canonical_request(head, {"my-header"}, "HASH", true, false, &canonical));
    EXPECT_EQ(canonical, "GET\n/\n\nmy-header:a b c,d\n\nmy-header\nHASH");
    EXPECT_FALSE(append_canonical_request(head, {"absent"}, "HASH", true, false, &canonical));
}

TEST(SigV4, AuthorizationHeaders) {
    const std::string good =
        "AWS4-HMAC-SHA256 Credential=AK/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;x,"
        "Signature=" +
        std::string(64, 'a');
    const auto form_of = [](std::string_view value) {
        http::RequestHead head;
        head.headers.add("authorization", value);
        Authorization authorization;
        parse_authorization(head, &authorization);
        return authorization.form;
    };
    EXPECT_EQ(form_of(good), AuthForm::header);
    std::string blanks = good;
    std::replace(blanks.begin(), blanks.end(), ',', ' ');
    EXPECT_EQ(form_of(blanks), AuthForm::header);
    EXPECT_EQ(form_of("AWS4-HMAC-SHA256  Credential=AK/2/3/4/aws4_request ,\tSignedHeaders=host Signature=1 "),
              AuthForm::header)
        << "what is wrong in it is told of the date, and of the signature";
    EXPECT_EQ(form_of("AWS4-HMAC-SHA256 Credential= AK/20130524/us-east-1/s3/aws4_request, SignedHeaders=host, "
                      "Signature=1"),
              AuthForm::unreadable);
    EXPECT_EQ(form_of(good.substr(0, good.find(",Sig"))), AuthForm::unreadable);
    EXPECT_EQ(form_of("AWS4-HMAC-SHA256"), AuthForm::unreadable);
    EXPECT_EQ(form_of("AWS4-HMAC-SHA256 Credential=AK/20130524/s3/aws4_request, SignedHeaders=host, Signature=1"),
              AuthForm::unreadable);
    EXPECT_EQ(form_of("AWS4-ECDSA-P256-SHA256 Credential=x"), AuthForm::asymmetric);
    EXPECT_EQ(form_of("Basic dXNlcjpwYXNz"), AuthForm::other);
    EXPECT_EQ(form_of("AWS AK:sig"), AuthForm::other);
}

TEST(Sha256, PiecesAndHmacAreTheWhole) {
    Sha256 pieces;
    pieces.update("ab");
    pieces.update("c");
    const Sha256Digest whole = sha256_of("abc");
    EXPECT_EQ(pieces.finish(), whole);
    EXPECT_EQ(hex_encode(view_of(whole)), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    pieces.update("abc");  // it began anew
    EXPECT_EQ(pieces.finish(), whole);
    // RFC 4231, cases 2 and 6 (a key longer than a block).
    EXPECT_EQ(hex_encode(view_of(HmacSha256("Jefe").tag("what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex_encode(view_of(
                  HmacSha256(std::string(131, '\xaa')).tag("Test Using Larger Than Block-Size Key - Hash Key First"))),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace millrace::aws
