#include "src/service/s3/body_source.h"

#include <algorithm>

namespace millrace::service::s3 {
namespace {

class ObjectSource final : public http::BodySource {
  public:
    ObjectSource(std::unique_ptr<object::ObjectReader> reader, ByteRange range)
        : reader_(std::move(reader)), at_(range.first), left_(range.size) {}

    Result<size_t> read(std::span<char> out) override {
        const size_t wanted = static_cast<size_t>(std::min<uint64_t>(out.size(), left_));
        if (wanted == 0) return size_t{0};
        TRY_ASSIGN(const size_t count, reader_->read_at(at_, out.first(wanted)));
        at_ += count;
        left_ -= count;
        return count;
    }

    // One file, and worth a system call: what is inline is in memory already, and the many files of a multipart object
    // are opened one by one as they are read.
    std::optional<FileRange> file_range() const override {
        const object::ObjectInfo& info = reader_->info();
        if (info.size <= object::inline_bytes_max || info.part_sizes.size() > 1) return std::nullopt;
        const auto& extents = reader_->extents();
        if (extents.size() != 1 || extents[0].descriptor < 0) return std::nullopt;
        return FileRange{extents[0].descriptor, extents[0].file_offset + at_, left_};
    }

  private:
    const std::unique_ptr<object::ObjectReader> reader_;
    uint64_t at_;
    uint64_t left_;
};

}  // namespace

std::unique_ptr<http::BodySource> make_object_source(std::unique_ptr<object::ObjectReader> reader, ByteRange range) {
    return std::make_unique<ObjectSource>(std::move(reader), range);
}

}  // namespace millrace::service::s3
