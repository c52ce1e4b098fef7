#include "src/query/plain_sql.h"

#include <utility>

#include <duckdb.h>

namespace millrace::query {

Result<PlainSql> PlainSql::open() {
    PlainSql sql;
    duckdb_database database = nullptr;
    if (duckdb_open(nullptr, &database) != DuckDBSuccess) return {ErrorCode::internal, "DuckDB does not open"};
    sql.database_ = database;
    duckdb_connection connection = nullptr;
    if (duckdb_connect(database, &connection) != DuckDBSuccess) {
        return {ErrorCode::internal, "DuckDB does not connect"};
    }
    sql.connection_ = connection;
    return sql;
}

PlainSql::PlainSql(PlainSql&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)), connection_(std::exchange(other.connection_, nullptr)) {}

PlainSql::~PlainSql() {
    auto connection = static_cast<duckdb_connection>(connection_);
    auto database = static_cast<duckdb_database>(database_);
    if (connection != nullptr) duckdb_disconnect(&connection);
    if (database != nullptr) duckdb_close(&database);
}

Result<PlainRows> PlainSql::run(const std::string& sql) {
    duckdb_result result;
    if (duckdb_query(static_cast<duckdb_connection>(connection_), sql.c_str(), &result) != DuckDBSuccess) {
        Error error{ErrorCode::invalid_argument, duckdb_result_error(&result)};
        duckdb_destroy_result(&result);
        return error;
    }
    PlainRows rows(duckdb_row_count(&result));
    for (idx_t row = 0; row < rows.size(); ++row) {
        for (idx_t column = 0; column < duckdb_column_count(&result); ++column) {
            if (duckdb_value_is_null(&result, column, row)) {
                rows[row].push_back(std::nullopt);
                continue;
            }
            char* text = duckdb_value_varchar(&result, column, row);
            rows[row].push_back(text);
            duckdb_free(text);
        }
    }
    duckdb_destroy_result(&result);
    return rows;
}

}  // namespace millrace::query
