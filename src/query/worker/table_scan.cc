#include "src/query/worker/table_scan.h"

#include <utility>
#include <vector>

namespace millrace::query {

namespace {

// Hive's default between fields is Ctrl-A.
constexpr std::string_view hive_delimiter = "\x01";
// A text that no field holds, for readers that must be given a spelling of NULL.
constexpr std::string_view no_null = "\x02\x03no null\x03\x02";

struct Scan {
    std::string function;
    std::string options;               // ", name=value"...
    std::vector<std::string> columns;  // one expression a table column, in order
};

std::string file_list(const TableDescription& table) {
    std::string list = "[";
    for (size_t i = 0; i < table.objects.size(); ++i) {
        if (i > 0) list += ",";
        list += quote_literal(object_name(table, i));
    }
    return list + "]";
}

// {'name': 'type', ...}
std::string type_map(const std::vector<DescribedColumn>& columns, const std::vector<std::string>& types) {
    std::string map = "{";
    for (size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) map += ", ";
        map += quote_literal(columns[i].name) + ": " + quote_literal(types[i]);
    }
    return map + "}";
}

Result<std::vector<HiveType>> parse_types(const std::vector<DescribedColumn>& columns) {
    std::vector<HiveType> types;
    for (const DescribedColumn& column : columns) {
        TRY_ASSIGN(HiveType type, parse_hive_type(column.type));
        types.push_back(std::move(type));
    }
    return types;
}

std::string cast(const std::string& expression, const HiveType& type, bool tolerant) {
    return (tolerant ? "TRY_CAST(" : "CAST(") + expression + " AS " + to_duckdb(type) + ")";
}

Scan parquet_scan(const TableDescription& table, const std::vector<HiveType>& types) {
    Scan scan{.function = "lake_parquet"};
    std::vector<std::string> duckdb_types;
    for (size_t i = 0; i < types.size(); ++i) {
        duckdb_types.push_back(to_duckdb(types[i]));
        scan.columns.push_back(quote_identifier(table.columns[i].name));
    }
    scan.options = ", lake_columns=" + type_map(table.columns, duckdb_types);
    return scan;
}

// What a JSON text becomes on its way to a column: times are read as text and cast, since both "2021-01-01 00:00:00"
// and ISO 8601 with a zone are found in the field.
Scan json_scan(const TableDescription& table, const std::vector<HiveType>& types) {
    Scan scan{.function = "read_json"};
    std::vector<DescribedColumn> keys;
    std::vector<std::string> key_types;
    const bool fold = table.property("case.insensitive") != "false";
    for (size_t i = 0; i < types.size(); ++i) {
        const std::string& name = table.columns[i].name;
        std::string key(table.property("mapping." + name));
        if (key.empty()) key = name;
        if (fold) {
            for (char& c : key) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        }
        const bool by_text = types[i].kind == HiveType::Kind::timestamp || types[i].kind == HiveType::Kind::date ||
                             types[i].kind == HiveType::Kind::binary;
        keys.push_back({.name = key, .type = ""});
        key_types.push_back(by_text ? "VARCHAR" : to_duckdb(types[i]));
        const std::string column = quote_identifier(key);
        scan.columns.push_back(by_text ? cast(column, types[i], false) : column);
    }
    scan.options =
        ", columns=" + type_map(keys, key_types) + ", auto_detect=false, format='newline_delimited', records='true'";
    if (table.property("ignore.malformed.json") == "true") scan.options += ", ignore_errors=true";
    return scan;
}

std::string header_lines(const TableDescription& table) {
    const std::string_view lines = table.property("skip.header.line.count");
    std::string digits;
    for (const char c : lines) {
        if (c >= '0' && c <= '9' && digits.size() < 6) digits += c;
    }
    return digits.empty() ? "0" : digits;
}

// OpenCSVSerde: DATE is days and TIMESTAMP milliseconds since 1970 where they are numbers
// (https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html).
std::string from_csv(const std::string& column, const HiveType& type) {
    const std::string filled = "NULLIF(" + column + ", '')";
    const std::string number = "TRY_CAST(" + filled + " AS BIGINT)";
    switch (type.kind) {
        case HiveType::Kind::character:
        case HiveType::Kind::varchar:
        case HiveType::Kind::string:
            return column;
        case HiveType::Kind::date:
            return "CASE WHEN " + number + " IS NOT NULL THEN DATE '1970-01-01' + CAST(" + number +
                   " AS INTEGER) ELSE CAST(" + filled + " AS DATE) END";
        case HiveType::Kind::timestamp:
            return "CASE WHEN " + number + " IS NOT NULL THEN make_timestamp_ms(" + number + ") ELSE CAST(" + filled +
                   " AS TIMESTAMP) END";
        default:
            return cast(filled, type, false);
    }
}

Result<Scan> text_scan(const TableDescription& table, const std::vector<HiveType>& types) {
    Scan scan{.function = "read_csv"};
    const bool csv = table.format == TableFormat::csv;
    std::string delimiter(table.property(csv ? "separatorchar" : "field.delim"));
    if (delimiter.empty() && !csv) delimiter = table.property("serialization.format");
    if (delimiter.empty() || delimiter == "1") delimiter = csv ? "," : hive_delimiter;
    std::string null_text(csv ? no_null : table.property("serialization.null.format"));
    if (null_text.empty()) null_text = "\\N";
    std::vector<DescribedColumn> fields;
    std::vector<std::string> field_types;
    for (size_t i = 0; i < types.size(); ++i) {
        if (is_nested(types[i])) {
            return Error{ErrorCode::unsupported, "NOT_SUPPORTED: column " + table.columns[i].name +
                                                     ": arrays, maps and structs in delimited text are not read"};
        }
        const std::string column = quote_identifier(table.columns[i].name);
        fields.push_back(table.columns[i]);
        field_types.emplace_back("VARCHAR");
        if (csv) {
            scan.columns.push_back(from_csv(column, types[i]));
        } else if (types[i].kind == HiveType::Kind::string || types[i].kind == HiveType::Kind::varchar) {
            scan.columns.push_back(column);
        } else {
            scan.columns.push_back(cast(column, types[i], true));  // LazySimpleSerDe: NULL for what does not parse
        }
    }
    if (!csv && !table.property("escape.delim").empty()) {
        return Error{ErrorCode::unsupported, "NOT_SUPPORTED: FIELDS ... ESCAPED BY (escape.delim) is not read"};
    }
    const std::string_view quote_char = table.property("quotechar");
    const std::string quote = csv ? std::string(quote_char.empty() ? "\"" : quote_char.substr(0, 1)) : "";
    scan.options = ", columns=" + type_map(fields, field_types) +
                   ", auto_detect=false, header=false, skip=" + header_lines(table) +
                   ", delim=" + quote_literal(delimiter) + ", quote=" + quote_literal(quote) +
                   ", escape=" + quote_literal(quote) + ", nullstr=" + quote_literal(null_text) +
                   ", allow_quoted_nulls=false, null_padding=true, strict_mode=false, parallel=false" +
                   ", max_line_size=8388608, buffer_size=16777216";
    return scan;
}

}  // namespace

Result<std::string> scan_sql(const TableDescription& table, bool with_path) {
    TRY_ASSIGN(const std::vector<HiveType> types, parse_types(table.columns));
    TRY_ASSIGN(const std::vector<HiveType> key_types, parse_types(table.partition_keys));
    std::string list;
    const auto add = [&list](const std::string& expression, const std::string& name) {
        if (!list.empty()) list += ", ";
        list += expression + " AS " + quote_identifier(name);
    };
    if (table.objects.empty()) {
        for (size_t i = 0; i < types.size(); ++i) add(cast("NULL", types[i], false), table.columns[i].name);
        for (size_t i = 0; i < key_types.size(); ++i)
            add(cast("NULL", key_types[i], false), table.partition_keys[i].name);
        if (with_path) add("CAST(NULL AS VARCHAR)", "$path");
        return "SELECT " + (list.empty() ? "NULL" : list) + " WHERE false";
    }
    Scan scan;
    switch (table.format) {
        case TableFormat::parquet:
            scan = parquet_scan(table, types);
            break;
        case TableFormat::json:
            scan = json_scan(table, types);
            break;
        case TableFormat::csv:
        case TableFormat::delimited_text: {
            TRY_ASSIGN(scan, text_scan(table, types));
            break;
        }
    }
    for (size_t i = 0; i < types.size(); ++i) add(scan.columns[i], table.columns[i].name);
    std::string hive = ", hive_partitioning=false";
    if (!table.partition_keys.empty()) {
        std::vector<std::string> duckdb_types;
        for (const HiveType& type : key_types) duckdb_types.push_back(to_duckdb(type));
        hive = ", hive_partitioning=true, hive_types=" + type_map(table.partition_keys, duckdb_types);
        for (const DescribedColumn& key : table.partition_keys) add(quote_identifier(key.name), key.name);
    }
    if (with_path) {
        add("lake_path(\"lake file\")", "$path");
        hive += ", filename='lake file'";
    }
    return "SELECT " + list + " FROM " + scan.function + "(" + file_list(table) + scan.options + hive + ")";
}

}  // namespace millrace::query
