// What clients write in headers: names, ranges, tags, conditions, digests.
#include <gtest/gtest.h>

#include "src/service/s3/conditions.h"
#include "src/service/s3/integrity.h"
#include "src/service/s3/limits.h"
#include "src/service/s3/metadata.h"
#include "src/service/s3/names.h"
#include "src/service/s3/range.h"
#include "src/service/s3/tags.h"

namespace millrace::service::s3 {
namespace shapes = aws::s3;
namespace {

TEST(Names, OfBucketsFollowThePublishedRules) {
    for (const char* good : {"abc", "my-bucket", "a.b.c", "0ab", "my.bucket-1"})
        EXPECT_TRUE(is_bucket_name(good)) << good;
    for (const char* bad : {"ab", "Abc", "a_b", "-abc", "abc-", ".abc", "a..b", "192.168.1.1", "xn--abc", "abc-s3alias",
                            "abc--x-s3", "a/b", ""}) {
        EXPECT_FALSE(is_bucket_name(bad)) << bad;
    }
    EXPECT_TRUE(is_bucket_name(std::string(63, 'a')));
    EXPECT_FALSE(is_bucket_name(std::string(64, 'a')));
    EXPECT_TRUE(check_key(std::string(1024, 'a')).ok());
    EXPECT_EQ(check_key(std::string(1025, 'a')).error().code, "KeyTooLongError");
}

TEST(CopySource, IsAPathDecoded) {
    const auto source = parse_copy_source("/b/a%20b/../c%2Fd+e?versionId=null");
    ASSERT_TRUE(source.ok());
    EXPECT_EQ(source->bucket, "b");
    EXPECT_EQ(source->key, "a b/../c/d+e");
    EXPECT_EQ(parse_copy_source("b/k?versionId=abc").error().code, "NotImplemented");
    EXPECT_EQ(parse_copy_source("arn:aws:s3:::x/y").error().code, "NotImplemented");
    for (const char* bad : {"", "b", "/", "b/", "/b/"})
        EXPECT_EQ(parse_copy_source(bad).error().code, "InvalidArgument");
}

TEST(Encoding, IsThatOfListings) {
    EXPECT_EQ(percent_encode("a b/+*~\xc3\xa9\n"), "a%20b/%2B*%7E%C3%A9%0A");
    EXPECT_EQ(percent_decode("a%2", false), "a%2");
    EXPECT_EQ(percent_decode("%zz+%41", true), "%zz A");
    EXPECT_EQ(unquoted("\"abc\""), "abc");
    EXPECT_EQ(unquoted("abc"), "abc");
}

TEST(Range, FollowsTheRfcAndIgnoresTheRest) {
    const auto part = [](std::string_view header, uint64_t size) { return parse_range(header, size); };
    EXPECT_EQ(part("bytes=0-0", 10).range, (ByteRange{0, 1}));
    EXPECT_EQ(part("bytes=2-", 10).range, (ByteRange{2, 8}));
    EXPECT_EQ(part("bytes=2-100", 10).range, (ByteRange{2, 8}));
    EXPECT_EQ(part("bytes=-3", 10).range, (ByteRange{7, 3}));
    EXPECT_EQ(part("bytes=-30", 10).range, (ByteRange{0, 10}));
    EXPECT_EQ(part("bytes=0-99999999999999999999999", 10).range, (ByteRange{0, 10}));
    for (const char* out : {"bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999999-"}) {
        EXPECT_EQ(part(out, 10).kind, RangeKind::unsatisfiable) << out;
    }
    EXPECT_EQ(part("bytes=0-", 0).kind, RangeKind::unsatisfiable);
    for (const char* ignored :
         {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "items=0-1", "bytes=0-1,3-4"}) {
        EXPECT_EQ(part(ignored, 10).kind, RangeKind::whole) << ignored;
    }
    EXPECT_EQ(parse_copy_range("bytes=1-3"), (ByteRange{1, 3}));
    for (const char* bad : {"bytes=1-", "bytes=-1", "1-3", "bytes=3-1", "bytes=0-18446744073709551615"}) {
        EXPECT_EQ(parse_copy_range(bad), std::nullopt) << bad;
    }
}

TEST(Tags, AreCheckedAsS3Does) {
    const auto tags = parse_tagging_header("a=1&b%20c=d+e&f", 10);
    ASSERT_TRUE(tags.ok());
    EXPECT_EQ(*tags, (TagMap{{"a", "1"}, {"b c", "d e"}, {"f", ""}}));
    EXPECT_EQ(parse_tagging_header("a=1&a=2", 10).error().code, "InvalidTag");
    EXPECT_EQ(parse_tagging_header("=1", 10).error().code, "InvalidArgument");
    EXPECT_EQ(parse_tagging_header("aws:x=1", 10).error().code, "InvalidTag");
    EXPECT_EQ(parse_tagging_header("a=1&b=2", 1).error().code, "BadRequest");
    EXPECT_EQ(parse_tagging_header(std::string(129, 'k') + "=1", 10).error().code, "InvalidTag");
    std::string accented;
    for (int i = 0; i < 128; ++i) accented += "\xc3\xa9";  // characters count, not bytes
    EXPECT_TRUE(tags_of({{accented, "v"}}, 10).ok());
    EXPECT_EQ(tags_of({{"k", std::string(257, 'v')}}, 10).error().code, "InvalidTag");
}

TEST(Conditions, OfReadsHaveThePrecedenceOfTheRfc) {
    object::ObjectInfo info;
    info.etag = "e";
    info.modified = TimestampMs(10'500);
    const TimestampMs before(9'000), same(10'000), after(11'000);
    const auto code = [&](ReadConditions conditions) {
        const auto outcome = check_read(conditions, info);
        return outcome.ok() ? 200 : outcome.error().status;
    };
    EXPECT_EQ(code({}), 200);
    EXPECT_EQ(code({.if_match = "\"e\""}), 200);
    EXPECT_EQ(code({.if_match = "*"}), 200);
    EXPECT_EQ(code({.if_match = "\"x\", \"e\""}), 200);
    EXPECT_EQ(code({.if_match = "\"x\""}), 412);
    EXPECT_EQ(code({.if_none_match = "e"}), 304);
    EXPECT_EQ(code({.if_none_match = "\"x\""}), 200);
    EXPECT_EQ(code({.if_modified_since = same}), 304);  // whole seconds
    EXPECT_EQ(code({.if_modified_since = before}), 200);
    EXPECT_EQ(code({.if_unmodified_since = before}), 412);
    EXPECT_EQ(code({.if_unmodified_since = after}), 200);
    EXPECT_EQ(code({.if_match = "e", .if_unmodified_since = before}), 200);
    EXPECT_EQ(code({.if_none_match = "e", .if_modified_since = before}), 304);
    EXPECT_EQ(code({.if_none_match = "x", .if_modified_since = after}), 200);
    EXPECT_EQ(check_copy_source({.if_none_match = "e"}, info).error().status, 412);
    EXPECT_EQ(http_date(TimestampMs(1445412480000)), "Wed, 21 Oct 2015 07:28:00 GMT");
}

TEST(Conditions, OfWritesTakeWhatS3Takes) {
    object::PutOptions options;
    ASSERT_TRUE(take_write_conditions("\"e\"", std::nullopt, options).ok());
    EXPECT_EQ(options.if_match, "e");
    ASSERT_TRUE(take_write_conditions(std::nullopt, "*", options).ok());
    EXPECT_TRUE(options.if_none_match);
    EXPECT_EQ(take_write_conditions(std::nullopt, "\"e\"", options).error().status, 501);
}

TEST(Integrity, RefusesWhatItCanNotCheck) {
    EXPECT_EQ(*parse_content_md5("1B2M2Y8AsgTpgAmY7PhCfg=="), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(parse_content_md5("AAAA").error().code, "InvalidDigest");
    EXPECT_EQ(parse_content_md5("!").error().code, "InvalidDigest");
    EXPECT_EQ(known_algorithm("XXHASH3").error().code, "NotImplemented");
    EXPECT_EQ(known_algorithm("ROT13").error().code, "InvalidRequest");
    shapes::PutObjectInput input;
    input.ChecksumCRC32 = "AAAAAA==";
    http::RequestHead head;
    EXPECT_EQ(claims_of(input, head)->algorithm, "CRC32");
    input.ChecksumSHA1 = "2jmj7l5rSw0yVb/vlWAYkK/YBwk=";
    EXPECT_EQ(claims_of(input, head).error().code, "InvalidRequest");
    input = {};
    input.ChecksumCRC32 = "AAAA";
    EXPECT_EQ(claims_of(input, head).error().code, "InvalidRequest");
    input = {};
    head.headers.add("x-amz-trailer", "x-amz-checksum-crc64nvme");
    EXPECT_EQ(claims_of(input, head)->algorithm, "CRC64NVME");
}

TEST(Metadata, KeepsWhatBelongsToTheObject) {
    EXPECT_EQ(stored_encoding("aws-chunked"), "");
    EXPECT_EQ(stored_encoding("gzip, aws-chunked"), "gzip");
    EXPECT_EQ(stored_encoding(std::nullopt), std::nullopt);
    EXPECT_TRUE(check_user_metadata({{"a", std::string(2047, 'x')}}).ok());
    EXPECT_EQ(check_user_metadata({{"a", std::string(2048, 'x')}}).error().code, "MetadataTooLarge");
    EXPECT_EQ(*storage_class_of(std::nullopt), "STANDARD");
    EXPECT_EQ(storage_class_of("GLACIER").error().code, "NotImplemented");
    EXPECT_EQ(storage_class_of("x").error().code, "InvalidStorageClass");
    EXPECT_TRUE(check_acl("private").ok());
    EXPECT_EQ(check_acl("public-read").error().code, "AccessControlListNotSupported");
    EXPECT_EQ(check_version("abc").error().code, "InvalidArgument");
}

}  // namespace
}  // namespace millrace::service::s3
