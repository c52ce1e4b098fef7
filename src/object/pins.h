// Which files readers may still open. A reader of many files opens each when it needs it; a file that loses its last
// reference meanwhile is unlinked when the last such reader lets go. (An open file needs no pin: its descriptor keeps
// the bytes.)
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "src/object/keys.h"

namespace millrace::object {

class Pins {
  public:
    void pin(FileId file) {
        std::lock_guard lock(mutex_);
        ++pinned_[file].readers;
    }
    // True where the caller has to unlink the file now.
    [[nodiscard]] bool unpin(FileId file) {
        std::lock_guard lock(mutex_);
        const auto found = pinned_.find(file);
        if (--found->second.readers > 0) return false;
        const bool unlink = found->second.doomed;
        pinned_.erase(found);
        return unlink;
    }
    // The file has no reference any more. True where the caller has to unlink it; else the last reader will.
    [[nodiscard]] bool doom(FileId file) {
        std::lock_guard lock(mutex_);
        const auto found = pinned_.find(file);
        if (found == pinned_.end()) return true;
        found->second.doomed = true;
        return false;
    }

  private:
    struct Pinned {
        size_t readers = 0;
        bool doomed = false;
    };
    std::mutex mutex_;
    std::map<FileId, Pinned> pinned_;
};

}  // namespace millrace::object
