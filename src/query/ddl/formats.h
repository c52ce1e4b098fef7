// How CREATE TABLE's format clauses become a SerDe, an input and an output format, as Athena fills them in:
// https://docs.aws.amazon.com/athena/latest/ug/create-table.html
#pragma once

#include <string>

#include "src/base/result.h"
#include "src/catalog/lake.h"

namespace millrace::query {

struct TableFormatClauses {
    std::string serde;  // ROW FORMAT SERDE '...'
    bool delimited = false;
    catalog::Parameters serde_properties;
    std::string stored_as;  // lower case; "" for none
    std::string input_format;
    std::string output_format;
};

// Nothing given is text with Hive's delimiters. unsupported for a format that we do not read (ORC, AVRO...).
Status apply_formats(const TableFormatClauses& clauses, catalog::Storage* storage);

}  // namespace millrace::query
