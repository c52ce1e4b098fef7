// lake_parquet(files, lake_columns={'name': 'TYPE', ...}): DuckDB's parquet_scan with the schema given instead of taken
// from the first file. DuckDB has a hook for table formats that know their schema (MultiFileReader::Bind); a Glue table
// is one. union_by_name makes its column mapper fill what a file lacks with NULL; because Bind answers, no file is
// opened for its schema.
#include "duckdb.hpp"
#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp"
#include "duckdb/common/multi_file/multi_file_reader.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/parser/parsed_data/create_table_function_info.hpp"

#include "src/query/worker/table_scan.h"

namespace millrace::query {

namespace {

class LakeReader : public duckdb::MultiFileReader {
  public:
    bool ParseOption(const std::string& key, const duckdb::Value& value, duckdb::MultiFileOptions& options,
                     duckdb::ClientContext& context) override {
        if (key != "lake_columns") return MultiFileReader::ParseOption(key, value, options, context);
        const auto& children = duckdb::StructValue::GetChildren(value);
        for (duckdb::idx_t i = 0; i < children.size(); ++i) {
            names_.push_back(duckdb::StructType::GetChildName(value.type(), i));
            types_.push_back(duckdb::TransformStringToLogicalType(children[i].ToString(), context));
        }
        return true;
    }
    bool Bind(duckdb::MultiFileOptions& options, duckdb::MultiFileList&, duckdb::vector<duckdb::LogicalType>& types,
              duckdb::vector<duckdb::string>& names, duckdb::MultiFileReaderBindData& bind_data) override {
        options.union_by_name = true;
        types = types_;
        names = names_;
        bind_data.mapping = duckdb::MultiFileColumnMappingMode::BY_NAME;
        return true;
    }
    duckdb::unique_ptr<duckdb::MultiFileReader> Copy() const override {
        auto copy = duckdb::make_uniq<LakeReader>();
        copy->function_name = function_name;
        copy->names_ = names_;
        copy->types_ = types_;
        return copy;
    }
    static duckdb::unique_ptr<duckdb::MultiFileReader> create(const duckdb::TableFunction&) {
        return duckdb::make_uniq<LakeReader>();
    }

  private:
    duckdb::vector<duckdb::string> names_;
    duckdb::vector<duckdb::LogicalType> types_;
};

}  // namespace

void register_table_functions(duckdb::DatabaseInstance& database) {
    duckdb::ExtensionLoader loader(database, "millrace");
    auto& parquet = loader.GetTableFunction("parquet_scan");
    duckdb::TableFunctionSet functions("lake_parquet");
    for (duckdb::TableFunction function : parquet.functions.functions) {
        function.name = "lake_parquet";
        function.get_multi_file_reader = LakeReader::create;
        function.named_parameters["lake_columns"] = duckdb::LogicalType::ANY;
        function.serialize = nullptr;
        function.deserialize = nullptr;
        functions.AddFunction(function);
    }
    loader.RegisterFunction(functions);
}

}  // namespace millrace::query
