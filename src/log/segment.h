// One segment file: its name, how it is made ready, read and found again.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "src/io/file.h"
#include "src/log/buffer.h"
#include "src/log/format.h"
#include "src/log/segment_index.h"

namespace millrace::log {

// "seg-<base, 16 hex digits>-<bytes, 8>.log": a listing says what is there, and whether a file between is gone.
struct SegmentName {
    uint64_t base = 0;
    uint64_t bytes = 0;
    std::string text() const;
    static std::optional<SegmentName> parse(std::string_view text);
};

// A borrowed stretch of a segment; `owner` keeps it.
struct Stretch {
    std::string_view bytes;
    std::shared_ptr<const void> owner;
};

class Segment {
  public:
    // Takes the header as read or written; `file` was opened for reading and, where it is active, for writing.
    Segment(std::string path, SegmentHeader header, std::unique_ptr<io::File> file, bool only_allocated = false)
        : path_(std::move(path)), header_(header), file_(std::move(file)), only_allocated_(only_allocated) {}

    // Makes a file of `header.bytes`, out of `spare` where one is given, with a header that is durable with its name.
    // unsupported falls back to buffered writes by itself. A new file's room is only allocated, or with `zeroed`
    // written, too.
    static Result<std::shared_ptr<Segment>> create(io::FileSystem& files, const std::string& directory,
                                                   SegmentHeader header, bool want_direct,
                                                   const std::optional<std::string>& spare, bool zeroed);
    // not_found; corruption where the header is damaged or of another log; unsupported where it is of a later version.
    static Result<std::shared_ptr<Segment>> open(io::FileSystem& files, const std::string& directory, SegmentName name,
                                                 uint64_t log_id, bool writable, bool want_direct);

    const std::string& path() const { return path_; }
    std::string index_path() const { return path_ + ".idx"; }
    uint64_t base() const { return header_.base; }
    uint64_t bytes() const { return header_.bytes; }
    uint64_t limit() const { return header_.base + header_.bytes; }
    uint64_t salt() const { return header_.salt; }
    const SegmentHeader& header() const { return header_; }
    io::File& file() const { return *file_; }
    // Made by this process, and its room has never been written: each sync writes the file's extents, too.
    bool only_allocated() const { return only_allocated_; }

    // Reads [begin, end) of the file, whatever its alignment; zeroes where the file is shorter.
    Result<Stretch> read(uint64_t begin, uint64_t end) const;

  private:
    const std::string path_;
    const SegmentHeader header_;
    const std::unique_ptr<io::File> file_;
    const bool only_allocated_;
};

// Opens for O_DIRECT where that is wanted and there, else buffered.
Result<std::unique_ptr<io::File>> open_preferring_direct(io::FileSystem& files, const std::string& path,
                                                         io::OpenMode mode, bool want_direct);

}  // namespace millrace::log
