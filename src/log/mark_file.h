// DIR/mark: the high-water mark, the position below which everything is durable. Written after each commit (so that
// it survives the process), synced in the background (so that commits do not wait for a second disk flush). It lies
// in two sectors by turns: a torn one leaves the other, which is a commit older.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "src/io/file.h"

namespace millrace::log {

class MarkFile {
  public:
    // Opens or creates, and reads the mark: 0 where the file is new, or both sectors are damaged.
    static Result<std::unique_ptr<MarkFile>> open(io::FileSystem& files, const std::string& path, uint64_t log_id);
    uint64_t position() const { return position_; }
    // Neither sector was valid, and they were not empty: what the mark was is not known.
    bool damaged() const { return damaged_; }
    // One writer thread.
    Status write(uint64_t position);
    Status sync() { return file_->sync_data(); }  // any thread

  private:
    MarkFile(std::unique_ptr<io::File> file, uint64_t log_id) : file_(std::move(file)), log_id_(log_id) {}
    const std::unique_ptr<io::File> file_;
    const uint64_t log_id_;
    uint64_t position_ = 0;
    uint64_t turn_ = 0;
    bool damaged_ = false;
};

}  // namespace millrace::log
