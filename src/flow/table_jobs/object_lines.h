// The lines of an object.
#pragma once

#include <optional>
#include <string_view>

#include "src/flow/table_jobs/object_text.h"

namespace millrace::flow {

constexpr size_t import_line_bytes_max = 4 << 20;  // an item of 400 KB in JSON has less

// One thread. `text` outlives it.
class LineReader {
  public:
    explicit LineReader(ObjectText& text) : text_(text) {}
    // The next line without its end (LF or CR LF), valid until the next call; nullopt at the end of the input. With a
    // `delimiter` it is CSV: a line end in a field that begins with a quote is part of the line. Errors are
    // ObjectText's. A line over import_line_bytes_max comes back empty, with *too_long.
    Result<std::optional<std::string_view>> next(std::optional<char> delimiter, bool* too_long);

  private:
    ObjectText& text_;
    size_t given_ = 0;  // bytes of the line that was given out last, and its end
};

}  // namespace millrace::flow
