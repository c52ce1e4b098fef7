// Databases and tables as Athena's own API shows them: the lake, under the one data catalogue that there is.
#include "src/aws/call.h"
#include "src/catalog/lake.h"
#include "src/service/athena/athena.h"
#include "src/service/athena/errors.h"
#include "src/service/athena/limits.h"

namespace millrace::service::athena {

using namespace aws::athena;

namespace {

constexpr std::string_view catalog_name = "AwsDataCatalog";

bool is_the_catalog(std::string_view name) {
    if (name.size() != catalog_name.size()) return false;
    for (size_t i = 0; i < name.size(); ++i) {
        if ((name[i] | 0x20) != (catalog_name[i] | 0x20)) return false;  // letters alone: case does not matter
    }
    return true;
}

aws::Failure no_catalog(const std::string& name) {
    return invalid_request("Data catalog " + name + " was not found: there is AwsDataCatalog alone.");
}

Database describe(const catalog::Database& database) {
    Database out;
    out.Name = database.name;
    if (!database.description.empty()) out.Description = database.description;
    if (!database.parameters.empty()) out.Parameters = database.parameters;
    return out;
}

std::vector<Column> describe(const std::vector<catalog::Column>& columns) {
    std::vector<Column> out;
    for (const catalog::Column& column : columns) {
        Column& one = out.emplace_back();
        one.Name = column.name;
        one.Type = column.type;
        if (!column.comment.empty()) one.Comment = column.comment;
    }
    return out;
}

TableMetadata describe(const catalog::Table& table) {
    TableMetadata out;
    out.Name = table.name;
    out.CreateTime = table.created;
    if (!table.table_type.empty()) out.TableType = table.table_type;
    out.Columns = describe(table.storage.columns);
    out.PartitionKeys = describe(table.partition_keys);
    out.Parameters = table.parameters;
    out.Parameters->try_emplace("location", table.storage.location);
    out.Parameters->try_emplace("inputformat", table.storage.input_format);
    out.Parameters->try_emplace("outputformat", table.storage.output_format);
    out.Parameters->try_emplace("serde.serialization.lib", table.storage.serde_library);
    for (const auto& [key, value] : table.storage.serde_parameters) {
        out.Parameters->try_emplace("serde.param." + key, value);
    }
    return out;
}

}  // namespace

aws::Outcome<ListDataCatalogsOutput> Athena::list_data_catalogs(const aws::CallContext&, const ListDataCatalogsInput&) {
    ListDataCatalogsOutput output;
    output.DataCatalogsSummary.emplace().push_back({.CatalogName = std::string(catalog_name), .Type = "GLUE"});
    return output;
}

aws::Outcome<GetDataCatalogOutput> Athena::get_data_catalog(const aws::CallContext& context,
                                                            const GetDataCatalogInput& input) {
    if (!is_the_catalog(input.Name)) return no_catalog(input.Name);
    GetDataCatalogOutput output;
    DataCatalog& catalog = output.DataCatalog.emplace();
    catalog.Name = catalog_name;
    catalog.Type = "GLUE";
    catalog.Parameters = {{"catalog-id", context.scope.account}};
    return output;
}

aws::Outcome<ListDatabasesOutput> Athena::list_databases(const aws::CallContext& context,
                                                         const ListDatabasesInput& input) {
    if (!is_the_catalog(input.CatalogName)) return no_catalog(input.CatalogName);
    const auto limit = static_cast<size_t>(input.MaxResults.value_or(list_page_max));
    const Result<catalog::Page<catalog::Database>> page =
        lake_.databases(context.scope, input.NextToken.value_or(""), limit);
    if (!page.ok()) return metadata_failure_of(page.error());
    ListDatabasesOutput output;
    output.DatabaseList.emplace();
    for (const catalog::Database& database : page->items) output.DatabaseList->push_back(describe(database));
    if (!page->next.empty()) output.NextToken = page->next;
    return output;
}

aws::Outcome<GetDatabaseOutput> Athena::get_database(const aws::CallContext& context, const GetDatabaseInput& input) {
    if (!is_the_catalog(input.CatalogName)) return no_catalog(input.CatalogName);
    const Result<catalog::Database> database = lake_.database(context.scope, input.DatabaseName);
    if (!database.ok()) return metadata_failure_of(database.error());
    return GetDatabaseOutput{.Database = describe(*database)};
}

aws::Outcome<ListTableMetadataOutput> Athena::list_table_metadata(const aws::CallContext& context,
                                                                  const ListTableMetadataInput& input) {
    if (!is_the_catalog(input.CatalogName)) return no_catalog(input.CatalogName);
    const auto limit = static_cast<size_t>(input.MaxResults.value_or(list_page_max));
    const Result<catalog::Page<catalog::Table>> page =
        lake_.tables(context.scope, input.DatabaseName, input.NextToken.value_or(""), limit);
    if (!page.ok()) return metadata_failure_of(page.error());
    ListTableMetadataOutput output;
    output.TableMetadataList.emplace();
    for (const catalog::Table& table : page->items) output.TableMetadataList->push_back(describe(table));
    if (!page->next.empty()) output.NextToken = page->next;
    return output;
}

aws::Outcome<GetTableMetadataOutput> Athena::get_table_metadata(const aws::CallContext& context,
                                                                const GetTableMetadataInput& input) {
    if (!is_the_catalog(input.CatalogName)) return no_catalog(input.CatalogName);
    const Result<catalog::Table> table = lake_.table(context.scope, input.DatabaseName, input.TableName);
    if (!table.ok()) return metadata_failure_of(table.error());
    return GetTableMetadataOutput{.TableMetadata = describe(*table)};
}

}  // namespace millrace::service::athena
