// The bytes of a text object on their way to DuckDB's readers, which are stricter than Hive's SerDes in two things:
//
//  - JSON keys: Athena's SerDes do not tell InvoiceNo from invoiceno; DuckDB does. KeyFolder turns keys (and nothing
//    else) to lower case as the bytes pass.
//  - CSV escapes: OpenCSVSerde takes both \" and "" inside quotes; DuckDB takes one of them. EscapeFolder turns the
//  first into the
//    second.
//
// Both are pure functions of the bytes so far, so a stream can be cut anywhere.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::query {

// Where bytes come from: fills `out`, returns the count; 0 at the end.
using ByteSource = std::function<Result<size_t>(std::span<char> out)>;

// gzip (members one after another, as Firehose and Hadoop write), zstd, and Snappy as Hadoop frames it. `ending` is the
// key's: ".gz", ".zst", ".snappy"; anything else passes unchanged.
ByteSource decompressing(ByteSource source, std::string_view key);

class KeyFolder {
  public:
    // `depth_max`: objects nested deeper than that keep their keys (1: only the outermost ones').
    explicit KeyFolder(uint32_t depth_max) : depth_max_(depth_max) {}
    void fold(std::span<char> bytes);

  private:
    enum class State : uint8_t { plain, string, escaped };
    State state_ = State::plain;
    bool key_next_ = false;  // the next string is a key
    bool folding_ = false;   // this string is a key
    uint32_t depth_max_;
    std::vector<bool> in_object_;  // one a container that is open
};

class EscapeFolder {
  public:
    EscapeFolder(char quote, char escape) : quote_(quote), escape_(escape) {}
    // Appends to `out`. An escape before anything but a quote or an escape, or outside quotes, is dropped: so does the
    // opencsv library that the SerDe stands on.
    void fold(std::string_view bytes, std::string* out);

  private:
    char quote_;
    char escape_;
    bool quoted_ = false;
    bool escaped_ = false;
};

}  // namespace millrace::query
