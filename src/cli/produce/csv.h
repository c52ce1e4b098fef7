// CSV as RFC 4180 writes it and as people do: CRLF or LF, quoted fields with doubled quotes, commas and line ends in
// them; a last line without an end. Bytes pass as they are: the encoding is the next stage's business.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/cli/produce/input.h"

namespace millrace::cli {

class CsvReader {
  public:
    // `input` outlives the reader.
    explicit CsvReader(Input& input, size_t record_bytes_max = 16 << 20);
    // Reads one record; false at the end. `fields` keeps its strings' memory from call to call.
    // Errors: invalid_argument for a quote that does not close, text after a closing quote, or a record over
    // record_bytes_max; the message names the line.
    Result<bool> next(std::vector<std::string>& fields);
    // Where the record that next() returned last began, from 1.
    uint64_t line() const { return record_line_; }

  private:
    Result<bool> fill();  // false: no more bytes
    Error refuse(const char* why) const;

    Input& input_;
    size_t record_bytes_max_;
    std::string buffer_;
    size_t at_ = 0;
    size_t end_ = 0;
    uint64_t line_ = 1;
    uint64_t record_line_ = 1;
};

}  // namespace millrace::cli
