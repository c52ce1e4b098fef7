#include "src/catalog/lake.h"
#include "src/service/glue/conversions.h"
#include "src/service/glue/glue.h"
#include "src/service/glue/limits.h"
#include "src/service/glue/request.h"
#include "src/service/glue/version_id.h"

namespace millrace::service::glue {

using namespace aws::glue;

namespace {

TableVersion version_to_wire(const Scope& scope, const catalog::Table& table) {
    TableVersion out;
    out.Table.emplace() = to_wire(scope, table);
    out.VersionId = std::to_string(table.version);
    return out;
}

}  // namespace

aws::Outcome<GetTableVersionOutput> Glue::get_table_version(const aws::CallContext& context,
                                                            const GetTableVersionInput& input) {
    GLUE_CHECK_CATALOG();
    GetTableVersionOutput output;
    if (!input.VersionId) {
        GLUE_TRY_ASSIGN(const catalog::Table table, lake_.table(context.scope, input.DatabaseName, input.TableName));
        output.TableVersion.emplace() = version_to_wire(context.scope, table);
        return output;
    }
    const auto version = version_of(*input.VersionId);
    if (!version.ok()) return version.error();
    GLUE_TRY_ASSIGN(const catalog::Table table,
                    lake_.table_version(context.scope, input.DatabaseName, input.TableName, *version));
    output.TableVersion.emplace() = version_to_wire(context.scope, table);
    return output;
}

aws::Outcome<GetTableVersionsOutput> Glue::get_table_versions(const aws::CallContext& context,
                                                              const GetTableVersionsInput& input) {
    GLUE_CHECK_CATALOG();
    const auto after = position_of(input.NextToken);
    if (!after.ok()) return after.error();
    GLUE_TRY_ASSIGN(const auto page, lake_.table_versions(context.scope, input.DatabaseName, input.TableName, *after,
                                                          page_size(input.MaxResults, tables_page_max)));
    GetTableVersionsOutput output;
    output.TableVersions.emplace();
    for (const catalog::Table& table : page.items) {
        output.TableVersions->push_back(version_to_wire(context.scope, table));
    }
    output.NextToken = token_of(page.next);
    return output;
}

aws::Outcome<DeleteTableVersionOutput> Glue::delete_table_version(const aws::CallContext& context,
                                                                  const DeleteTableVersionInput& input) {
    GLUE_CHECK_CATALOG();
    const auto version = version_of(input.VersionId);
    if (!version.ok()) return version.error();
    const Status deleted = lake_.delete_table_version(context.scope, input.DatabaseName, input.TableName, *version);
    if (!deleted.ok() && deleted.error().code == ErrorCode::failed_precondition) {
        return invalid_input("The current version of a table cannot be deleted.");
    }
    GLUE_TRY(deleted);
    return DeleteTableVersionOutput{};
}

aws::Outcome<BatchDeleteTableVersionOutput> Glue::batch_delete_table_version(
    const aws::CallContext& context, const BatchDeleteTableVersionInput& input) {
    GLUE_CHECK_CATALOG();
    GLUE_TRY(lake_.table(context.scope, input.DatabaseName, input.TableName));
    BatchDeleteTableVersionOutput output;
    output.Errors.emplace();
    for (const std::string& id : input.VersionIds) {
        const auto deleted = delete_table_version(
            context, {.DatabaseName = input.DatabaseName, .TableName = input.TableName, .VersionId = id});
        if (deleted.ok()) continue;
        output.Errors->push_back(
            {.TableName = input.TableName,
             .VersionId = id,
             .ErrorDetail = ErrorDetail{.ErrorCode = deleted.error().code, .ErrorMessage = deleted.error().message}});
    }
    return output;
}

}  // namespace millrace::service::glue
