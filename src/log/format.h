// The bytes of a segment file: structures, their encoding, and when each is valid. FORMAT.md is the grammar in words,
// with a worked example; format_test.cc holds both to a golden file. Everything is little-endian.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "src/log/log.h"

namespace millrace::log {

constexpr uint32_t format_version = 1;
constexpr size_t disk_block_bytes = 4096;      // what O_DIRECT wants; the segment header takes one
constexpr size_t segment_header_bytes = 4096;  // of which the first 64 say something
constexpr size_t block_header_bytes = 64;
constexpr size_t run_header_bytes = 32;
constexpr size_t record_header_bytes = 12;
constexpr size_t alignment_bytes = 8;  // of blocks and runs
constexpr uint32_t key_bytes_max = 65'535;
constexpr uint32_t data_bytes_max = 1u << 30;

constexpr uint64_t align_up(uint64_t value, uint64_t to) {
    return (value + to - 1) / to * to;
}
constexpr uint64_t align_down(uint64_t value, uint64_t to) {
    return value / to * to;
}

struct SegmentHeader {
    uint64_t base = 0;   // logical position of the file's first byte
    uint64_t bytes = 0;  // size of the file
    uint64_t salt = 0;   // random, new each time that the file is (re)used: what an earlier use left never fits
    uint64_t log_id = 0;
    int64_t created_ms = 0;
};
void encode(const SegmentHeader& header, char* out);  // segment_header_bytes, zero-padded
// nullopt: damaged, or not a segment header. `unsupported` is set where it is one of a later version.
std::optional<SegmentHeader> decode_segment_header(std::string_view bytes, bool* unsupported);

// One commit. Its position is where it lies, which the header repeats.
struct BlockHeader {
    uint64_t position = 0;
    uint64_t previous = 0;      // the commit before, 0 for the first of a log
    uint64_t durable_mark = 0;  // everything below was known durable when this was written
    int64_t time_ms = 0;
    uint32_t length = 0;  // with header and padding; a multiple of 8
    uint32_t run_count = 0;
};
void encode(const BlockHeader& header, uint64_t salt, char* out);
// Valid for this place only: magic, checksum, salt and position fit, and the reserved flags are zero.
std::optional<BlockHeader> decode_block_header(std::string_view bytes, uint64_t salt, uint64_t position);

// A cheap first look at 4 bytes, for searches.
bool may_be_block_header(const char* bytes);

// Records of one shard that came in one batch. Followed by `bytes` bytes of records and padding to 8.
struct RunHeader {
    uint64_t shard = 0;
    uint32_t record_count = 0;
    uint32_t bytes = 0;
    uint32_t records_crc = 0;  // CRC32C over the records' checksums in order: no stale record slips in
};
void encode(const RunHeader& header, uint64_t salt, uint64_t position, char* out);
std::optional<RunHeader> decode_run_header(std::string_view bytes, uint64_t salt, uint64_t position);

struct RecordHeader {
    uint32_t data_bytes = 0;
    uint16_t key_bytes = 0;
    uint32_t crc = 0;
    size_t total() const { return record_header_bytes + key_bytes + data_bytes; }
};
// Writes the header before `key` and data, which lie at out + record_header_bytes already. Returns the checksum.
uint32_t seal_record(char* out, uint16_t key_bytes, uint32_t data_bytes);
// nullopt where the header is not one or the record would pass the end of `bytes`. Does not look at the checksum.
std::optional<RecordHeader> decode_record_header(std::string_view bytes);
bool record_checksum_fits(std::string_view record, const RecordHeader& header);
// Continues a run's records_crc by one record's checksum.
uint32_t extend_records_crc(uint32_t records_crc, uint32_t record_crc);

template <class T>
void put_integer(char* out, T value) {
    std::memcpy(out, &value, sizeof value);
}
template <class T>
T get_integer(const char* in) {
    T value;
    std::memcpy(&value, in, sizeof value);
    return value;
}

}  // namespace millrace::log
