// Where records come from: rows of a CSV file as JSON objects, lines of NDJSON.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/cli/produce/input.h"

namespace millrace::cli {

struct Record {
    std::string data;  // ends with a line feed, so that objects made by joining records are NDJSON
    std::string partition_key;
};

class RecordSource {
  public:
    virtual ~RecordSource() = default;
    // False at the end. Errors name the line of the input.
    virtual Result<bool> next(Record& record) = 0;
    virtual double fraction() const = 0;  // as Input's
};

// How a row becomes a JSON object. Columns are strings, but for the ones named here; an empty field is left out.
enum class Encoding : uint8_t {
    guess,  // field by field: Latin-1 where the bytes are not UTF-8
    utf8,
    latin1,
};

struct CsvOptions {
    std::vector<std::string> numbers;  // columns sent as JSON numbers, digit for digit
    std::vector<std::pair<std::string, std::string>>
        times;                  // column and its strptime format: sent as "2010-12-01 08:26:00"
    std::string partition_key;  // a column; "" for the first
    Encoding encoding = Encoding::guess;
};
// The transactions of the UK Online Retail set.
CsvOptions retail_options();

// The first record names the columns.
// `input` is owned. Errors of make: invalid_argument where the header lacks a column that the options name.
Result<std::unique_ptr<RecordSource>> make_csv_source(std::unique_ptr<Input> input, CsvOptions options);

// One record a line, as it is; empty lines are skipped. `partition_key`: a member at the top of each object (a string
// or a number); "" spreads the lines evenly.
Result<std::unique_ptr<RecordSource>> make_ndjson_source(std::unique_ptr<Input> input, std::string partition_key);

bool is_utf8(std::string_view text);
std::string utf8_from_latin1(std::string_view text);
// Whether text is a number as JSON writes it.
bool is_json_number(std::string_view text);

}  // namespace millrace::cli
