// The lake's catalogue: databases, tables with their versions, partitions - what Glue's data catalogue holds, what
// Athena queries and what Firehose takes its Parquet schemas from. Names are stored in lower case, as Glue does.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::io {
class Clock;
}
namespace millrace::table {
class KeyValueStore;
}

namespace millrace::catalog {

using Parameters = std::map<std::string, std::string>;

struct Column {
    std::string name;
    std::string type;  // Hive's: "bigint", "array<struct<a:int>>", "decimal(10,2)"...
    std::string comment;
    Parameters parameters;
};

// Where and how the data of a table or partition lies (Glue's StorageDescriptor).
struct Storage {
    std::vector<Column> columns;
    std::string location;  // "s3://bucket/prefix/"
    std::string input_format;
    std::string output_format;
    std::string serde_library;  // "org.openx.data.jsonserde.JsonSerDe"...
    std::string serde_name;
    Parameters serde_parameters;
    bool compressed = false;
    int number_of_buckets = 0;
    std::vector<std::string> bucket_columns;
    std::vector<std::pair<std::string, int>> sort_columns;
    bool stored_as_sub_directories = false;
    Parameters parameters;
    std::string extra_json;  // members of the public model that nothing here reads, kept as sent
};

struct Database {
    std::string name;
    std::string description;
    std::string location;
    Parameters parameters;
    TimestampMs created;
    std::string extra_json;
};

struct Table {
    std::string database;
    std::string name;
    std::string description;
    std::string owner;
    std::string table_type;  // "EXTERNAL_TABLE", "VIRTUAL_VIEW"
    Storage storage;
    std::vector<Column> partition_keys;
    Parameters parameters;  // "classification", "skip.header.line.count", "projection.enabled"...
    std::string view_original_text;
    std::string view_expanded_text;
    int64_t retention = 0;
    TimestampMs created;
    TimestampMs updated;
    uint64_t version = 0;  // VersionId
    std::string extra_json;
};

struct Partition {
    std::vector<std::string> values;  // one a partition key, in order
    Storage storage;
    Parameters parameters;
    TimestampMs created;
    std::string extra_json;
};

template <class T>
struct Page {
    std::vector<T> items;
    std::string next;  // "" at the end; opaque, hand back as `after`
};

// Any thread. Every change is durable on return. Errors: not_found, already_exists, failed_precondition (a version
// that is not the current one), resource_exhausted, io, corruption.
class Lake {
  public:
    static std::unique_ptr<Lake> open(table::KeyValueStore& store, const io::Clock& clock);
    virtual ~Lake() = default;

    virtual Status create_database(const Scope& scope, Database database) = 0;
    virtual Result<Database> database(const Scope& scope, std::string_view name) = 0;
    virtual Status update_database(const Scope& scope, std::string_view name, Database database) = 0;
    virtual Status delete_database(const Scope& scope, std::string_view name) = 0;  // with its tables, as Glue
    virtual Result<Page<Database>> databases(const Scope& scope, std::string_view after, size_t limit) = 0;

    virtual Status create_table(const Scope& scope, Table table) = 0;
    virtual Result<Table> table(const Scope& scope, std::string_view database, std::string_view name) = 0;
    // Keeps the old one as a version unless `skip_archive`. `expected_version`: failed_precondition where it differs.
    virtual Status update_table(const Scope& scope, Table table, bool skip_archive,
                                std::optional<uint64_t> expected_version) = 0;
    virtual Status delete_table(const Scope& scope, std::string_view database, std::string_view name) = 0;
    virtual Result<Page<Table>> tables(const Scope& scope, std::string_view database, std::string_view after,
                                       size_t limit) = 0;
    virtual Result<Page<Table>> table_versions(const Scope& scope, std::string_view database, std::string_view name,
                                               std::string_view after, size_t limit) = 0;
    virtual Result<Table> table_version(const Scope& scope, std::string_view database, std::string_view name,
                                        uint64_t version) = 0;
    virtual Status delete_table_version(const Scope& scope, std::string_view database, std::string_view name,
                                        uint64_t version) = 0;

    virtual Status create_partition(const Scope& scope, std::string_view database, std::string_view table,
                                    Partition partition) = 0;
    // All of them that do not exist yet; returns, for each, whether it was there already.
    virtual Result<std::vector<Status>> create_partitions(const Scope& scope, std::string_view database,
                                                          std::string_view table,
                                                          std::vector<Partition> partitions) = 0;
    virtual Result<Partition> partition(const Scope& scope, std::string_view database, std::string_view table,
                                        const std::vector<std::string>& values) = 0;
    virtual Status update_partition(const Scope& scope, std::string_view database, std::string_view table,
                                    const std::vector<std::string>& old_values, Partition partition) = 0;
    virtual Status delete_partition(const Scope& scope, std::string_view database, std::string_view table,
                                    const std::vector<std::string>& values) = 0;
    virtual Result<Page<Partition>> partitions(const Scope& scope, std::string_view database, std::string_view table,
                                               std::string_view after, size_t limit) = 0;
};

}  // namespace millrace::catalog
