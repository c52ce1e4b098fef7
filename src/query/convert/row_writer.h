// JSON objects into DuckDB's column vectors, value by value, without a tree in between.
//
// A chunk is filled row by row. A row that fails midway is taken back: its slots are NULL again and what it appended to
// lists is dropped, so that the next row takes its place.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <duckdb.h>

#include "src/query/convert/plan.h"

namespace millrace::query {

struct RowFailure {
    std::string code;  // as ConversionFailure
    std::string message;
};

// One thread at a time.
class RowWriter {
  public:
    // `plan` outlives the writer.
    explicit RowWriter(const RowPlan& plan);
    ~RowWriter();

    // Takes a chunk whose columns are the plan's, in order; all its rows become NULL. It outlives its use here.
    void begin_chunk(duckdb_data_chunk chunk);
    // Settles the sizes of lists. The caller sets the chunk's.
    void end_chunk();

    enum class Outcome : uint8_t {
        written,  // the row is there
        failed,   // `failure` says why; the row is as before
        several,  // more follows the first object; the row is as before
    };
    Outcome write(std::string_view document, uint64_t row, RowFailure& failure);
    // Undoes the last write(), which was to `row`.
    void take_back(uint64_t row);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// The DuckDB type of a column. The caller destroys it.
duckdb_logical_type logical_type_of(const catalog::HiveType& type);

}  // namespace millrace::query
