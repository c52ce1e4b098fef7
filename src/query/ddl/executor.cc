#include "src/query/ddl/executor.h"

#include <algorithm>
#include <cctype>
#include <functional>

#include <boost/json.hpp>

#include "src/base/base64.h"
#include "src/object/store.h"
#include "src/query/ddl/repair.h"
#include "src/query/session/query_tables.h"

namespace millrace::query {

namespace {

constexpr size_t page_items = 1000;

ResultColumn text_column(std::string name) {
    return {.name = std::move(name), .type = "string", .precision = 0, .scale = 0};
}

Error failed(ErrorCode code, std::string message) {
    return {code, "FAILED: " + std::move(message)};
}

std::string padded(std::string text) {
    if (text.size() < 20) text.resize(20, ' ');
    return text;
}

class Executor {
  public:
    Executor(const DdlStatement& statement, const Scope& scope, const std::string& database, catalog::Lake& lake,
             object::Store& objects)
        : statement_(statement),
          scope_(scope),
          database_(statement.database.empty() ? database : statement.database),
          lake_(lake),
          objects_(objects) {}

    Result<DdlOutcome> run() {
        Status status = dispatch();
        if (!status.ok()) return std::move(status).error();
        return std::move(outcome_);
    }

  private:
    Status dispatch() {
        switch (statement_.kind) {
            case DdlKind::create_database:
                return create_database();
            case DdlKind::drop_database:
                return drop_database();
            case DdlKind::create_table:
                return create_table();
            case DdlKind::create_view:
                return create_view();
            case DdlKind::drop_table:
            case DdlKind::drop_view:
                return drop_table();
            case DdlKind::add_partitions:
                return add_partitions();
            case DdlKind::drop_partitions:
                return drop_partitions();
            case DdlKind::rename_partition:
                return rename_partition();
            case DdlKind::add_columns:
            case DdlKind::replace_columns:
            case DdlKind::set_location:
            case DdlKind::set_properties:
                return alter_table();
            case DdlKind::repair_table:
                return repair();
            case DdlKind::show_databases:
                return show_databases();
            case DdlKind::show_tables:
            case DdlKind::show_views:
                return show_tables();
            case DdlKind::show_partitions:
                return show_partitions();
            case DdlKind::show_columns:
                return show_columns();
            case DdlKind::show_create_table:
            case DdlKind::show_create_view:
                return show_create();
            case DdlKind::show_table_properties:
                return show_table_properties();
            case DdlKind::describe:
                return describe();
        }
        return Error{ErrorCode::internal, "a statement of no kind"};
    }

    Result<catalog::Table> table() {
        Result<catalog::Table> found = lake_.table(scope_, database_, statement_.name);
        if (!found && found.error().code == ErrorCode::not_found) {
            return failed(ErrorCode::not_found,
                          "SemanticException [Error 10001]: Table not found " + database_ + "." + statement_.name);
        }
        return found;
    }

    Status create_database() {
        catalog::Database database;
        database.name = statement_.database;
        database.description = statement_.comment;
        database.location = statement_.location;
        database.parameters = statement_.properties;
        Status made = lake_.create_database(scope_, std::move(database));
        if (!made.ok() && made.error().code == ErrorCode::already_exists) {
            if (statement_.if_not_exists) return {};
            return failed(ErrorCode::already_exists,
                          "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. Database " +
                              statement_.database + " already exists");
        }
        return made;
    }

    Status drop_database() {
        Result<catalog::Database> found = lake_.database(scope_, database_);
        if (!found) {
            if (found.error().code != ErrorCode::not_found) return std::move(found).error();
            if (statement_.if_exists) return {};
            return failed(ErrorCode::not_found,
                          "SemanticException [Error 10072]: Database does not exist: " + database_);
        }
        if (!statement_.cascade) {
            TRY_ASSIGN(const auto tables, lake_.tables(scope_, database_, "", 1));
            if (!tables.items.empty()) {
                return failed(ErrorCode::failed_precondition,
                              "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
                              "InvalidOperationException(message:Database " +
                                  database_ + " is not empty. One or more tables exist.)");
            }
        }
        return lake_.delete_database(scope_, database_);
    }

    Status create_table() {
        std::string bucket;
        std::string prefix;
        if (!parse_location(statement_.location, &bucket, &prefix)) {
            return failed(ErrorCode::invalid_argument,
                          "SemanticException table " + statement_.name +
                              ": LOCATION is required and must be an S3 address (s3://bucket/folder/)");
        }
        catalog::Table table;
        table.database = database_;
        table.name = statement_.name;
        table.description = statement_.comment;
        table.owner = "hadoop";
        table.table_type = "EXTERNAL_TABLE";
        table.storage = statement_.storage;
        table.storage.columns = statement_.columns;
        table.storage.location = statement_.location;
        table.storage.number_of_buckets = -1;
        table.partition_keys = statement_.partition_keys;
        table.parameters = statement_.properties;
        table.parameters.try_emplace("EXTERNAL", "TRUE");
        for (const catalog::Column& key : table.partition_keys) {
            for (const catalog::Column& column : table.storage.columns) {
                if (column.name == key.name) {
                    return failed(ErrorCode::invalid_argument,
                                  "SemanticException [Error 10035]: Column repeated in partitioning columns");
                }
            }
        }
        return made(lake_.create_table(scope_, std::move(table)));
    }

    Status made(Status status) {
        if (status.ok()) return status;
        if (status.error().code == ErrorCode::already_exists) {
            if (statement_.if_not_exists) return {};
            return failed(ErrorCode::already_exists,
                          "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
                          "AlreadyExistsException(message:Table " +
                              statement_.name + " already exists)");
        }
        if (status.error().code == ErrorCode::not_found) {
            return failed(ErrorCode::not_found,
                          "SemanticException [Error 10072]: Database does not exist: " + database_);
        }
        return status;
    }

    // As Athena stores views: Presto's JSON, in base64, in a comment.
    Status create_view() {
        const boost::json::object document{{"originalSql", statement_.query},
                                           {"catalog", "awsdatacatalog"},
                                           {"schema", database_},
                                           {"columns", boost::json::array()}};
        catalog::Table view;
        view.database = database_;
        view.name = statement_.name;
        view.table_type = "VIRTUAL_VIEW";
        view.view_original_text = "/* Presto View: " + base64_encode(boost::json::serialize(document)) + " */";
        view.view_expanded_text = "/* Presto View */";
        view.parameters = {{"presto_view", "true"}, {"comment", "Presto View"}};
        if (statement_.or_replace) {
            const Result<catalog::Table> old = lake_.table(scope_, database_, statement_.name);
            if (old.ok()) {
                if (old->table_type != "VIRTUAL_VIEW") {
                    return failed(ErrorCode::already_exists,
                                  "Table already exists: " + database_ + "." + statement_.name);
                }
                return lake_.update_table(scope_, std::move(view), false, std::nullopt);
            }
        }
        return made(lake_.create_table(scope_, std::move(view)));
    }

    Status drop_table() {
        Result<catalog::Table> found = table();
        if (!found) {
            if (statement_.if_exists && found.error().code == ErrorCode::not_found) return {};
            return std::move(found).error();
        }
        const bool view = found->table_type == "VIRTUAL_VIEW";
        if (view != (statement_.kind == DdlKind::drop_view)) {
            return failed(ErrorCode::invalid_argument,
                          view ? "SemanticException [Error 10094]: Cannot drop a view with DROP TABLE"
                               : "SemanticException [Error 10093]: Cannot drop a base table with DROP VIEW");
        }
        return lake_.delete_table(scope_, database_, statement_.name);
    }

    // In the order of the table's keys.
    Result<std::vector<std::string>> values_of(const catalog::Table& table, const PartitionValues& given) {
        std::vector<std::string> values;
        for (const catalog::Column& key : table.partition_keys) {
            const auto found =
                std::find_if(given.begin(), given.end(), [&](const auto& pair) { return pair.first == key.name; });
            if (found == given.end()) break;
            values.push_back(found->second);
        }
        if (values.size() != given.size() || values.size() != table.partition_keys.size()) {
            return failed(ErrorCode::invalid_argument,
                          "SemanticException [Error 10098]: the partition does not name each of the table's partition "
                          "keys once");
        }
        return values;
    }

    static catalog::Partition partition_of(const catalog::Table& table, std::vector<std::string> values,
                                           const std::string& location) {
        catalog::Partition partition;
        partition.storage = table.storage;
        std::string folder = table.storage.location;
        if (!folder.ends_with('/')) folder += '/';
        partition.storage.location =
            location.empty() ? folder + partition_path(table.partition_keys, values) : location;
        partition.values = std::move(values);
        return partition;
    }

    Status add_partitions() {
        TRY_ASSIGN(const catalog::Table table, this->table());
        std::vector<catalog::Partition> partitions;
        for (const PartitionClause& clause : statement_.partitions) {
            TRY_ASSIGN(std::vector<std::string> values, values_of(table, clause.values));
            std::string bucket;
            std::string prefix;
            if (!clause.location.empty() && !parse_location(clause.location, &bucket, &prefix)) {
                return failed(ErrorCode::invalid_argument, "SemanticException LOCATION must be an S3 address");
            }
            partitions.push_back(partition_of(table, std::move(values), clause.location));
        }
        TRY_ASSIGN(const std::vector<Status> made,
                   lake_.create_partitions(scope_, database_, statement_.name, std::move(partitions)));
        for (const Status& status : made) {
            if (status.ok() || (statement_.if_not_exists && status.error().code == ErrorCode::already_exists)) continue;
            if (status.error().code == ErrorCode::already_exists) {
                return failed(ErrorCode::already_exists,
                              "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
                              "AlreadyExistsException(message:Partition already exists.)");
            }
            return status.error();
        }
        return {};
    }

    Status drop_partitions() {
        TRY_ASSIGN(const catalog::Table table, this->table());
        for (const PartitionClause& clause : statement_.partitions) {
            TRY_ASSIGN(const std::vector<std::string> values, values_of(table, clause.values));
            const Status gone = lake_.delete_partition(scope_, database_, statement_.name, values);
            if (gone.ok()) continue;
            if (gone.error().code != ErrorCode::not_found) return gone.error();
            if (!statement_.if_exists) {
                return failed(ErrorCode::not_found, "SemanticException [Error 10006]: Partition not found (" +
                                                        partition_path(table.partition_keys, values) + ")");
            }
        }
        return {};
    }

    Status rename_partition() {
        TRY_ASSIGN(const catalog::Table table, this->table());
        TRY_ASSIGN(const std::vector<std::string> from, values_of(table, statement_.partitions[0].values));
        TRY_ASSIGN(std::vector<std::string> to, values_of(table, statement_.partitions[1].values));
        TRY_ASSIGN(catalog::Partition partition, lake_.partition(scope_, database_, statement_.name, from));
        partition.values = std::move(to);
        return lake_.update_partition(scope_, database_, statement_.name, from, std::move(partition));
    }

    Status alter_table() {
        TRY_ASSIGN(catalog::Table table, this->table());
        switch (statement_.kind) {
            case DdlKind::add_columns:
                for (const catalog::Column& column : statement_.columns) table.storage.columns.push_back(column);
                break;
            case DdlKind::replace_columns:
                table.storage.columns = statement_.columns;
                break;
            case DdlKind::set_properties:
                for (const auto& [key, value] : statement_.properties) table.parameters[key] = value;
                break;
            default: {
                std::string bucket;
                std::string prefix;
                if (!parse_location(statement_.location, &bucket, &prefix)) {
                    return failed(ErrorCode::invalid_argument, "SemanticException LOCATION must be an S3 address");
                }
                if (!statement_.partitions.empty()) {
                    TRY_ASSIGN(const std::vector<std::string> values,
                               values_of(table, statement_.partitions[0].values));
                    TRY_ASSIGN(catalog::Partition partition,
                               lake_.partition(scope_, database_, statement_.name, values));
                    partition.storage.location = statement_.location;
                    return lake_.update_partition(scope_, database_, statement_.name, values, std::move(partition));
                }
                table.storage.location = statement_.location;
            }
        }
        return lake_.update_table(scope_, std::move(table), false, std::nullopt);
    }

    Status repair() {
        TRY_ASSIGN(const catalog::Table table, this->table());
        TRY_ASSIGN(const std::vector<std::vector<std::string>> found,
                   partitions_on_disk(table, objects_, scope_.account));
        std::vector<catalog::Partition> partitions;
        for (const std::vector<std::string>& values : found) partitions.push_back(partition_of(table, values, ""));
        if (partitions.empty()) return {};
        std::vector<std::string> paths;
        for (const catalog::Partition& p : partitions) paths.push_back(partition_path(table.partition_keys, p.values));
        TRY_ASSIGN(const std::vector<Status> made,
                   lake_.create_partitions(scope_, database_, statement_.name, std::move(partitions)));
        std::string missing;
        for (size_t i = 0; i < made.size(); ++i) {
            if (!made[i].ok() && made[i].error().code != ErrorCode::already_exists) return made[i].error();
            if (!made[i].ok()) continue;
            missing += "\t" + statement_.name + ":" + paths[i];
            outcome_.rows.push_back({"Repair: Added partition to metastore " + statement_.name + ":" + paths[i]});
        }
        if (!missing.empty()) {
            outcome_.rows.insert(outcome_.rows.begin(), {"Partitions not in metastore:" + missing});
        }
        outcome_.columns = {text_column("result")};
        return {};
    }

    Status show_databases() {
        outcome_.columns = {text_column("database_name")};
        std::string after;
        do {
            TRY_ASSIGN(const auto page, lake_.databases(scope_, after, page_items));
            for (const catalog::Database& database : page.items) {
                if (matches_pattern(database.name, statement_.pattern)) outcome_.rows.push_back({database.name});
            }
            after = page.next;
        } while (!after.empty());
        return {};
    }

    Status show_tables() {
        outcome_.columns = {text_column(statement_.kind == DdlKind::show_views ? "views" : "tab_name")};
        std::string after;
        do {
            Result<catalog::Page<catalog::Table>> page = lake_.tables(scope_, database_, after, page_items);
            if (!page && page.error().code == ErrorCode::not_found) {
                return failed(ErrorCode::not_found,
                              "SemanticException [Error 10072]: Database does not exist: " + database_);
            }
            if (!page) return std::move(page).error();
            for (const catalog::Table& table : page->items) {
                if (statement_.kind == DdlKind::show_views && table.table_type != "VIRTUAL_VIEW") continue;
                if (matches_pattern(table.name, statement_.pattern)) outcome_.rows.push_back({table.name});
            }
            after = page->next;
        } while (!after.empty());
        return {};
    }

    Status show_partitions() {
        TRY_ASSIGN(const catalog::Table table, this->table());
        if (table.partition_keys.empty()) {
            return failed(ErrorCode::invalid_argument,
                          "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. Table " +
                              statement_.name + " is not a partitioned table");
        }
        outcome_.columns = {text_column("partition")};
        std::string after;
        do {
            TRY_ASSIGN(const auto page, lake_.partitions(scope_, database_, statement_.name, after, page_items));
            for (const catalog::Partition& partition : page.items) {
                outcome_.rows.push_back({partition_path(table.partition_keys, partition.values)});
            }
            after = page.next;
        } while (!after.empty());
        return {};
    }

    Status show_columns() {
        TRY_ASSIGN(const catalog::Table table, this->table());
        outcome_.columns = {text_column("field")};
        for (const auto* group : {&table.storage.columns, &table.partition_keys}) {
            for (const catalog::Column& column : *group) outcome_.rows.push_back({padded(column.name)});
        }
        return {};
    }

    Status show_create() {
        TRY_ASSIGN(const catalog::Table table, this->table());
        const bool view = table.table_type == "VIRTUAL_VIEW";
        if (view != (statement_.kind == DdlKind::show_create_view)) {
            return failed(ErrorCode::invalid_argument, view ? "SHOW CREATE TABLE of a view: use SHOW CREATE VIEW"
                                                            : "SHOW CREATE VIEW of a table: use SHOW CREATE TABLE");
        }
        outcome_.columns = {text_column(view ? "Create View" : "createtab_stmt")};
        std::string text;
        if (view) {
            QueryTables tables(scope_, lake_, objects_);
            TRY_ASSIGN(const TableDescription described, tables.resolve("awsdatacatalog", database_, statement_.name));
            text = "CREATE VIEW " + quote_identifier(database_) + "." + quote_identifier(table.name) + " AS\n" +
                   described.view_sql;
        } else {
            text = create_table_text(table);
        }
        size_t begin = 0;
        while (begin <= text.size()) {
            const size_t end = std::min(text.find('\n', begin), text.size());
            outcome_.rows.push_back({text.substr(begin, end - begin)});
            begin = end + 1;
        }
        return {};
    }

    Status show_table_properties() {
        TRY_ASSIGN(const catalog::Table table, this->table());
        outcome_.columns = {text_column("prpt_name"), text_column("prpt_value")};
        if (!statement_.property.empty()) {
            const auto found = table.parameters.find(statement_.property);
            outcome_.rows.push_back({statement_.property, found == table.parameters.end()
                                                              ? "Table " + database_ + "." + table.name +
                                                                    " does not have property: " + statement_.property
                                                              : found->second});
            return {};
        }
        for (const auto& [key, value] : table.parameters) outcome_.rows.push_back({key, value});
        return {};
    }

    Status describe() {
        TRY_ASSIGN(const catalog::Table table, this->table());
        outcome_.columns = {text_column("col_name"), text_column("data_type"), text_column("comment")};
        const auto add = [this](const catalog::Column& column) {
            outcome_.rows.push_back({padded(column.name), padded(column.type), padded(column.comment)});
        };
        const auto line = [this](const std::string& a, const std::string& b = "", const std::string& c = "") {
            outcome_.rows.push_back({a, b, c});
        };
        for (const catalog::Column& column : table.storage.columns) add(column);
        for (const catalog::Column& column : table.partition_keys) add(column);
        if (!table.partition_keys.empty()) {
            line("");
            line("# Partition Information");
            line("# col_name            ", "data_type           ", "comment             ");
            line("");
            for (const catalog::Column& column : table.partition_keys) add(column);
        }
        if (!statement_.formatted) return {};
        line("");
        line("# Detailed Table Information");
        line(padded("Database:"), table.database);
        line(padded("Owner:"), table.owner);
        line(padded("Location:"), table.storage.location);
        line(padded("Table Type:"), table.table_type);
        line("Table Parameters:");
        for (const auto& [key, value] : table.parameters) line("", padded(key), value);
        line("");
        line("# Storage Information");
        line(padded("SerDe Library:"), table.storage.serde_library);
        line(padded("InputFormat:"), table.storage.input_format);
        line(padded("OutputFormat:"), table.storage.output_format);
        for (const auto& [key, value] : table.storage.serde_parameters) line("", padded(key), value);
        return {};
    }

    const DdlStatement& statement_;
    const Scope& scope_;
    const std::string database_;
    catalog::Lake& lake_;
    object::Store& objects_;
    DdlOutcome outcome_;
};

bool matches_one(std::string_view name, std::string_view pattern) {
    // Classic two-pointer match with one star remembered.
    size_t n = 0;
    size_t p = 0;
    size_t star = std::string_view::npos;
    size_t resume = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = n;
        } else if (p < pattern.size() && std::tolower(static_cast<unsigned char>(pattern[p])) == name[n]) {
            ++p;
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

void append_properties(const catalog::Parameters& properties, std::string* text) {
    bool first = true;
    for (const auto& [key, value] : properties) {
        *text += first ? " ( \n" : ", \n";
        first = false;
        *text += "  " + quote_literal(key) + "=" + quote_literal(value);
    }
    *text += ") \n";
}

}  // namespace

bool matches_pattern(std::string_view name, std::string_view pattern) {
    if (pattern.empty()) return true;
    for (size_t begin = 0; begin <= pattern.size();) {
        const size_t end = std::min(pattern.find('|', begin), pattern.size());
        if (matches_one(name, pattern.substr(begin, end - begin))) return true;
        begin = end + 1;
    }
    return false;
}

std::string create_table_text(const catalog::Table& table) {
    std::string text = "CREATE EXTERNAL TABLE `" + table.database + "." + table.name + "`(\n";
    const auto columns = [&text](const std::vector<catalog::Column>& list) {
        for (size_t i = 0; i < list.size(); ++i) {
            text += "  `" + list[i].name + "` " + list[i].type;
            if (!list[i].comment.empty()) text += " COMMENT " + quote_literal(list[i].comment);
            text += i + 1 < list.size() ? ", \n" : ")\n";
        }
    };
    columns(table.storage.columns);
    if (!table.description.empty()) text += "COMMENT " + quote_literal(table.description) + "\n";
    if (!table.partition_keys.empty()) {
        text += "PARTITIONED BY ( \n";
        columns(table.partition_keys);
    }
    text += "ROW FORMAT SERDE \n  " + quote_literal(table.storage.serde_library) + " \n";
    if (!table.storage.serde_parameters.empty()) {
        text += "WITH SERDEPROPERTIES";
        append_properties(table.storage.serde_parameters, &text);
    }
    text += "STORED AS INPUTFORMAT \n  " + quote_literal(table.storage.input_format) + " \nOUTPUTFORMAT \n  " +
            quote_literal(table.storage.output_format) + "\nLOCATION\n  " + quote_literal(table.storage.location) +
            "\n";
    if (!table.parameters.empty()) {
        text += "TBLPROPERTIES";
        append_properties(table.parameters, &text);
    }
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    return text;
}

Result<DdlOutcome> execute_ddl(const DdlStatement& statement, const Scope& scope, const std::string& database,
                               catalog::Lake& lake, object::Store& objects) {
    return Executor(statement, scope, database, lake, objects).run();
}

}  // namespace millrace::query
