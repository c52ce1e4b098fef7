// Athena's own statements - its dialect of Hive's DDL and its SHOW commands - as data, and their parser. Grammar:
// https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
// What that grammar has and we do not carry out is refused by name, not skipped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/catalog/lake.h"

namespace millrace::query {

enum class DdlKind : uint8_t {
    create_database,
    drop_database,
    create_table,
    drop_table,
    add_partitions,
    drop_partitions,
    rename_partition,
    add_columns,
    replace_columns,
    set_location,
    set_properties,
    repair_table,
    create_view,
    drop_view,
    show_databases,
    show_tables,
    show_views,
    show_partitions,
    show_columns,
    show_create_table,
    show_create_view,
    show_table_properties,
    describe,
};
// Athena's SubstatementType: "CREATE_TABLE"...
std::string_view sub_statement_of(DdlKind kind);

using PartitionValues = std::vector<std::pair<std::string, std::string>>;  // key (lower case), value

struct PartitionClause {
    PartitionValues values;
    std::string location;  // "" for none
};

struct DdlStatement {
    DdlKind kind = DdlKind::show_databases;
    std::string database;  // of the named table, or the named database; "" where the text has none
    std::string name;      // the table's or view's
    bool if_exists = false;
    bool if_not_exists = false;
    bool cascade = false;
    bool or_replace = false;
    bool formatted = false;  // DESCRIBE FORMATTED or EXTENDED
    std::string comment;
    std::string location;
    catalog::Parameters properties;  // TBLPROPERTIES, DBPROPERTIES
    std::vector<catalog::Column> columns;
    std::vector<catalog::Column> partition_keys;
    catalog::Storage storage;  // SerDe and formats of CREATE TABLE; columns and location are the members above
    std::vector<PartitionClause> partitions;
    std::string pattern;   // SHOW ... LIKE 'a*|b*'; "" for all
    std::string property;  // SHOW TBLPROPERTIES t('this one')
    std::string query;     // CREATE VIEW's
};

// What runs the statement.
enum class Runner : uint8_t {
    ddl,     // the engine itself, by parse_ddl
    worker,  // a jailed child
};
// By the first words alone. invalid_argument where they begin no statement of Athena's; unsupported, naming it, where
// it is one that we do not run (CREATE TABLE AS, INSERT INTO, UNLOAD, MERGE...).
Result<Runner> runner_of(std::string_view sql);

// invalid_argument in Athena's words: "line 1:14: mismatched input 'x'. Expecting: ...".
Result<DdlStatement> parse_ddl(std::string_view sql);

}  // namespace millrace::query
