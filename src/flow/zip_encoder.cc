#include <optional>

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include "src/flow/encoder_formats.h"

namespace millrace::flow {
namespace {

constexpr int block_bytes = 64 * 1024;

class ZipEncoder final : public Encoder {
  public:
    ZipEncoder(std::string entry_name, TimestampMs time, ByteSink sink)
        : entry_name_(std::move(entry_name)), time_(time), sink_(std::move(sink)), archive_(archive_write_new()) {
        MILLRACE_CHECK(archive_ != nullptr);
    }
    ~ZipEncoder() override {
        // Freeing closes, and closing writes: what follows a failure must not reach the sink.
        abandoned_ = true;
        archive_write_free(archive_);
    }

    Status write(std::string_view bytes) override {
        TRY(open());
        while (!bytes.empty()) {
            const la_ssize_t taken = archive_write_data(archive_, bytes.data(), bytes.size());
            if (taken <= 0 || failed_) return failure();
            bytes.remove_prefix(static_cast<size_t>(taken));
        }
        return {};
    }

    Status finish() override {
        TRY(open());
        const bool finished =
            archive_write_finish_entry(archive_) == ARCHIVE_OK && archive_write_close(archive_) == ARCHIVE_OK;
        if (!finished || failed_) return failure();
        return {};
    }

  private:
    Status open() {
        if (opened_) return {};
        opened_ = true;
        archive_write_set_format_zip(archive_);
        archive_write_zip_set_compression_deflate(archive_);
        archive_write_set_bytes_per_block(archive_, block_bytes);
        archive_write_set_bytes_in_last_block(archive_, 1);
        if (archive_write_open2(archive_, this, nullptr, &ZipEncoder::on_write, nullptr, nullptr) != ARCHIVE_OK) {
            return failure();
        }
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, entry_name_.c_str());
        archive_entry_set_filetype(entry, S_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_mtime(entry, time_.value() / 1000, 0);
        const int outcome = archive_write_header(archive_, entry);  // the size is unknown: a data descriptor follows
        archive_entry_free(entry);
        if (outcome != ARCHIVE_OK) return failure();
        return {};
    }

    Error failure() {
        if (failed_) return *failed_;
        const char* said = archive_error_string(archive_);
        return Error{ErrorCode::internal, std::string("zip: ") + (said ? said : "failed")};
    }

    // Never fails as far as libarchive can tell: it would stop in the middle of the caller's bytes, and read the rest
    // of them when it is freed. The failure is kept and comes out of write() or finish().
    static la_ssize_t on_write(struct archive*, void* self_pointer, const void* bytes, size_t size) {
        auto& self = *static_cast<ZipEncoder*>(self_pointer);
        if (!self.abandoned_ && !self.failed_) {
            auto taken = self.sink_(std::string_view(static_cast<const char*>(bytes), size));
            if (!taken.ok()) self.failed_ = taken.error();
        }
        return static_cast<la_ssize_t>(size);
    }

    std::string entry_name_;
    TimestampMs time_;
    ByteSink sink_;
    struct archive* archive_;
    bool opened_ = false;
    bool abandoned_ = false;
    std::optional<Error> failed_;
};

}  // namespace

std::unique_ptr<Encoder> make_zip_encoder(std::string entry_name, TimestampMs time, ByteSink sink) {
    return std::make_unique<ZipEncoder>(std::move(entry_name), time, std::move(sink));
}

}  // namespace millrace::flow
