#include <charconv>

#include "src/catalog/lake.h"
#include "src/service/glue/conversions.h"
#include "src/service/glue/glue.h"
#include "src/service/glue/limits.h"
#include "src/service/glue/request.h"
#include "src/service/glue/table_pattern.h"
#include "src/service/glue/version_id.h"

namespace millrace::service::glue {

using namespace aws::glue;

namespace {

bool asks_for(const std::optional<std::vector<std::string>>& attributes, std::string_view name) {
    return std::find(attributes->begin(), attributes->end(), name) != attributes->end();
}

// AttributesToGet: the name, and the type where asked for.
Table trimmed(const std::optional<std::vector<std::string>>& attributes, Table table) {
    if (!attributes || attributes->empty()) return table;
    Table out;
    out.Name = std::move(table.Name);
    out.DatabaseName = std::move(table.DatabaseName);
    if (asks_for(attributes, "TABLE_TYPE")) out.TableType = std::move(table.TableType);
    return out;
}

}  // namespace

aws::Outcome<CreateTableOutput> Glue::create_table(const aws::CallContext& context, const CreateTableInput& input) {
    GLUE_CHECK_CATALOG();
    if (!input.TableInput) return invalid_input("TableInput is required.");
    GLUE_TRY(lake_.create_table(context.scope, from_wire(input.DatabaseName, *input.TableInput)));
    return CreateTableOutput{};
}

aws::Outcome<GetTableOutput> Glue::get_table(const aws::CallContext& context, const GetTableInput& input) {
    GLUE_CHECK_CATALOG();
    GLUE_TRY_ASSIGN(const catalog::Table table, lake_.table(context.scope, input.DatabaseName, input.Name));
    GetTableOutput output;
    output.Table.emplace() = trimmed(input.AttributesToGet, to_wire(context.scope, table));
    return output;
}

// A pattern may leave few of a page: we go on until the page is full or the tables end.
aws::Outcome<GetTablesOutput> Glue::get_tables(const aws::CallContext& context, const GetTablesInput& input) {
    GLUE_CHECK_CATALOG();
    auto after = position_of(input.NextToken);
    if (!after.ok()) return after.error();
    GLUE_TRY_ASSIGN(const TablePattern pattern, TablePattern::parse(input.Expression.value_or("*")));
    const size_t limit = page_size(input.MaxResults, tables_page_max);
    GetTablesOutput output;
    output.TableList.emplace();
    if (input.ResourceShareType == "FOREIGN" || input.ResourceShareType == "FEDERATED") return output;
    while (output.TableList->size() < limit) {
        GLUE_TRY_ASSIGN(const auto page,
                        lake_.tables(context.scope, input.DatabaseName, *after, limit - output.TableList->size()));
        for (const catalog::Table& table : page.items) {
            if (!pattern.matches(table.name)) continue;
            output.TableList->push_back(trimmed(input.AttributesToGet, to_wire(context.scope, table)));
        }
        *after = page.next;
        if (page.next.empty()) break;
    }
    output.NextToken = token_of(*after);
    return output;
}

aws::Outcome<UpdateTableOutput> Glue::update_table(const aws::CallContext& context, const UpdateTableInput& input) {
    GLUE_CHECK_CATALOG();
    if (!input.TableInput) return invalid_input("TableInput is required.");
    if (input.Force.value_or(false))
        return invalid_input("Millrace does not honour Force: there are no managed views.");
    std::optional<uint64_t> expected;
    if (input.VersionId) {
        auto version = version_of(*input.VersionId);
        if (!version.ok()) return version.error();
        expected = *version;
    }
    const Status updated = lake_.update_table(context.scope, from_wire(input.DatabaseName, *input.TableInput),
                                              input.SkipArchive.value_or(false), expected);
    if (!updated.ok() && updated.error().code == ErrorCode::failed_precondition) {
        return aws::Failure{"ConcurrentModificationException", "Update table failed due to concurrent modifications."};
    }
    GLUE_TRY(updated);
    return UpdateTableOutput{};
}

aws::Outcome<DeleteTableOutput> Glue::delete_table(const aws::CallContext& context, const DeleteTableInput& input) {
    GLUE_CHECK_CATALOG();
    GLUE_TRY(lake_.delete_table(context.scope, input.DatabaseName, input.Name));
    return DeleteTableOutput{};
}

aws::Outcome<BatchDeleteTableOutput> Glue::batch_delete_table(const aws::CallContext& context,
                                                              const BatchDeleteTableInput& input) {
    GLUE_CHECK_CATALOG();
    GLUE_TRY(lake_.database(context.scope, input.DatabaseName));
    BatchDeleteTableOutput output;
    output.Errors.emplace();
    for (const std::string& name : input.TablesToDelete) {
        const Status deleted = lake_.delete_table(context.scope, input.DatabaseName, name);
        if (!deleted.ok()) {
            output.Errors->push_back({.TableName = name, .ErrorDetail = error_detail_of(deleted.error())});
        }
    }
    return output;
}

}  // namespace millrace::service::glue
