// A body taken apart into records.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/source/definition.h"
#include "src/source/json_slice.h"

namespace millrace::vtl {
class JsonPath;
}

namespace millrace::source {

struct Record {
    std::string text;  // compact JSON; of the format body, where that is no JSON, its bytes
    bool is_json = true;
    std::string key;            // what it is known by; "" where it has none
    std::string partition_key;  // "": any
};

struct Records {
    std::vector<Record> records;
    uint64_t malformed = 0;  // lines of ndjson that are no JSON, left out
};

// Compiled once a source; immutable, any thread.
class Extractor {
  public:
    static constexpr size_t records_max = 100'000;  // of one body

    static Result<std::shared_ptr<const Extractor>> make(const Definition& definition);
    // corruption where the body is not of the format, or has nothing at the path; resource_exhausted over records_max.
    Result<Records> take_apart(std::string_view body) const;

  private:
    Result<Records> from_json(std::string_view body) const;
    Result<Records> from_lines(std::string_view body) const;
    Status add(std::string_view value, Records* out) const;
    Status add_all(std::string_view found, Records* out) const;

    Format format_ = Format::json;
    std::string records_;
    std::optional<SlicePath> path_;  // one of the two
    std::shared_ptr<const vtl::JsonPath> wide_path_;
    std::optional<SlicePath> key_;
    std::optional<SlicePath> partition_key_;
};

}  // namespace millrace::source
