// Bytes on disk, held to the worked example of FORMAT.md. This test may only ever be added to: a change of what it
// expects is a change of the format, and old logs would no longer read.
#include "src/log/format.h"

#include "src/base/bytes.h"
#include "src/log/log_testing.h"
#include "src/log/mark_file.h"
#include "src/log/scan.h"
#include "src/log/segment.h"

namespace millrace::log {
namespace {

std::string unhex(std::string_view text) {
    std::string compact;
    for (const char c : text) {
        if (c != ' ' && c != '\n') compact += c;
    }
    std::string bytes;
    EXPECT_TRUE(hex_decode(compact, &bytes));
    return bytes;
}

constexpr uint64_t salt = 0x1122334455667788;

// FORMAT.md, "Worked example": one commit at position 4096 with one run of shard 7 and two records.
constexpr std::string_view golden_block =
    "4d424c4bd344eea1"
    "8877665544332211"
    "0010000000000000"
    "0000000000000000"
    "0010000000000000"
    "0068e5cf8b010000"
    "8800000001000000"
    "0000000000000000"
    "0700000000000000"
    "0200000021000000"
    "eda3097c00000000"
    "00000000d38638a3"
    "050000000200000088be5740"
    "6b3168656c6c6f"
    "0000000002000000c927e6c0"
    "6b32"
    "00000000000000";
constexpr std::string_view golden_segment_header =
    "4d524c4f47534547"
    "0100000000000000"
    "0000000000000000"
    "0040000000000000"
    "8877665544332211"
    "efcdab0000000000"
    "0068e5cf8b010000"
    "0000000033c11757";

std::string example_block() {
    std::string block(64 + 32 + 40, '\0');
    char* records = block.data() + 96;
    std::memcpy(records + 12, "k1hello", 7);
    const uint32_t first = seal_record(records, 2, 5);
    std::memcpy(records + 19 + 12, "k2", 2);
    const uint32_t second = seal_record(records + 19, 2, 0);
    encode(RunHeader{.shard = 7,
                     .record_count = 2,
                     .bytes = 33,
                     .records_crc = extend_records_crc(extend_records_crc(0, first), second)},
           salt, 4096 + 64, block.data() + 64);
    encode(BlockHeader{.position = 4096,
                       .previous = 0,
                       .durable_mark = 4096,
                       .time_ms = 1'700'000'000'000,
                       .length = 136,
                       .run_count = 1},
           salt, block.data());
    return block;
}

TEST(Format, TheWorkedExampleIsWhatIsWritten) {
    EXPECT_EQ(hex_encode(example_block()), hex_encode(unhex(golden_block)));
    std::string header(segment_header_bytes, 'x');
    encode(SegmentHeader{.base = 0, .bytes = 16384, .salt = salt, .log_id = 0xabcdef, .created_ms = 1'700'000'000'000},
           header.data());
    EXPECT_EQ(hex_encode(header.substr(0, 64)), hex_encode(unhex(golden_segment_header)));
    EXPECT_EQ(header.substr(64), std::string(segment_header_bytes - 64, '\0'));
}

TEST(Format, TheWorkedExampleReads) {
    const std::string block = unhex(golden_block);
    const auto header = decode_block_header(block, salt, 4096);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->length, 136u);
    EXPECT_FALSE(decode_block_header(block, salt + 1, 4096));  // another use of the file
    EXPECT_FALSE(decode_block_header(block, salt, 8192));      // another place
    const auto run = decode_run_header(std::string_view(block).substr(64), salt, 4160);
    ASSERT_TRUE(run);
    EXPECT_EQ(run->shard, 7u);
    EXPECT_FALSE(decode_run_header(std::string_view(block).substr(64), salt, 4168));
    const auto record = decode_record_header(std::string_view(block).substr(96));
    ASSERT_TRUE(record);
    EXPECT_EQ(record->key_bytes, 2u);
    EXPECT_EQ(record->data_bytes, 5u);
    EXPECT_TRUE(record_checksum_fits(std::string_view(block).substr(96), *record));
}

TEST(Format, SegmentNamesSayWhatIsInThem) {
    const SegmentName name{.base = 0x8000000, .bytes = 0x8000000};
    EXPECT_EQ(name.text(), "seg-0000000008000000-08000000.log");
    EXPECT_EQ(SegmentName::parse(name.text())->base, name.base);
    for (const char* other : {"", "seg-0000000008000000-08000000.log.idx", "seg-000000000800000g-08000000.log",
                              "seg-0000000008000000-00000000.log", "SEG-0000000008000000-08000000.log"}) {
        EXPECT_FALSE(SegmentName::parse(other)) << other;
    }
}

TEST(Format, AnIndexComesBackAndADamagedOneDoesNot) {
    SegmentIndex index{.base = 1 << 20, .salt = 5, .last_block = (1 << 20) + 5000, .end = 9000, .first_time_ms = 10};
    index.add(3, {.offset = 4096, .bytes = 100, .records = 2, .after_first_ms = 0});
    index.add(9, {.offset = 4200, .bytes = 60, .records = 1, .after_first_ms = 7});
    index.add(3, {.offset = 5000, .bytes = 48, .records = 1, .after_first_ms = 9});
    index.corrupt.push_back({6000, 7000});
    const std::string bytes = encode(index);
    const auto back = decode_segment_index(bytes, 1 << 20, 5);
    ASSERT_TRUE(back);
    EXPECT_EQ(encode(*back), bytes);
    EXPECT_FALSE(decode_segment_index(bytes, 1 << 20, 6));
    for (size_t bit = 0; bit < bytes.size() * 8; bit += 5) {
        std::string damaged = bytes;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(decode_segment_index(damaged, 1 << 20, 5));
    }
    EXPECT_FALSE(decode_segment_index(std::string_view(bytes).substr(0, bytes.size() - 8), 1 << 20, 5));
}

TEST(Format, TheMarkSurvivesATornWrite) {
    io::FaultyFileSystem files;
    ASSERT_TRUE(files.make_directories("/log").ok());
    auto mark = std::move(MarkFile::open(files, "/log/mark", 1)).value();
    ASSERT_TRUE(mark->write(1000).ok());
    ASSERT_TRUE(mark->write(2000).ok());
    files.fail_write(1, EIO, 20);
    ASSERT_FALSE(mark->write(3000).ok());
    mark = std::move(MarkFile::open(files, "/log/mark", 1)).value();
    EXPECT_EQ(mark->position(), 2000u);
    EXPECT_EQ(std::move(MarkFile::open(files, "/log/mark", 2)).value()->position(), 0u);  // another log's
}

}  // namespace
}  // namespace millrace::log
