#include "src/query/ddl/formats.h"

#include <array>
#include <string_view>

namespace millrace::query {

namespace {

struct Format {
    std::string_view name;
    std::string_view input_format;
    std::string_view output_format;
    std::string_view serde;
};
constexpr std::string_view text_input = "org.apache.hadoop.mapred.TextInputFormat";
constexpr std::string_view text_output = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";
constexpr std::string_view lazy_simple = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe";
constexpr Format parquet{"parquet", "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                         "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                         "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"};
constexpr std::array<Format, 3> formats{{
    {"textfile", text_input, text_output, lazy_simple},
    parquet,
    {"jsonfile", text_input, text_output, "org.apache.hive.hcatalog.data.JsonSerDe"},
}};

}  // namespace

Status apply_formats(const TableFormatClauses& clauses, catalog::Storage* storage) {
    const Format* format = &formats[0];
    if (!clauses.stored_as.empty()) {
        format = nullptr;
        for (const Format& known : formats) {
            if (known.name == clauses.stored_as) format = &known;
        }
        if (format == nullptr) {
            return Error{ErrorCode::unsupported, "NOT_SUPPORTED: STORED AS " + clauses.stored_as + " is not served"};
        }
    } else if (clauses.input_format.empty() && clauses.serde == parquet.serde) {
        format = &parquet;
    }
    storage->input_format = clauses.input_format.empty() ? format->input_format : clauses.input_format;
    storage->output_format = clauses.output_format.empty() ? format->output_format : clauses.output_format;
    storage->serde_library = clauses.serde.empty() ? format->serde : clauses.serde;
    storage->serde_parameters = clauses.serde_properties;
    if (clauses.delimited) {
        const auto delimiter = storage->serde_parameters.find("field.delim");
        storage->serde_parameters.try_emplace("serialization.format",
                                              delimiter == storage->serde_parameters.end() ? "1" : delimiter->second);
    } else {
        storage->serde_parameters.try_emplace("serialization.format", "1");
    }
    return {};
}

}  // namespace millrace::query
