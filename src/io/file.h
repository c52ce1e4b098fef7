// Files whose failures can be injected. Everything that must survive a crash is written through these, so a test can
// fail the n-th write, tear it, or refuse the fsync. See io/faulty_file_system.h for the injecting one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::io {

// One open file. Positioned reads and writes may come from any thread; close by destruction.
class File {
  public:
    virtual ~File() = default;
    // Reads up to `size` bytes at `offset`; fewer only at the end of the file. Returns the count.
    virtual Result<size_t> read_at(uint64_t offset, char* out, size_t size) const = 0;
    // Writes all of `bytes` at `offset`. After an error the file's content there is unknown.
    virtual Status write_at(uint64_t offset, std::string_view bytes) = 0;
    // fdatasync. A failure means that earlier writes may be lost: the caller stops writing and never retries
    // (fsyncgate: the kernel drops the dirty pages and the next fsync lies).
    virtual Status sync_data() = 0;
    virtual Status truncate(uint64_t size) = 0;
    // posix_fallocate without changing the size where `keep_size`.
    virtual Status allocate(uint64_t offset, uint64_t size, bool keep_size) = 0;
    virtual Result<uint64_t> size() const = 0;
    // The descriptor, for sendfile and for handing to a child; -1 where there is none.
    virtual int descriptor() const = 0;
};

enum class OpenMode : uint8_t {
    read,        // must exist
    read_write,  // must exist
    create,      // made where absent, read and write
    create_new,  // must not exist (already_exists), read and write
};

struct OpenOptions {
    OpenMode mode = OpenMode::read;
    bool direct =
        false;  // O_DIRECT: offsets, sizes and buffers in multiples of 4096; unsupported where the fs lacks it
};

class FileSystem {
  public:
    virtual ~FileSystem() = default;
    virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenOptions options) = 0;
    // Atomic replacement. Durable after sync_directory of the parent.
    virtual Status rename(const std::string& from, const std::string& to) = 0;
    virtual Status remove(const std::string& path) = 0;                          // not_found where absent
    virtual Status make_directories(const std::string& path) = 0;                // with parents; fine where present
    virtual Result<std::vector<std::string>> list(const std::string& path) = 0;  // names, sorted, without . and ..
    virtual Status sync_directory(const std::string& path) = 0;
    virtual bool exists(const std::string& path) = 0;
};

// The machine's files; lives for ever; any thread.
FileSystem& posix_file_system();

// Reads a whole small file.
Result<std::string> read_file(FileSystem& files, const std::string& path);
// Write to path.tmp, fdatasync, rename, fsync the directory: whole or not at all, durable on return.
Status write_file_atomically(FileSystem& files, const std::string& path, std::string_view bytes);

}  // namespace millrace::io
