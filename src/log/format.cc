#include "src/log/format.h"

#include "src/base/checksum.h"

namespace millrace::log {
namespace {

constexpr char segment_magic[8] = {'M', 'R', 'L', 'O', 'G', 'S', 'E', 'G'};
constexpr uint32_t block_magic = 0x4b4c424d;  // "MBLK"
constexpr size_t segment_header_used = 64;

// A checksum that only fits here: it begins with the segment's salt and the place.
uint32_t seed(uint64_t salt, uint64_t position) {
    char bytes[16];
    put_integer(bytes, salt);
    put_integer(bytes + 8, position);
    return crc32c(0, {bytes, sizeof bytes});
}

}  // namespace

//  0 magic 8 | 8 version 4 | 12 flags 4 | 16 base 8 | 24 bytes 8 | 32 salt 8 | 40 log id 8 | 48 created 8
// 56 reserved 4 | 60 crc32c of 0..60 4
void encode(const SegmentHeader& header, char* out) {
    std::memset(out, 0, segment_header_bytes);
    std::memcpy(out, segment_magic, sizeof segment_magic);
    put_integer<uint32_t>(out + 8, format_version);
    put_integer<uint64_t>(out + 16, header.base);
    put_integer<uint64_t>(out + 24, header.bytes);
    put_integer<uint64_t>(out + 32, header.salt);
    put_integer<uint64_t>(out + 40, header.log_id);
    put_integer<int64_t>(out + 48, header.created_ms);
    put_integer<uint32_t>(out + 60, crc32c(0, {out, segment_header_used - 4}));
}

std::optional<SegmentHeader> decode_segment_header(std::string_view bytes, bool* unsupported) {
    *unsupported = false;
    if (bytes.size() < segment_header_bytes) return std::nullopt;
    const char* in = bytes.data();
    if (std::memcmp(in, segment_magic, sizeof segment_magic) != 0) return std::nullopt;
    if (get_integer<uint32_t>(in + 60) != crc32c(0, {in, segment_header_used - 4})) return std::nullopt;
    if (get_integer<uint32_t>(in + 8) != format_version || get_integer<uint32_t>(in + 12) != 0) {
        *unsupported = true;
        return std::nullopt;
    }
    SegmentHeader header;
    header.base = get_integer<uint64_t>(in + 16);
    header.bytes = get_integer<uint64_t>(in + 24);
    header.salt = get_integer<uint64_t>(in + 32);
    header.log_id = get_integer<uint64_t>(in + 40);
    header.created_ms = get_integer<int64_t>(in + 48);
    return header;
}

//  0 magic 4 | 4 crc32c of 8..64 4 | 8 salt 8 | 16 position 8 | 24 previous 8 | 32 durable mark 8 | 40 time 8
// 48 length 4 | 52 runs 4 | 56 flags 4 | 60 reserved 4
void encode(const BlockHeader& header, uint64_t salt, char* out) {
    put_integer<uint32_t>(out, block_magic);
    put_integer<uint64_t>(out + 8, salt);
    put_integer<uint64_t>(out + 16, header.position);
    put_integer<uint64_t>(out + 24, header.previous);
    put_integer<uint64_t>(out + 32, header.durable_mark);
    put_integer<int64_t>(out + 40, header.time_ms);
    put_integer<uint32_t>(out + 48, header.length);
    put_integer<uint32_t>(out + 52, header.run_count);
    put_integer<uint64_t>(out + 56, 0);
    put_integer<uint32_t>(out + 4, crc32c(0, {out + 8, block_header_bytes - 8}));
}

bool may_be_block_header(const char* bytes) {
    return get_integer<uint32_t>(bytes) == block_magic;
}

std::optional<BlockHeader> decode_block_header(std::string_view bytes, uint64_t salt, uint64_t position) {
    if (bytes.size() < block_header_bytes) return std::nullopt;
    const char* in = bytes.data();
    if (get_integer<uint32_t>(in) != block_magic) return std::nullopt;
    if (get_integer<uint64_t>(in + 8) != salt || get_integer<uint64_t>(in + 16) != position) return std::nullopt;
    if (get_integer<uint32_t>(in + 4) != crc32c(0, {in + 8, block_header_bytes - 8})) return std::nullopt;
    if (get_integer<uint64_t>(in + 56) != 0) return std::nullopt;
    BlockHeader header;
    header.position = position;
    header.previous = get_integer<uint64_t>(in + 24);
    header.durable_mark = get_integer<uint64_t>(in + 32);
    header.time_ms = get_integer<int64_t>(in + 40);
    header.length = get_integer<uint32_t>(in + 48);
    header.run_count = get_integer<uint32_t>(in + 52);
    if (header.length < block_header_bytes || header.length % alignment_bytes != 0) return std::nullopt;
    return header;
}

//  0 shard 8 | 8 records 4 | 12 bytes 4 | 16 records crc 4 | 20 flags 4 | 24 reserved 4
// 28 crc32c of salt, position and 0..28 4
void encode(const RunHeader& header, uint64_t salt, uint64_t position, char* out) {
    put_integer<uint64_t>(out, header.shard);
    put_integer<uint32_t>(out + 8, header.record_count);
    put_integer<uint32_t>(out + 12, header.bytes);
    put_integer<uint32_t>(out + 16, header.records_crc);
    put_integer<uint64_t>(out + 20, 0);
    put_integer<uint32_t>(out + 28, crc32c(seed(salt, position), {out, run_header_bytes - 4}));
}

std::optional<RunHeader> decode_run_header(std::string_view bytes, uint64_t salt, uint64_t position) {
    if (bytes.size() < run_header_bytes) return std::nullopt;
    const char* in = bytes.data();
    if (get_integer<uint32_t>(in + 28) != crc32c(seed(salt, position), {in, run_header_bytes - 4})) {
        return std::nullopt;
    }
    if (get_integer<uint64_t>(in + 20) != 0) return std::nullopt;
    RunHeader header;
    header.shard = get_integer<uint64_t>(in);
    header.record_count = get_integer<uint32_t>(in + 8);
    header.bytes = get_integer<uint32_t>(in + 12);
    header.records_crc = get_integer<uint32_t>(in + 16);
    return header;
}

// 0 data bytes 4 | 4 key bytes 2 | 6 flags 2 | 8 crc32c of 0..8, key and data 4 | 12 key | data
uint32_t seal_record(char* out, uint16_t key_bytes, uint32_t data_bytes) {
    put_integer<uint32_t>(out, data_bytes);
    put_integer<uint16_t>(out + 4, key_bytes);
    put_integer<uint16_t>(out + 6, 0);
    const uint32_t crc = crc32c(crc32c(0, {out, 8}), {out + record_header_bytes, size_t{key_bytes} + data_bytes});
    put_integer<uint32_t>(out + 8, crc);
    return crc;
}

std::optional<RecordHeader> decode_record_header(std::string_view bytes) {
    if (bytes.size() < record_header_bytes) return std::nullopt;
    const char* in = bytes.data();
    RecordHeader header;
    header.data_bytes = get_integer<uint32_t>(in);
    header.key_bytes = get_integer<uint16_t>(in + 4);
    header.crc = get_integer<uint32_t>(in + 8);
    if (get_integer<uint16_t>(in + 6) != 0 || header.total() > bytes.size()) return std::nullopt;
    return header;
}

bool record_checksum_fits(std::string_view record, const RecordHeader& header) {
    const char* in = record.data();
    return header.crc ==
           crc32c(crc32c(0, {in, 8}), {in + record_header_bytes, size_t{header.key_bytes} + header.data_bytes});
}

uint32_t extend_records_crc(uint32_t records_crc, uint32_t record_crc) {
    char bytes[4];
    put_integer(bytes, record_crc);
    return crc32c(records_crc, {bytes, sizeof bytes});
}

}  // namespace millrace::log
