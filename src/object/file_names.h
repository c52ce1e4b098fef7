// Names of the files that hold bytes, and the journal that finds what a crash leaves behind.
//
// A file's name is a number, never used twice: DIR/<block / 1024>/<block % 1024>/<number>, where a block is 1024
// numbers. Before the first number of a block is given out, the block is *leased*: one synced write of the lease and
// of the first block never leased. So after a crash every file that may be an orphan of an unfinished put lies in a
// block whose lease is still there: one or a few directories to look at, however many files there are. A lease goes
// away when all of its numbers have been given out and none of them is in doubt.
//
// A number is *in doubt* from take() until settle(): its file may exist without a reference. Metadata that refers to
// it, once committed, settles it; so does its removal.
//
// A removed name may come back with the power until its folder is synced. Nothing waits for that: removed() gathers
// removals, and the journal forgets them after one sync a folder for many of them.
//
// Keys to erase that nothing waits for (settled leases, done unlinks) are collected here and ride along with the next
// write of metadata.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/object/keys.h"
#include "src/table/key_value_store.h"

namespace millrace::io {
class FileSystem;
}

namespace millrace::object {

inline constexpr uint64_t block_files = 1024;

class FileNames {
  public:
    // `directory` exists. Reads two keys; writes nothing until the first take().
    static Result<std::unique_ptr<FileNames>> open(std::string directory, table::KeyValueStore& metadata,
                                                   io::FileSystem& files, bool sync);

    // Blocks below this one were leased by earlier runs.
    uint64_t first_block() const { return first_block_; }

    // A number never given out before. Any thread.
    Result<FileId> take();
    void settle(FileId file);
    // The file is unlinked. Once that is durable `mark` is erased, or the number settled where `mark` is empty.
    void removed(FileId file, std::string mark);

    std::string path(FileId file) const;
    std::string directory_of(FileId file) const;
    std::string directory_of_block(uint64_t block) const;
    // Makes the directory of `file` durably where this process has not yet. io where it can not.
    Status ensure_directory(FileId file);

    // Adds erasures that wait to `batch`. They are lost with a failed write, which costs a look at the next start.
    void ride_along(table::WriteBatch& batch);
    void erase_later(std::string key);
    // Ends the leases of blocks without doubt, also of the one in use: for a clean stop, when nothing is being written.
    void end_leases();

  private:
    struct Removal {
        FileId file = 0;
        std::string mark;
    };
    void sync_removals(std::vector<Removal> removals);

    struct Block {
        uint64_t given = 0;
        uint64_t in_doubt = 0;
    };

    FileNames(std::string directory, table::KeyValueStore& metadata, io::FileSystem& files, bool sync,
              uint64_t next_block)
        : directory_(std::move(directory)),
          metadata_(metadata),
          files_(files),
          sync_(sync),
          first_block_(next_block),
          next_block_(next_block) {}

    const std::string directory_;
    table::KeyValueStore& metadata_;
    io::FileSystem& files_;
    const bool sync_;
    const uint64_t first_block_;
    std::mutex mutex_;  // guards all below
    uint64_t next_block_;
    uint64_t current_ = 0;  // the block in use; 0 for none
    std::map<uint64_t, Block> blocks_;
    std::vector<std::string> erasures_;
    std::vector<Removal> removals_;
    std::mutex directories_mutex_;
    std::set<uint64_t> made_;
};

}  // namespace millrace::object
