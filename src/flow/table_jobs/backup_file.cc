#include "src/flow/table_jobs/backup_file.h"

#include <cstring>

#include <zstd.h>

#include "src/base/checksum.h"
#include "src/io/file.h"

namespace millrace::flow {
namespace {

constexpr std::string_view magic = "MRTABLE1";
constexpr int compression_level = 1;
constexpr uint32_t raw_bytes_max = backup_block_bytes + (1 << 20);  // the last item of a block may pass its size

template <class T>
void add_number(std::string* out, T value) {
    out->append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <class T>
T take_number(std::string_view* in) {
    T value;
    std::memcpy(&value, in->data(), sizeof value);
    in->remove_prefix(sizeof value);
    return value;
}

std::string directory_of(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

// Reads exactly `size` bytes at *offset and moves it.
Result<std::string> read_exactly(const io::File& file, uint64_t* offset, size_t size) {
    std::string bytes(size, '\0');
    TRY_ASSIGN(const size_t got, file.read_at(*offset, bytes.data(), size));
    if (got != size) return {ErrorCode::corruption, "the backup's file ends too early"};
    *offset += size;
    return bytes;
}

Error damaged() {
    return {ErrorCode::corruption, "the backup's file is damaged: a checksum does not match"};
}

Status visit_block(std::string_view raw, const std::function<Status(std::string_view)>& visit) {
    while (!raw.empty()) {
        if (raw.size() < 4) return damaged();
        const auto size = take_number<uint32_t>(&raw);
        if (size > raw.size()) return damaged();
        TRY(visit(raw.substr(0, size)));
        raw.remove_prefix(size);
    }
    return {};
}

}  // namespace

BackupWriter::BackupWriter(io::FileSystem& files, std::string path, std::unique_ptr<io::File> file)
    : files_(files), path_(std::move(path)), file_(std::move(file)) {}
BackupWriter::~BackupWriter() = default;

Result<std::unique_ptr<BackupWriter>> BackupWriter::create(io::FileSystem& files, std::string path) {
    TRY_ASSIGN(std::unique_ptr<io::File> file, files.open(path + ".part", {.mode = io::OpenMode::create}));
    TRY(file->truncate(0));  // of an attempt that a crash ended
    std::unique_ptr<BackupWriter> writer(new BackupWriter(files, std::move(path), std::move(file)));
    TRY(writer->write(magic));
    return writer;
}

Status BackupWriter::write(std::string_view bytes) {
    TRY(file_->write_at(offset_, bytes));
    offset_ += bytes.size();
    return {};
}

Status BackupWriter::add(std::string_view item, size_t counted_bytes) {
    add_number(&raw_, static_cast<uint32_t>(item.size()));
    raw_ += item;
    ++items_;
    counted_bytes_ += counted_bytes;
    return raw_.size() >= backup_block_bytes ? flush() : Status();
}

Status BackupWriter::flush() {
    if (raw_.empty()) return {};
    std::string stored(ZSTD_compressBound(raw_.size()), '\0');
    const size_t size = ZSTD_compress(stored.data(), stored.size(), raw_.data(), raw_.size(), compression_level);
    MILLRACE_CHECK(!ZSTD_isError(size));
    stored.resize(size);
    std::string head;
    add_number(&head, static_cast<uint32_t>(raw_.size()));
    add_number(&head, static_cast<uint32_t>(stored.size()));
    const uint32_t crc = crc32c(crc32c(0, head), stored);
    add_number(&head, crc);
    TRY(write(head + stored));
    raw_.clear();
    return {};
}

Status BackupWriter::finish() {
    TRY(flush());
    std::string end;
    add_number(&end, uint32_t{0});
    add_number(&end, items_);
    add_number(&end, counted_bytes_);
    add_number(&end, crc32c(0, end));
    TRY(write(end));
    TRY(file_->sync_data());
    TRY(files_.rename(path_ + ".part", path_));
    return files_.sync_directory(directory_of(path_));
}

Status read_backup(io::FileSystem& files, const std::string& path,
                   const std::function<Status(std::string_view item)>& visit) {
    TRY_ASSIGN(const std::unique_ptr<io::File> file, files.open(path, {}));
    uint64_t offset = 0;
    TRY_ASSIGN(const std::string begin, read_exactly(*file, &offset, magic.size()));
    if (begin != magic) return {ErrorCode::corruption, "not a backup's file: " + path};
    uint64_t items = 0;
    std::string raw;
    for (;;) {
        TRY_ASSIGN(const std::string size_bytes, read_exactly(*file, &offset, 4));
        std::string_view in = size_bytes;
        const auto raw_size = take_number<uint32_t>(&in);
        if (raw_size == 0) {
            TRY_ASSIGN(const std::string end, read_exactly(*file, &offset, 20));
            in = end;
            const auto expected = take_number<uint64_t>(&in);
            take_number<uint64_t>(&in);
            if (take_number<uint32_t>(&in) != crc32c(crc32c(0, size_bytes), std::string_view(end).substr(0, 16))) {
                return damaged();
            }
            return expected == items ? Status() : damaged();
        }
        TRY_ASSIGN(const std::string rest, read_exactly(*file, &offset, 8));
        in = rest;
        const auto stored_size = take_number<uint32_t>(&in);
        const auto crc = take_number<uint32_t>(&in);
        if (raw_size > raw_bytes_max || stored_size > ZSTD_compressBound(raw_bytes_max)) return damaged();
        TRY_ASSIGN(const std::string stored, read_exactly(*file, &offset, stored_size));
        if (crc != crc32c(crc32c(0, size_bytes + rest.substr(0, 4)), stored)) return damaged();
        raw.resize(raw_size);
        if (ZSTD_decompress(raw.data(), raw.size(), stored.data(), stored.size()) != raw_size) return damaged();
        TRY(visit_block(raw, [&](std::string_view item) {
            ++items;
            return visit(item);
        }));
    }
}

}  // namespace millrace::flow
