// Retail orders to Parquet: rows/s, bytes and peak memory. `record_converter_bench [rows]`.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "src/catalog/lake.h"
#include "src/query/record_converter.h"
#include "src/table/temporary_directory.h"

int main(int argc, char** argv) {
    using namespace millrace;
    const size_t rows = argc > 1 ? std::stoul(argv[1]) : 541'909;
    std::vector<std::string> records;
    size_t bytes = 0;
    for (size_t i = 0; i < rows; ++i) {
        records.push_back(R"({"InvoiceNo":")" + std::to_string(536365 + i / 21) + R"(","StockCode":")" +
                          std::to_string(20000 + i * 7919 % 4000) +
                          R"(","Description":"WHITE HANGING HEART T-LIGHT HOLDER )" + std::to_string(i % 4000) +
                          R"(","Quantity":)" + std::to_string(i % 24) +
                          R"(,"InvoiceDate":"2010-12-01 08:26:00","UnitPrice":2.55,"CustomerID":)" +
                          std::to_string(12000 + i % 4372) + R"(,"Country":"United Kingdom"})");
        bytes += records.back().size();
    }
    const std::vector<std::string_view> views(records.begin(), records.end());
    catalog::Table table{.database = "d", .name = "t"};
    table.storage.columns = {{.name = "invoiceno", .type = "string"},      {.name = "stockcode", .type = "string"},
                             {.name = "description", .type = "string"},    {.name = "quantity", .type = "int"},
                             {.name = "invoicedate", .type = "timestamp"}, {.name = "unitprice", .type = "double"},
                             {.name = "customerid", .type = "bigint"},     {.name = "country", .type = "string"}};
    const table::TemporaryDirectory directory;
    const auto converter = query::RecordConverter::make(table, {.temporary_directory = directory.path()});
    MILLRACE_CHECK(converter.ok());
    rusage before{};
    getrusage(RUSAGE_SELF, &before);
    for (const size_t count : {size_t{1}, size_t{1}, rows, rows}) {
        const auto begin = std::chrono::steady_clock::now();
        const auto converted = (*converter)->convert(std::span(views).first(count), directory.path() + "/x.parquet");
        MILLRACE_CHECK(converted.ok() && converted->rows == count);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        std::printf("%8zu rows, %6.1f MB of JSON to %5.1f MB in %.3f s: %.0f rows/s\n", count,
                    count == rows ? bytes / 1e6 : 0, converted->file_bytes / 1e6, seconds, count / seconds);
    }
    rusage after{};
    getrusage(RUSAGE_SELF, &after);
    std::printf("peak memory %+.1f MB over the records' own\n", (after.ru_maxrss - before.ru_maxrss) / 1e3);
}
