#include "src/log/segment.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace millrace::log {

std::string SegmentName::text() const {
    char name[48];
    std::snprintf(name, sizeof name, "seg-%016llx-%08llx.log", static_cast<unsigned long long>(base),
                  static_cast<unsigned long long>(bytes));
    return name;
}

std::optional<SegmentName> SegmentName::parse(std::string_view text) {
    SegmentName name;
    if (text.size() != 33 || !text.starts_with("seg-") || text[20] != '-' || !text.ends_with(".log")) return {};
    const auto base = std::from_chars(text.data() + 4, text.data() + 20, name.base, 16);
    const auto bytes = std::from_chars(text.data() + 21, text.data() + 29, name.bytes, 16);
    if (base.ptr != text.data() + 20 || bytes.ptr != text.data() + 29 || name.text() != text) return {};
    if (name.bytes < 2 * segment_header_bytes || name.base > UINT64_MAX - name.bytes) return {};
    return name;
}

Result<std::unique_ptr<io::File>> open_preferring_direct(io::FileSystem& files, const std::string& path,
                                                         io::OpenMode mode, bool want_direct) {
    if (want_direct) {
        auto opened = files.open(path, {.mode = mode, .direct = true});
        if (opened || opened.error().code != ErrorCode::unsupported) return opened;
    }
    return files.open(path, {.mode = mode});
}

namespace {

constexpr uint64_t zeroes_bytes = 256 << 10;  // a write: commits want the disk, too

Status write_zeroes(io::File& file, uint64_t bytes) {
    const Buffer zeroes(zeroes_bytes);
    std::memset(zeroes.data(), 0, zeroes_bytes);
    for (uint64_t at = 0; at < bytes; at += zeroes_bytes) {
        TRY(file.write_at(at, {zeroes.data(), std::min(zeroes_bytes, bytes - at)}));
    }
    return {};
}

}  // namespace

Result<std::shared_ptr<Segment>> Segment::create(io::FileSystem& files, const std::string& directory,
                                                 SegmentHeader header, bool want_direct,
                                                 const std::optional<std::string>& spare, bool zeroed) {
    const std::string path = directory + "/" + SegmentName{header.base, header.bytes}.text();
    // Under another name until the header is durable, so that recovery never meets half of one.
    const std::string making = spare ? directory + "/" + *spare : path + ".new";
    TRY_ASSIGN(auto file, open_preferring_direct(files, making, io::OpenMode::create, want_direct));
    TRY_ASSIGN(const uint64_t size, file->size());
    const bool fresh = size != header.bytes;
    if (fresh) {
        if (size > header.bytes) TRY(file->truncate(header.bytes));
        if (auto allocated = file->allocate(0, header.bytes, false); !allocated) {
            if (allocated.error().code != ErrorCode::unsupported) {
                (void)files.remove(making);
                return std::move(allocated).error();
            }
            TRY(file->truncate(header.bytes));
        }
        if (zeroed) TRY(write_zeroes(*file, header.bytes));
    }
    const Buffer block(disk_block_bytes);
    encode(header, block.data());
    TRY(file->write_at(0, {block.data(), disk_block_bytes}));
    TRY(file->sync_data());
    TRY(files.rename(making, path));
    TRY(files.sync_directory(directory));
    return std::make_shared<Segment>(path, header, std::move(file), fresh && !zeroed);
}

Result<std::shared_ptr<Segment>> Segment::open(io::FileSystem& files, const std::string& directory, SegmentName name,
                                               uint64_t log_id, bool writable, bool want_direct) {
    const std::string path = directory + "/" + name.text();
    TRY_ASSIGN(auto file, open_preferring_direct(files, path, writable ? io::OpenMode::read_write : io::OpenMode::read,
                                                 want_direct));
    const Buffer block(disk_block_bytes);
    TRY_ASSIGN(const size_t got, file->read_at(0, block.data(), disk_block_bytes));
    bool later_version = false;
    const auto header = decode_segment_header({block.data(), got}, &later_version);
    if (later_version) return {ErrorCode::unsupported, path + " was written by a later version"};
    if (!header || header->base != name.base || header->bytes != name.bytes || header->log_id != log_id) {
        return {ErrorCode::corruption, path + ": the segment header is damaged, or of another log"};
    }
    return std::make_shared<Segment>(path, *header, std::move(file));
}

Result<Stretch> Segment::read(uint64_t begin, uint64_t end) const {
    const uint64_t from = align_down(begin, disk_block_bytes);
    const uint64_t to = align_up(end, disk_block_bytes);
    auto buffer = std::make_shared<Buffer>(to - from);
    TRY_ASSIGN(const size_t got, file_->read_at(from, buffer->data(), to - from));
    std::memset(buffer->data() + got, 0, to - from - got);  // a file cut short: nothing there checks out
    const std::string_view bytes(buffer->data() + (begin - from), end - begin);
    return Stretch{bytes, std::move(buffer)};
}

}  // namespace millrace::log
