#include "src/log/mark_file.h"

#include <algorithm>
#include <cstring>

#include "src/base/checksum.h"
#include "src/log/format.h"

namespace millrace::log {
namespace {

constexpr char mark_magic[8] = {'M', 'R', 'L', 'O', 'G', 'M', 'R', 'K'};
constexpr size_t sector_bytes = 512;
constexpr size_t used_bytes = 48;

}  // namespace

Result<std::unique_ptr<MarkFile>> MarkFile::open(io::FileSystem& files, const std::string& path, uint64_t log_id) {
    const bool fresh = !files.exists(path);
    TRY_ASSIGN(auto file, files.open(path, {.mode = io::OpenMode::create}));
    std::unique_ptr<MarkFile> mark(new MarkFile(std::move(file), log_id));
    if (fresh) {
        TRY(mark->file_->write_at(0, std::string(2 * sector_bytes, '\0')));
        TRY(mark->file_->sync_data());
        const size_t slash = path.rfind('/');
        TRY(files.sync_directory(slash == std::string::npos ? "." : path.substr(0, slash)));
        return mark;
    }
    char sectors[2 * sector_bytes] = {};
    TRY(mark->file_->read_at(0, sectors, sizeof sectors));
    for (size_t i = 0; i < 2; ++i) {
        const char* in = sectors + i * sector_bytes;
        if (std::memcmp(in, mark_magic, 8) != 0 || get_integer<uint32_t>(in + 8) != format_version) continue;
        if (get_integer<uint64_t>(in + 16) != log_id) continue;
        if (get_integer<uint32_t>(in + used_bytes - 4) != crc32c(0, {in, used_bytes - 4})) continue;
        mark->position_ = std::max(mark->position_, get_integer<uint64_t>(in + 24));
        mark->turn_ = std::max(mark->turn_, get_integer<uint64_t>(in + 32));
    }
    mark->damaged_ = mark->turn_ == 0 && std::any_of(sectors, sectors + sizeof sectors, [](char c) { return c != 0; });
    return mark;
}

// magic 8 | version 4 | flags 4 | log id 8 | position 8 | turn 8 | reserved 4 | crc32c of 0..44 4
Status MarkFile::write(uint64_t position) {
    position_ = position;
    ++turn_;
    char out[used_bytes] = {};
    std::memcpy(out, mark_magic, 8);
    put_integer<uint32_t>(out + 8, format_version);
    put_integer<uint64_t>(out + 16, log_id_);
    put_integer<uint64_t>(out + 24, position);
    put_integer<uint64_t>(out + 32, turn_);
    put_integer<uint32_t>(out + used_bytes - 4, crc32c(0, {out, used_bytes - 4}));
    return file_->write_at(turn_ % 2 * sector_bytes, {out, used_bytes});
}

}  // namespace millrace::log
