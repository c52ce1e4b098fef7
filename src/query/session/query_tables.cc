#include "src/query/session/query_tables.h"

#include <algorithm>
#include <cctype>

#include <boost/json.hpp>

#include "src/base/base64.h"
#include "src/catalog/lake.h"
#include "src/object/store.h"

namespace millrace::query {

namespace {

constexpr size_t objects_max = 400'000;  // of one table: what one message to the child can describe
constexpr std::string_view view_prefix = "/* Presto View: ";

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

// Files that Hive's readers pass over: hidden ones, and markers such as _SUCCESS.
bool hidden(std::string_view key) {
    const std::string_view name = key.substr(key.rfind('/') + 1);
    return name.empty() || name.front() == '_' || name.front() == '.';
}

Error unsupported_format(const catalog::Table& table) {
    return {ErrorCode::unsupported, "HIVE_UNSUPPORTED_FORMAT: table " + table.database + "." + table.name +
                                        ": SerDe '" + table.storage.serde_library + "' with input format '" +
                                        table.storage.input_format + "' is not read"};
}

Result<TableFormat> format_of(const catalog::Table& table) {
    const std::string serde = lower(table.storage.serde_library);
    const std::string input = lower(table.storage.input_format);
    const auto classification = table.parameters.find("classification");
    const std::string kind = classification == table.parameters.end() ? "" : lower(classification->second);
    const auto has = [](const std::string& text, std::string_view part) {
        return text.find(part) != std::string::npos;
    };
    if (has(serde, "parquet") || has(input, "parquet")) return TableFormat::parquet;
    if (has(serde, "jsonserde")) return TableFormat::json;
    if (has(serde, "opencsv")) return TableFormat::csv;
    if (has(serde, "lazysimple") && !has(input, "sequence") && !has(input, "orc")) return TableFormat::delimited_text;
    if (serde.empty() && kind == "parquet") return TableFormat::parquet;
    if (serde.empty() && kind == "json") return TableFormat::json;
    if (serde.empty() && kind == "csv") return TableFormat::delimited_text;
    return unsupported_format(table);
}

// What Athena stores of a view: JSON in base64 in a comment (Presto's way). Text without it is the SQL itself.
Result<TableDescription> describe_view(const catalog::Table& table) {
    TableDescription view;
    view.view_database = table.database;
    std::string_view text = table.view_original_text;
    if (!text.starts_with(view_prefix)) {
        view.view_sql = table.view_expanded_text.empty() ? text : table.view_expanded_text;
    } else {
        text.remove_prefix(view_prefix.size());
        text = text.substr(0, text.find(' '));
        std::string decoded;
        boost::system::error_code failed;
        if (base64_decode(text, &decoded)) {
            const boost::json::value document = boost::json::parse(decoded, failed);
            if (!failed && document.is_object()) {
                if (const auto* sql = document.get_object().if_contains("originalSql"); sql && sql->is_string()) {
                    view.view_sql = sql->get_string();
                }
                if (const auto* schema = document.get_object().if_contains("schema"); schema && schema->is_string()) {
                    view.view_database = schema->get_string();
                }
            }
        }
    }
    if (view.view_sql.empty()) {
        return Error{ErrorCode::invalid_argument,
                     "INVALID_VIEW: View '" + table.database + "." + table.name + "' has no text that can be read"};
    }
    return view;
}

}  // namespace

bool parse_location(std::string_view location, std::string* bucket, std::string* prefix) {
    for (const std::string_view scheme : {"s3://", "s3a://", "s3n://"}) {
        if (!location.starts_with(scheme)) continue;
        location.remove_prefix(scheme.size());
        const size_t slash = location.find('/');
        *bucket = location.substr(0, slash);
        *prefix = slash == std::string_view::npos ? "" : location.substr(slash + 1);
        return !bucket->empty();
    }
    return false;
}

Result<TableDescription> QueryTables::resolve(const std::string& catalog, const std::string& database,
                                              const std::string& name) {
    if (lower(catalog) != "awsdatacatalog") {
        return Error{ErrorCode::invalid_argument, "CATALOG_NOT_FOUND: Catalog '" + catalog + "' not found"};
    }
    const std::string schema = lower(database);
    const std::string wanted = lower(name);
    if (schema == "information_schema") return information_schema(wanted);
    Result<catalog::Table> table = lake_.table(scope_, schema, wanted);
    if (!table) {
        if (table.error().code != ErrorCode::not_found) return std::move(table).error();
        const bool known = lake_.database(scope_, schema).ok();
        return Error{ErrorCode::invalid_argument,
                     known ? "TABLE_NOT_FOUND: Table 'awsdatacatalog." + schema + "." + wanted + "' does not exist"
                           : "SCHEMA_NOT_FOUND: Schema '" + schema + "' does not exist"};
    }
    if (table->table_type == "VIRTUAL_VIEW") return describe_view(*table);
    return describe(*table);
}

Result<TableDescription> QueryTables::describe(const catalog::Table& table) {
    TableDescription described;
    described.number = addresses_.size();
    TRY_ASSIGN(described.format, format_of(table));
    const auto projection = table.parameters.find("projection.enabled");
    if (projection != table.parameters.end() && lower(projection->second) == "true") {
        return Error{ErrorCode::unsupported, "NOT_SUPPORTED: table " + table.database + "." + table.name +
                                                 ": partition projection (projection.enabled) is not served"};
    }
    for (const catalog::Column& column : table.storage.columns) {
        described.columns.push_back({lower(column.name), column.type});
    }
    for (const catalog::Column& key : table.partition_keys)
        described.partition_keys.push_back({lower(key.name), key.type});
    for (const auto& [key, value] : table.storage.serde_parameters)
        described.properties.emplace_back(lower(key), value);
    for (const auto& [key, value] : table.parameters) {
        if (key == "skip.header.line.count" || key == "serialization.null.format") {
            described.properties.emplace_back(key, value);
        }
    }
    std::vector<Address> addresses;
    if (table.partition_keys.empty()) {
        TRY(add_objects(table.storage.location, {}, &described, &addresses));
    } else {
        std::string after;
        do {
            TRY_ASSIGN(catalog::Page<catalog::Partition> page,
                       lake_.partitions(scope_, table.database, table.name, after, 1000));
            for (const catalog::Partition& partition : page.items) {
                TRY(add_objects(partition.storage.location, partition.values, &described, &addresses));
            }
            after = std::move(page.next);
        } while (!after.empty());
    }
    addresses_.push_back(std::move(addresses));
    return described;
}

Status QueryTables::add_objects(std::string_view location, const std::vector<std::string>& partition,
                                TableDescription* table, std::vector<Address>* addresses) {
    std::string bucket;
    object::ListOptions options;
    if (!parse_location(location, &bucket, &options.prefix)) {
        return Error{ErrorCode::invalid_argument,
                     "HIVE_INVALID_METADATA: a table's location is not an S3 address: '" + std::string(location) + "'"};
    }
    // A location is a folder: s3://b/logs does not mean s3://b/logs-old/.
    if (!options.prefix.empty() && !options.prefix.ends_with('/')) options.prefix += '/';
    // A catalogue names what it likes; only the account's own buckets are read.
    const Status owned = object::check_owner(objects_, bucket, scope_.account);
    if (!owned.ok() && owned.error().code == ErrorCode::permission_denied) {
        return Error{ErrorCode::invalid_argument,
                     "PERMISSION_DENIED: Access denied on the bucket of s3://" + bucket + "/"};
    }
    for (;;) {
        Result<object::ListPage> page = objects_.list(bucket, options);
        if (!page && page.error().code == ErrorCode::not_found) {
            return Error{ErrorCode::invalid_argument,
                         "HIVE_METASTORE_ERROR: the bucket of s3://" + bucket + "/ does not exist (NoSuchBucket)"};
        }
        if (!page) return std::move(page).error();
        for (const object::ObjectInfo& info : page->objects) {
            if (info.size == 0 || hidden(info.key)) continue;
            if (addresses->size() >= objects_max) {
                return Error{ErrorCode::resource_exhausted, "HIVE_EXCEEDED_PARTITION_LIMIT: a table of more than " +
                                                                std::to_string(objects_max) + " objects"};
            }
            table->objects.push_back(
                {.path = "s3://" + bucket + "/" + info.key, .size = info.size, .partitions = partition});
            addresses->push_back({bucket, info.key});
        }
        if (!page->truncated) return {};
        options.start_after = page->next_start_after;
    }
}

// information_schema.schemata, .tables, .views and .columns as text that lists what the catalog holds.
Result<TableDescription> QueryTables::information_schema(const std::string& name) {
    std::string columns;
    if (name == "schemata") {
        columns = "catalog_name, schema_name";
    } else if (name == "tables") {
        columns = "table_catalog, table_schema, table_name, table_type";
    } else if (name == "columns") {
        columns =
            "table_catalog, table_schema, table_name, column_name, ordinal_position, column_default, is_nullable, "
            "data_type, comment, extra_info";
    } else {
        return Error{ErrorCode::invalid_argument,
                     "TABLE_NOT_FOUND: Table 'awsdatacatalog.information_schema." + name + "' does not exist"};
    }
    std::string rows;
    const auto add = [&rows](const std::string& row) { rows += (rows.empty() ? "(" : ", (") + row + ")"; };
    std::string after_database;
    do {
        TRY_ASSIGN(catalog::Page<catalog::Database> databases, lake_.databases(scope_, after_database, 1000));
        for (const catalog::Database& database : databases.items) {
            const std::string schema = "'awsdatacatalog', " + quote_literal(database.name);
            if (name == "schemata") add(schema);
            std::string after_table;
            while (name != "schemata") {
                TRY_ASSIGN(catalog::Page<catalog::Table> tables,
                           lake_.tables(scope_, database.name, after_table, 1000));
                for (const catalog::Table& table : tables.items) {
                    const std::string head = schema + ", " + quote_literal(table.name);
                    if (name == "tables") {
                        add(head + (table.table_type == "VIRTUAL_VIEW" ? ", 'VIEW'" : ", 'BASE TABLE'"));
                        continue;
                    }
                    size_t position = 0;
                    for (const auto* group : {&table.storage.columns, &table.partition_keys}) {
                        for (const catalog::Column& column : *group) {
                            add(head + ", " + quote_literal(column.name) + ", " + std::to_string(++position) +
                                ", CAST(NULL AS VARCHAR), 'YES', " +
                                quote_literal(column.type == "string" ? "varchar" : column.type) + ", " +
                                quote_literal(column.comment) + ", " +
                                (group == &table.partition_keys ? "'partition key'" : "''"));
                        }
                    }
                }
                after_table = std::move(tables.next);
                if (after_table.empty()) break;
            }
        }
        after_database = std::move(databases.next);
    } while (!after_database.empty());
    TableDescription view;
    view.view_database = "default";
    if (rows.empty()) {
        const auto count = 1 + std::count(columns.begin(), columns.end(), ',');
        std::string nulls = "NULL";
        for (auto i = 1; i < count; ++i) nulls += ", NULL";
        view.view_sql = "SELECT * FROM (VALUES (" + nulls + ")) t(" + columns + ") WHERE false";
    } else {
        view.view_sql = "SELECT * FROM (VALUES " + rows + ") t(" + columns + ")";
    }
    return view;
}

Result<std::unique_ptr<object::ObjectReader>> QueryTables::open(uint64_t table, uint64_t object) {
    if (table >= addresses_.size() || object >= addresses_[table].size()) {
        return Error{ErrorCode::permission_denied, "PERMISSION_DENIED: not an object of this query's tables"};
    }
    const Address& address = addresses_[table][object];
    Result<std::unique_ptr<object::ObjectReader>> reader = objects_.open_object(address.bucket, address.key);
    if (!reader) {
        return with_context(std::move(reader).error(),
                            "HIVE_CANNOT_OPEN_SPLIT: s3://" + address.bucket + "/" + address.key);
    }
    return reader;
}

}  // namespace millrace::query
