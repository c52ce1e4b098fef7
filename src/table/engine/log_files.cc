#include "src/table/engine/log_files.h"

#include <chrono>
#include <thread>

namespace millrace::table::engine {
namespace {

constexpr uint64_t piece_bytes = 1 << 20;
constexpr auto pause = std::chrono::milliseconds(4);  // between pieces: commits want the disk, too
constexpr uint64_t room_share = 16;                   // of the disk's free space: what is scarce is for data
constexpr uint64_t used_share = 8;                    // an eighth written: there will be a next one

}  // namespace

// Counts what goes into it.
class LogFiles::Log final : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    Log(std::unique_ptr<rocksdb::FSWritableFile> file, std::atomic<uint64_t>& written)
        : FSWritableFileOwnerWrapper(std::move(file)), written_(written) {}
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
        written_.fetch_add(data.size(), std::memory_order_relaxed);
        return FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& verification,
                             rocksdb::IODebugContext* debug) override {
        written_.fetch_add(data.size(), std::memory_order_relaxed);
        return FSWritableFileOwnerWrapper::Append(data, options, verification, debug);
    }

  private:
    std::atomic<uint64_t>& written_;
};

LogFiles::LogFiles(const std::shared_ptr<rocksdb::FileSystem>& files, std::string directory, uint64_t bytes)
    : FileSystemWrapper(files),
      directory_(std::move(directory)),
      spare_(directory_ + "/spare"),
      unfinished_(directory_ + "/spare.unfinished"),
      bytes_(bytes) {
    // One from before is not to be trusted: power may have been lost after it became a log and before that was durable,
    // and then it is not all zeroes.
    for (const std::string& old : {spare_, unfinished_}) {
        static_cast<void>(target()->DeleteFile(old, rocksdb::IOOptions(), nullptr));
    }
}

rocksdb::IOStatus LogFiles::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                            std::unique_ptr<rocksdb::FSWritableFile>* result,
                                            rocksdb::IODebugContext* debug) {
    if (!name.ends_with(".log")) return FileSystemWrapper::NewWritableFile(name, options, result, debug);
    rocksdb::IOStatus status = rocksdb::IOStatus::NotFound();
    if (ready_.exchange(false, std::memory_order_acq_rel)) {
        status = target()->ReuseWritableFile(name, spare_, options, result, debug);
    }
    if (!status.ok()) status = FileSystemWrapper::NewWritableFile(name, options, result, debug);
    if (!status.ok()) return status;
    written_ = 0;
    *result = std::make_unique<Log>(std::move(*result), written_);
    return status;
}

void LogFiles::prepare(const std::function<bool()>& stopping) {
    if (ready() || written_.load(std::memory_order_relaxed) < bytes_ / used_share) return;
    uint64_t free = 0;
    const rocksdb::IOStatus known = target()->GetFreeSpace(directory_, rocksdb::IOOptions(), &free, nullptr);
    if (known.ok() && free < room_share * bytes_) return;
    if (!fill(stopping).ok()) {
        written_ = 0;  // not again at once
        static_cast<void>(target()->DeleteFile(unfinished_, rocksdb::IOOptions(), nullptr));
        return;
    }
    const rocksdb::IOStatus named = target()->RenameFile(unfinished_, spare_, rocksdb::IOOptions(), nullptr);
    if (named.ok()) ready_.store(true, std::memory_order_release);
}

rocksdb::IOStatus LogFiles::fill(const std::function<bool()>& stopping) {
    const rocksdb::IOOptions plain;
    std::unique_ptr<rocksdb::FSWritableFile> file;
    rocksdb::IOStatus status = target()->NewWritableFile(unfinished_, rocksdb::FileOptions(), &file, nullptr);
    if (!status.ok()) return status;
    const std::string zeroes(piece_bytes, '\0');
    for (uint64_t at = 0; at < bytes_; at += piece_bytes) {
        if (stopping()) return rocksdb::IOStatus::Aborted();
        const size_t piece = std::min(piece_bytes, bytes_ - at);
        status = file->Append(rocksdb::Slice(zeroes.data(), piece), plain, nullptr);
        if (status.ok()) status = file->Sync(plain, nullptr);
        if (!status.ok()) return status;
        std::this_thread::sleep_for(pause);
    }
    status = file->Fsync(plain, nullptr);
    if (status.ok()) status = file->Close(plain, nullptr);
    return status;
}

}  // namespace millrace::table::engine
