#include "src/object/body_writer.h"

#include <fcntl.h>

#include "src/io/file.h"

namespace millrace::object {
namespace {

constexpr size_t write_bytes_min = 256 * 1024;           // smaller writes are gathered
constexpr uint64_t hash_beside_bytes = 1 << 20;          // below, a thread costs more than it saves
constexpr uint64_t writeback_bytes = uint64_t{8} << 20;  // so that the final fdatasync finds little left to do

}  // namespace

BodyWriter::BodyWriter(FileNames& names, io::FileSystem& files, Options options)
    : names_(names), files_(files), options_(std::move(options)), hashing_(options_.checksum_algorithm) {}

BodyWriter::~BodyWriter() {
    if (file_id_ == 0) return;
    file_.reset();
    const Status removed = files_.remove(names_.path(file_id_));
    // What could not be removed stays in doubt: the next start looks again.
    if (removed.ok() || removed.error().code == ErrorCode::not_found) names_.removed(file_id_, {});
}

Status BodyWriter::write(std::string_view bytes) {
    size_ += bytes.size();
    if (buffer_.empty() && bytes.size() >= write_bytes_min) return emit(bytes);
    buffer_.append(bytes);
    if (buffer_.size() < write_bytes_min) return {};
    TRY(emit(buffer_));
    buffer_.clear();
    return {};
}

std::string BodyWriter::md5_hex() {
    end_hashing();
    return hashing_.md5_hex();
}

Checksum BodyWriter::checksum() {
    end_hashing();
    return hashing_.checksum();
}

Status BodyWriter::finish() {
    end_hashing();
    if (!file_ && size_ <= inline_bytes_max && !options_.always_file) return {};
    TRY(create_file());
    TRY(file_->write_at(file_bytes_, buffer_));
    file_bytes_ += buffer_.size();
    if (!options_.sync) return {};
    TRY(file_->sync_data());
    return files_.sync_directory(names_.directory_of(file_id_));
}

void BodyWriter::committed() {
    if (file_id_ != 0) names_.settle(file_id_);
    file_.reset();
    file_id_ = 0;
}

Status BodyWriter::create_file() {
    if (file_) return {};
    TRY_ASSIGN(const FileId id, names_.take());
    file_id_ = id;
    TRY(names_.ensure_directory(id));
    TRY_ASSIGN(file_, files_.open(names_.path(id), {.mode = io::OpenMode::create_new}));
    return {};
}

Status BodyWriter::emit(std::string_view bytes) {
    TRY(create_file());
    const bool beside = file_bytes_ >= hash_beside_bytes;
    if (beside) {
        hashing_.update_beside(bytes);
    } else {
        hashing_.update(bytes);
    }
    const Status written = file_->write_at(file_bytes_, bytes);
    if (beside) hashing_.join();
    file_bytes_ += bytes.size();
    if (written.ok()) start_writeback();
    return written;
}

void BodyWriter::end_hashing() {
    if (hashing_.finished()) return;
    hashing_.update(buffer_);
    static_cast<void>(hashing_.md5_hex());
}

void BodyWriter::start_writeback() {
    if (!options_.sync || file_bytes_ - writeback_bytes_ < writeback_bytes || file_->descriptor() < 0) return;
    // A hint and no promise: durability is sync_data()'s alone.
    static_cast<void>(::sync_file_range(file_->descriptor(), static_cast<off64_t>(writeback_bytes_),
                                        static_cast<off64_t>(file_bytes_ - writeback_bytes_), SYNC_FILE_RANGE_WRITE));
    writeback_bytes_ = file_bytes_;
}

}  // namespace millrace::object
