#include "src/object/object_reader.h"

#include <algorithm>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace millrace::object {
namespace {

constexpr size_t recent_files_max = 4;

// How much of `out` lies inside an object of `size` bytes, from `offset`.
size_t within(uint64_t offset, std::span<char> out, uint64_t size) {
    return offset >= size ? 0 : static_cast<size_t>(std::min<uint64_t>(out.size(), size - offset));
}

Error cut_short(const ObjectInfo& info) {
    return {ErrorCode::corruption, "object " + info.key + ": a file of it is shorter than its metadata says"};
}

}  // namespace

InlineReader::~InlineReader() {
    for (const Extent& extent : extents_) ::close(extent.descriptor);
}

Result<size_t> InlineReader::read_at(uint64_t offset, std::span<char> out) const {
    const size_t count = within(offset, out, bytes_.size());
    if (count > 0) std::memcpy(out.data(), bytes_.data() + offset, count);
    return count;
}

const std::vector<ObjectReader::Extent>& InlineReader::extents() const {
    std::lock_guard lock(mutex_);
    if (!extents_.empty() || bytes_.empty()) return extents_;
    const int descriptor = ::memfd_create("millrace-object", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0) return extents_;
    // At most inline_bytes_max: a memory file takes it in one write or not at all.
    const bool written = ::write(descriptor, bytes_.data(), bytes_.size()) == static_cast<ssize_t>(bytes_.size());
    if (!written || ::fcntl(descriptor, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        ::close(descriptor);
        return extents_;
    }
    extents_.push_back({descriptor, 0, bytes_.size()});
    return extents_;
}

Result<size_t> FileReader::read_at(uint64_t offset, std::span<char> out) const {
    const size_t wanted = within(offset, out, info_.size);
    if (wanted == 0) return size_t{0};
    TRY_ASSIGN(const size_t count, file_->read_at(offset, out.data(), wanted));
    if (count < wanted) return cut_short(info_);
    return count;
}

PartsReader::PartsReader(ObjectInfo info, std::vector<FileExtent> parts, Open open, Release release)
    : info_(std::move(info)), parts_(std::move(parts)), open_(std::move(open)), release_(std::move(release)) {
    uint64_t end = 0;
    for (const FileExtent& part : parts_) ends_.push_back(end += part.size);
}

Result<size_t> PartsReader::read_at(uint64_t offset, std::span<char> out) const {
    const size_t wanted = within(offset, out, info_.size);
    size_t done = 0;
    while (done < wanted) {
        const uint64_t at = offset + done;
        const auto part = static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), at) - ends_.begin());
        if (part == parts_.size()) return cut_short(info_);
        const size_t count = static_cast<size_t>(std::min<uint64_t>(wanted - done, ends_[part] - at));
        TRY_ASSIGN(const std::shared_ptr<io::File> opened, file(part));
        TRY_ASSIGN(const size_t got, opened->read_at(at - (ends_[part] - parts_[part].size), out.data() + done, count));
        if (got < count) return cut_short(info_);
        done += count;
    }
    return done;
}

const std::vector<ObjectReader::Extent>& PartsReader::extents() const {
    std::lock_guard lock(mutex_);
    if (!extents_.empty()) return extents_;
    std::vector<Extent> extents;
    for (const FileExtent& part : parts_) {
        Result<std::unique_ptr<io::File>> opened = open_(part.file);
        if (!opened) {
            all_.clear();
            return extents_;
        }
        extents.push_back({(*opened)->descriptor(), 0, part.size});
        all_.push_back(std::move(*opened));
    }
    extents_ = std::move(extents);
    return extents_;
}

Result<std::shared_ptr<io::File>> PartsReader::file(size_t part) const {
    std::lock_guard lock(mutex_);
    for (const auto& [number, opened] : recent_) {
        if (number == part) return opened;
    }
    TRY_ASSIGN(std::unique_ptr<io::File> opened, open_(parts_[part].file));
    if (recent_.size() == recent_files_max) recent_.erase(recent_.begin());
    recent_.emplace_back(part, std::move(opened));
    return recent_.back().second;
}

}  // namespace millrace::object
