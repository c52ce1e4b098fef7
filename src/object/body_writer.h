// The bytes of one object or part on their way to disk: hashed as they pass, kept in memory up to inline_bytes_max,
// then in a file of their own under its final name (nothing refers to it yet, so no rename is needed).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "src/object/file_names.h"
#include "src/object/hashing.h"

namespace millrace::io {
class File;
class FileSystem;
}  // namespace millrace::io

namespace millrace::object {

class BodyWriter {
  public:
    struct Options {
        std::string checksum_algorithm;  // a known one
        bool always_file = false;        // parts: extents are files alone
        bool sync = true;
    };
    BodyWriter(FileNames& names, io::FileSystem& files, Options options);
    // Removes the file, unless committed() or left_in_doubt() came first.
    ~BodyWriter();
    BodyWriter(const BodyWriter&) = delete;
    BodyWriter& operator=(const BodyWriter&) = delete;

    Status write(std::string_view bytes);
    uint64_t size() const { return size_; }
    std::string md5_hex();  // ends writing
    Checksum checksum();    // ends writing
    // Makes the bytes durable. Afterwards exactly one of file() and inline_bytes() holds them.
    Status finish();

    FileId file() const { return file_id_; }  // 0 where there is none
    const std::string& inline_bytes() const { return buffer_; }
    // Metadata refers to the file now.
    void committed();
    // The write of metadata failed: whether it refers to the file is known at the next start alone.
    void left_in_doubt() { file_.reset(), file_id_ = 0; }

  private:
    Status create_file();
    // Hashes and writes.
    Status emit(std::string_view bytes);
    // Hashes what is still in the buffer; afterwards nothing more can be written.
    void end_hashing();
    void start_writeback();

    FileNames& names_;
    io::FileSystem& files_;
    const Options options_;
    Hashing hashing_;
    std::string buffer_;  // not yet in the file, nor hashed
    uint64_t size_ = 0;
    uint64_t file_bytes_ = 0;       // written to the file
    uint64_t writeback_bytes_ = 0;  // of these, what the kernel was asked to begin writing
    FileId file_id_ = 0;
    std::unique_ptr<io::File> file_;
};

}  // namespace millrace::object
