// What the pipeline is asked, each once of Athena (the records that went through stream, Firehose and Parquet) and once
// of DuckDB reading the CSV. The SQL is the same text: `orders` is the table there and a view here.
#pragma once

#include <cstddef>
#include <span>

namespace millrace::cli {

struct Question {
    const char* title;
    const char* sql;
    size_t rows_shown;  // of the answer on the terminal; all of it is compared
};

std::span<const Question> questions();

}  // namespace millrace::cli
