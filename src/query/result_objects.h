// The objects that a query leaves behind, as Athena writes them:
//   PREFIX/ID.csv           SELECT: a header line, then the rows; every field quoted, NULL empty and unquoted
//   PREFIX/ID.txt           DDL and SHOW: a line a row, columns apart by tabs
//   PREFIX/ID.csv.metadata  the columns: protobuf wire format, fields numbered as in the files that Athena writes:
//                           1 query id; 4 (one a column): 1 catalog "hive", 4 name, 5 label, 6 type, 7 precision,
//                           8 scale, 9 nullability (3 unknown), 10 case sensitivity
// (https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html)
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/query/engine.h"
#include "src/query/session/worker_session.h"

namespace millrace::object {
class Store;
class Upload;
}  // namespace millrace::object

namespace millrace::query {

std::string encode_metadata(std::string_view query_id, const std::vector<ResultColumn>& columns);
Result<std::vector<ResultColumn>> decode_metadata(std::string_view bytes);  // corruption

// Writes the CSV as the rows come, in constant memory. Visible after commit() alone.
class CsvResult : public ResultSink {
  public:
    CsvResult(object::Store& objects, std::string bucket, std::string key, std::string query_id,
              uint64_t bytes_max = UINT64_MAX);
    ~CsvResult() override;
    Status columns(const std::vector<ResultColumn>& columns) override;
    Status rows(std::string_view bytes) override;  // resource_exhausted beyond bytes_max
    Status commit();
    const std::vector<ResultColumn>& seen_columns() const { return columns_; }
    uint64_t bytes() const { return bytes_; }

  private:
    object::Store& objects_;
    std::string bucket_;
    std::string key_;
    std::string query_id_;
    const uint64_t bytes_max_;
    std::unique_ptr<object::Upload> upload_;
    std::vector<ResultColumn> columns_;
    uint64_t bytes_ = 0;
};

// Writes a DDL result and its metadata. Returns the bytes of the text.
Result<uint64_t> write_text_result(object::Store& objects, const std::string& bucket, const std::string& key,
                                   std::string_view query_id, const std::vector<ResultColumn>& columns,
                                   const std::vector<std::vector<std::string>>& rows);

// Some rows of a stored result from byte `offset` on, and where to go on (0 at the end). A line of text is one value.
// resource_exhausted where a row is larger than any that a query writes: the object lies in its user's bucket.
Result<std::pair<std::vector<ResultRow>, uint64_t>> read_rows(object::Store& objects, std::string_view location,
                                                              uint64_t offset, size_t rows_max);

}  // namespace millrace::query
