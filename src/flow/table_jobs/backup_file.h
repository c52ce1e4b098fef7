// A table's items in one file, for ever independent of the table: what a backup keeps.
//
//   file    := "MRTABLE1" block* end
//   block   := raw_bytes:u32 (not 0) stored_bytes:u32 crc:u32 stored      all little-endian
//              `stored` is zstd of `raw`; `crc` is the CRC32C of raw_bytes, stored_bytes and `stored`
//   raw     := (item_bytes:u32 item)*                                     item: src/table/value/item_codec.h
//   end     := 0:u32 items:u64 counted_bytes:u64 crc:u32                  CRC32C of the three before it
//
// Written under its name plus ".part", synced, renamed and its directory synced: under its own name a file is whole.
// A block is at most a little over block_bytes, so reading one takes bounded memory.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace millrace::io {
class File;
class FileSystem;
}  // namespace millrace::io

namespace millrace::flow {

constexpr size_t backup_block_bytes = 1 << 20;

// One thread. Destroyed before finish(), the unfinished file stays under its ".part" name until the next start.
class BackupWriter {
  public:
    static Result<std::unique_ptr<BackupWriter>> create(io::FileSystem& files, std::string path);
    ~BackupWriter();
    Status add(std::string_view item, size_t counted_bytes);
    Status finish();  // durable and whole on return

    uint64_t items() const { return items_; }
    uint64_t counted_bytes() const { return counted_bytes_; }

  private:
    BackupWriter(io::FileSystem& files, std::string path, std::unique_ptr<io::File> file);
    Status flush();
    Status write(std::string_view bytes);

    io::FileSystem& files_;
    const std::string path_;
    std::unique_ptr<io::File> file_;
    uint64_t offset_ = 0;
    std::string raw_;
    uint64_t items_ = 0;
    uint64_t counted_bytes_ = 0;
};

// Every item in the order they were added; `visit` fails or returns cancelled to stop. corruption where the bytes are
// not what was written, or end too early; not_found.
Status read_backup(io::FileSystem& files, const std::string& path,
                   const std::function<Status(std::string_view item)>& visit);

}  // namespace millrace::flow
