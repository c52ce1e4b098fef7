// JSON records to Parquet by a Glue table's schema: what Firehose calls record format conversion.
// (docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html)
//
//   records --simdjson on-demand--> column vectors --DuckDB's Parquet writer--> one file
//
// The table's columns (storage.columns; its partition keys are not columns of the file) say which members of a record
// are kept and what they are; absent members are NULL, members that no column names are dropped. A record that is not
// JSON, or that does not fit, fails alone, with the code and the words that Firehose writes to the error prefix; all
// others are in the file, in their order. A record may hold several JSON objects, one after the other with or without
// white space between them: each becomes a row, and where one of them fails the record fails as a whole.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::catalog {
struct Table;
}

namespace millrace::query {

// The two deserializers of Firehose and their options, and its Parquet serializer's.
struct ConversionOptions {
    enum class Deserializer : uint8_t { openx_json, hive_json };
    Deserializer deserializer = Deserializer::openx_json;

    // OpenXJsonSerDe.
    bool case_insensitive = true;                           // CaseInsensitive: keys are put in lower case first
    bool convert_dots = false;                              // ConvertDotsInJsonKeysToUnderscores
    std::map<std::string, std::string> column_to_json_key;  // ColumnToJsonKeyMappings; at every depth

    // HiveJsonSerDe: Joda-Time patterns or "millis"; none: java.sql.Timestamp.valueOf's format.
    std::vector<std::string> timestamp_formats;

    // ParquetSerDe. Row groups are at most 64 MiB before compression - within every BlockSizeBytes that AWS allows -
    // and are never padded, which is within every MaxPaddingBytes.
    std::string compression = "SNAPPY";  // SNAPPY, GZIP, ZSTD (ours), UNCOMPRESSED
    std::optional<int64_t> block_size_bytes;
    std::optional<int64_t> page_size_bytes;  // unsupported unless absent or AWS's default, 1 MiB
    std::optional<int64_t> max_padding_bytes;
    std::optional<bool> enable_dictionary_compression;  // false turns dictionaries off
    std::string writer_version = "V1";                  // V1, V2

    std::string temporary_directory;        // for what does not fit in memory; must exist
    uint64_t memory_bytes_max = 512 << 20;  // DuckDB's; the caller's records are not counted
};

struct ConversionFailure {
    size_t record = 0;  // its index in the batch
    std::string code;   // "DataFormatConversion.ParseError", "DataFormatConversion.MalformedData"
    std::string message;
};

struct Converted {
    uint64_t rows = 0;  // 0: there is no file
    uint64_t file_bytes = 0;
    std::vector<ConversionFailure> failures;  // by index, ascending
};

class RecordConverter {
  public:
    // Errors: invalid_argument (no columns, a column type that is not Hive's, a pattern that is not Joda's, an option
    // out of its bounds), unsupported (uniontype, an option that we cannot honour; the message names it).
    static Result<std::unique_ptr<RecordConverter>> make(const catalog::Table& table, ConversionOptions options);
    virtual ~RecordConverter() = default;

    // Writes `path` anew; it is not synced. Any thread, several at once; blocks for the whole conversion. The views
    // need to live as long as the call. Errors: io, resource_exhausted (disk or memory): no file then, and every record
    // is as before.
    virtual Result<Converted> convert(std::span<const std::string_view> records, const std::string& path) const = 0;
};

}  // namespace millrace::query
