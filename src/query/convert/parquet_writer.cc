// DuckDB pulls: `COPY (SELECT * FROM records()) TO 'file'` in an instance of its own, where records() is a table
// function that asks the source for the next chunk. So nothing is kept but the row group being written, and a chunk is
// parsed, encoded and dropped while it is in the cache. The instance lives for one file: an idle server holds none.
#include "src/query/convert/parquet_writer.h"

#include <memory>

#include "src/query/convert/row_writer.h"

namespace millrace::query {

namespace {

// Under each BlockSizeBytes that AWS allows (64 MiB and more), and what bounds our memory.
constexpr std::string_view row_group_limits = "ROW_GROUP_SIZE 122880, ROW_GROUP_SIZE_BYTES 67108864";

struct Input {
    ChunkSource* source;
    const std::vector<ParquetColumn>* columns;
};

template <auto destroy>
struct Destroy {
    void operator()(auto* handle) const {
        destroy(handle);
        delete handle;
    }
};
template <class T, auto destroy>
using Handle = std::unique_ptr<T, Destroy<destroy>>;
using Database = Handle<duckdb_database, duckdb_close>;
using Connection = Handle<duckdb_connection, duckdb_disconnect>;
using Config = Handle<duckdb_config, duckdb_destroy_config>;
using Answer = Handle<duckdb_result, duckdb_destroy_result>;
using Function = Handle<duckdb_table_function, duckdb_destroy_table_function>;

void bind(duckdb_bind_info info) {
    const auto* input = static_cast<const Input*>(duckdb_bind_get_extra_info(info));
    for (const ParquetColumn& column : *input->columns) {
        duckdb_logical_type type = logical_type_of(*column.type);
        duckdb_bind_add_result_column(info, column.name.c_str(), type);
        duckdb_destroy_logical_type(&type);
    }
}

void init(duckdb_init_info info) {
    duckdb_init_set_max_threads(info, 1);
}

void next_chunk(duckdb_function_info info, duckdb_data_chunk chunk) {
    static_cast<const Input*>(duckdb_function_get_extra_info(info))->source->fill(chunk);
}

Error failed(std::string_view what, const char* said) {
    const std::string_view text = said == nullptr ? "unknown error" : said;
    const bool full = text.find("Out of Memory") != std::string_view::npos ||
                      text.find("No space left") != std::string_view::npos ||
                      text.find("failed to offload") != std::string_view::npos;
    return {full ? ErrorCode::resource_exhausted : ErrorCode::io, std::string(what) + ": " + std::string(text)};
}

std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
    return out + "'";
}

Result<Database> open_database(const ParquetOptions& options) {
    Config config(new duckdb_config(nullptr));
    if (duckdb_create_config(config.get()) != DuckDBSuccess) return failed("cannot configure DuckDB", nullptr);
    const auto set = [&](const char* name, const std::string& value) -> Status {
        if (duckdb_set_config(*config, name, value.c_str()) == DuckDBSuccess) return {};
        return failed(std::string("cannot set DuckDB's ") + name, "refused");
    };
    TRY(set("threads", "1"));  // the calling thread alone
    TRY(set("memory_limit", std::to_string(options.memory_bytes_max) + "B"));
    TRY(set("temp_directory", options.temporary_directory));
    TRY(set("preserve_insertion_order", "false"));  // needed for a limit in bytes; one thread keeps the order anyway
    TRY(set("autoinstall_known_extensions", "false"));
    TRY(set("autoload_known_extensions", "false"));
    Database database(new duckdb_database(nullptr));
    char* said = nullptr;
    if (duckdb_open_ext(":memory:", database.get(), *config, &said) != DuckDBSuccess) {
        Error error = failed("cannot start DuckDB", said);
        duckdb_free(said);
        return error;
    }
    return database;
}

Status register_source(duckdb_connection connection, Input& input) {
    Function function(new duckdb_table_function(duckdb_create_table_function()));
    duckdb_table_function_set_name(*function, "records");
    duckdb_table_function_set_extra_info(*function, &input, nullptr);
    duckdb_table_function_set_bind(*function, bind);
    duckdb_table_function_set_init(*function, init);
    duckdb_table_function_set_function(*function, next_chunk);
    if (duckdb_register_table_function(connection, *function) == DuckDBSuccess) return {};
    return failed("cannot register a table function with DuckDB", nullptr);
}

}  // namespace

Status write_parquet(ChunkSource& source, const std::vector<ParquetColumn>& columns, const ParquetOptions& options,
                     const std::string& path) {
    Input input{&source, &columns};
    TRY_ASSIGN(const Database database, open_database(options));
    Connection connection(new duckdb_connection(nullptr));
    if (duckdb_connect(*database, connection.get()) != DuckDBSuccess)
        return failed("cannot connect to DuckDB", nullptr);
    TRY(register_source(*connection, input));
    std::string sql = "COPY (SELECT * FROM records()) TO " + quoted(path) + " (FORMAT parquet, COMPRESSION " +
                      options.compression + ", PARQUET_VERSION " + options.version + ", USE_TMP_FILE false, " +
                      std::string(row_group_limits);
    if (!options.dictionary) sql += ", DICTIONARY_SIZE_LIMIT 0";
    sql += ")";
    Answer answer(new duckdb_result());
    if (duckdb_query(*connection, sql.c_str(), answer.get()) == DuckDBSuccess) return {};
    return failed("cannot write " + path, duckdb_result_error(answer.get()));
}

}  // namespace millrace::query
