// Any column type and any record: written, or refused and taken back, never more. The first byte chooses the SerDe and
// its options, the first line is the column's type, the rest is the record.
#include <cstddef>
#include <cstdint>

#include "src/catalog/lake.h"
#include "src/query/convert/document_splitter.h"
#include "src/query/convert/row_writer.h"
#include "src/query/record_converter.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    using namespace millrace::query;
    if (size == 0) return 0;
    const uint8_t choice = data[0];
    std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
    const size_t line = input.find('\n');
    if (line == std::string_view::npos || line > 500) return 0;
    catalog::Table table;
    table.storage.columns = {{.name = "c", .type = std::string(input.substr(0, line))}, {.name = "d", .type = "int"}};
    ConversionOptions options;
    if ((choice & 1) != 0) {
        options.deserializer = ConversionOptions::Deserializer::hive_json;
        options.timestamp_formats = {"yyyy-MM-dd'T'HH:mm:ss.SSSZ", "EEE MMM d yyyy hh:mm a", "millis"};
    } else {
        options.case_insensitive = (choice & 2) != 0;
        options.convert_dots = (choice & 4) != 0;
    }
    const auto plan = make_row_plan(table, options);
    if (!plan.ok()) return 0;

    std::vector<duckdb_logical_type> types;
    for (const ColumnPlan& column : plan->row.children) types.push_back(logical_type_of(column.type));
    duckdb_data_chunk chunk = duckdb_create_data_chunk(types.data(), types.size());
    for (duckdb_logical_type type : types) duckdb_destroy_logical_type(&type);
    RowWriter writer(*plan);
    writer.begin_chunk(chunk);
    std::string_view record = input.substr(line + 1);
    uint64_t row = 0;
    RowFailure failure;
    if (writer.write(record, row, failure) == RowWriter::Outcome::written) ++row;
    while (row < 16) {
        const std::string_view document = take_document(record);
        if (document.empty()) break;
        const auto outcome = writer.write(document, row, failure);
        MILLRACE_CHECK(outcome != RowWriter::Outcome::several);
        if (outcome == RowWriter::Outcome::written) ++row;
    }
    writer.end_chunk();
    duckdb_data_chunk_set_size(chunk, row);
    duckdb_destroy_data_chunk(&chunk);
    return 0;
}
