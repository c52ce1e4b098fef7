#include "src/object/record.h"

#include <gtest/gtest.h>

#include "src/base/bytes.h"

namespace millrace::object {
namespace {

ObjectRecord example() {
    ObjectRecord record;
    record.info.size = 3;
    record.info.etag = "a";
    record.info.modified = TimestampMs(7);
    record.kind = BodyKind::file;
    record.body = 5;
    return record;
}

// The bytes on disk: a change here is a change of format.
TEST(Record, IsStoredAsTheHeaderSays) {
    EXPECT_EQ(hex_encode(encode(example())),
              "0101030201610307"
              "10021105");
    EXPECT_EQ(hex_encode(encode(std::vector<FileExtent>{{1, 2, 300}})), "01010102ac02");
    BucketInfo bucket;
    bucket.region = "r";
    bucket.created = TimestampMs(300);
    bucket.tags["k"] = "v";
    EXPECT_EQ(hex_encode(encode(bucket)), "0130017231ac022201016b0176");
    bucket.account = "1";
    EXPECT_EQ(hex_encode(encode(bucket)), "0130017231ac022201016b0176330131");
    EXPECT_EQ(decode_bucket(encode(bucket))->account, "1");
}

TEST(Record, KeepsEveryField) {
    ObjectRecord record = example();
    record.owner = 1'000'000'000'000;
    record.upload_id = "u";
    record.info.storage_class = "STANDARD_IA";
    record.info.checksum = Checksum{"CRC32", "AAAA-2", true};
    record.info.system = {{"content-type", "text/plain"}};
    record.info.user = {{"a", std::string("\0\xff", 2)}, {"b", ""}};
    record.info.tags = {{"t", "1"}};
    const Result<ObjectRecord> read = decode_object(encode(record));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(encode(*read), encode(record));
    EXPECT_EQ(read->info.user, record.info.user);
    EXPECT_EQ(read->owner, record.owner);
    EXPECT_TRUE(read->info.checksum->composite);
    const Result<ObjectInfo> listed = decode_listed(encode(record));
    ASSERT_TRUE(listed.ok());
    EXPECT_EQ(listed->size, 3u);
    EXPECT_EQ(listed->storage_class, "STANDARD_IA");
    EXPECT_TRUE(listed->user.empty());
}

TEST(Record, CutAnywhereIsCorruptOrShorterButNeverReadPastItsEnd) {
    ObjectRecord record = example();
    record.info.user = {{"name", "value"}};
    const std::string whole = encode(record);
    for (size_t size = 0; size < whole.size(); ++size) {
        const Result<ObjectRecord> read = decode_object(whole.substr(0, size));
        if (read.ok()) EXPECT_NE(encode(*read), whole);
    }
    EXPECT_EQ(decode_object("").error().code, ErrorCode::corruption);
    EXPECT_EQ(decode_object("\x02").error().code, ErrorCode::corruption);
    EXPECT_EQ(decode_object("\x01\x7f").error().code, ErrorCode::corruption);
    EXPECT_EQ(decode_extents(std::string("\x01\x02\x01\x01\x01", 5)).error().code, ErrorCode::corruption);
}

TEST(Keys, SortAsTheirKeysDo) {
    EXPECT_LT(keys::object("b", "a"), keys::object("b", std::string("a\0", 2)));
    EXPECT_LT(keys::object("b", "\x7f"), keys::object("b", "\xc3\xa9"));
    EXPECT_LT(keys::object("b", "zzz"), keys::object("b2", ""));
    EXPECT_LT(keys::upload("b", "a", "zz"), keys::upload("b", std::string("a\0", 2), "00"));
    EXPECT_EQ(keys::after_prefix("a\xff"), "b");
    EXPECT_EQ(keys::after_prefix("\xff"), "");
    const std::string odd("a\0\1b", 4);
    EXPECT_EQ(keys::key_of_upload(keys::upload("b", odd, "id"), keys::uploads_of("b")), odd);
    EXPECT_EQ(keys::number_in(keys::doomed(7, 9)), 7u);
    EXPECT_EQ(keys::number_in(keys::doomed(7, 9), 8), 9u);
}

}  // namespace
}  // namespace millrace::object
