// What the engine tells a jailed child about one table: enough to read it, and nothing that lets it read more. Objects
// carry no S3 address that would mean anything: the child opens them by number, and the engine looks the number up.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/query/hive_type.h"

namespace millrace::query {

enum class TableFormat : uint8_t {
    parquet,
    json,            // one document a line
    csv,             // OpenCSVSerde: quotes, all strings underneath
    delimited_text,  // LazySimpleSerDe: no quotes, \N for NULL
};

struct DescribedColumn {
    std::string name;  // lower case
    std::string type;  // Hive's
};

struct DescribedObject {
    std::string path;                     // "s3://bucket/key", for "$path"
    uint64_t size = 0;                    // bytes
    std::vector<std::string> partitions;  // one value a partition key; "__HIVE_DEFAULT_PARTITION__" for NULL
};

struct TableDescription {
    // A view is text to run in place of the table; everything below is empty then.
    std::string view_sql;
    std::string view_database;  // what its unqualified names mean

    uint64_t number = 0;  // which of the query's tables: part of the objects' names
    TableFormat format = TableFormat::parquet;
    std::vector<DescribedColumn> columns;
    std::vector<DescribedColumn> partition_keys;
    std::vector<std::pair<std::string, std::string>> properties;  // SerDe and table properties that the format reads
    std::vector<DescribedObject> objects;

    // "" where there is none.
    std::string_view property(std::string_view name) const;
};

std::string encode(const TableDescription& table);
Result<TableDescription> decode_table_description(std::string_view bytes);

// The name under which the child's file system knows an object: "lake://NUMBER/key=value/INDEX.ending". The partition
// values are in it so that DuckDB prunes by them; where the object really lies has no part in it.
std::string object_name(const TableDescription& table, size_t index);
// The table's number and the object's index; false where it is no such name.
bool parse_object_name(std::string_view name, uint64_t* number, uint64_t* index);

}  // namespace millrace::query
