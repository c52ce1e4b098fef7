// The lines of an object, decompressed as it is read: memory that does not grow with it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace millrace::flow {

enum class InputCompression : uint8_t { none, gzip, zstd };

constexpr size_t import_line_bytes_max = 4 << 20;  // an item of 400 KB in JSON has less

// Reads up to `size` bytes into `out`; 0 at the end.
using ByteSource = std::function<Result<size_t>(char* out, size_t size)>;

// One thread.
class LineReader {
  public:
    LineReader(InputCompression compression, ByteSource source);
    ~LineReader();
    // The next line without its end (LF or CR LF), valid until the next call; nullopt at the end of the input. Inside
    // quotes of CSV a line end is part of the line, where `quoted`. Errors: what the source says; invalid_argument
    // where the input is not compressed as said. A line over import_line_bytes_max comes back empty, with *too_long.
    Result<std::optional<std::string_view>> next(bool quoted, bool* too_long);

  private:
    struct State;
    Result<bool> fill();  // false at the end
    std::unique_ptr<State> state_;
};

}  // namespace millrace::flow
