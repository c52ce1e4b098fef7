// The directory that holds everything a server keeps:
//   lock      locked (flock) while a server runs; its content is the server's process id, for people
//   keys.json access keys (src/aws/keys.h)
//   catalog/  what exists, object metadata, checkpoints (src/table)
//   ...       a folder an engine, and the generated certificate: docs/ARCHITECTURE.md, "Every file on disk"
#pragma once

#include <memory>
#include <string>

#include "src/base/result.h"

namespace millrace::cli {

class DataDirectory {
  public:
    // Makes it where absent and locks it. failed_precondition where another server has it.
    static Result<std::unique_ptr<DataDirectory>> take(const std::string& path);
    ~DataDirectory();  // unlocks
    DataDirectory(const DataDirectory&) = delete;
    DataDirectory& operator=(const DataDirectory&) = delete;

    const std::string& path() const { return path_; }  // absolute
    std::string sub(const char* name) const { return path_ + "/" + name; }
    // sub(), made. Where we are root, other user ids may pass through it and path(), but not list them: functions have
    // ids of their own then, and packages below. Everything else in path() is closed to them.
    Result<std::string> passable_sub(const char* name) const;

  private:
    DataDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
    std::string path_;
    int lock_;
};

}  // namespace millrace::cli
