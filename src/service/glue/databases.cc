#include "src/catalog/lake.h"
#include "src/service/glue/conversions.h"
#include "src/service/glue/glue.h"
#include "src/service/glue/limits.h"
#include "src/service/glue/request.h"

namespace millrace::service::glue {

using namespace aws::glue;

aws::Outcome<CreateDatabaseOutput> Glue::create_database(const aws::CallContext& context,
                                                         const CreateDatabaseInput& input) {
    GLUE_CHECK_CATALOG();
    if (input.Tags && input.Tags->size() > catalog::tags_max) return invalid_input("A resource has at most 50 tags.");
    catalog::Database database = from_wire(input.DatabaseInput);
    const std::string arn = database_arn(context.scope, database.name);
    GLUE_TRY(lake_.create_database(context.scope, std::move(database)));
    if (input.Tags) GLUE_TRY(tags_.add(context.scope, arn, *input.Tags));
    return CreateDatabaseOutput{};
}

aws::Outcome<GetDatabaseOutput> Glue::get_database(const aws::CallContext& context, const GetDatabaseInput& input) {
    GLUE_CHECK_CATALOG();
    GLUE_TRY_ASSIGN(const catalog::Database database, lake_.database(context.scope, input.Name));
    return GetDatabaseOutput{.Database = to_wire(context.scope, database)};
}

aws::Outcome<GetDatabasesOutput> Glue::get_databases(const aws::CallContext& context, const GetDatabasesInput& input) {
    GLUE_CHECK_CATALOG();
    auto after = position_of(input.NextToken);
    if (!after.ok()) return after.error();
    GetDatabasesOutput output;
    // Nothing is shared between accounts or federated: of those kinds there are none.
    if (input.ResourceShareType == "FOREIGN" || input.ResourceShareType == "FEDERATED") return output;
    GLUE_TRY_ASSIGN(const auto page,
                    lake_.databases(context.scope, *after, page_size(input.MaxResults, databases_page_max)));
    const bool names_only =
        input.AttributesToGet && input.AttributesToGet->size() == 1;  // its only other is TARGET_DATABASE
    for (const catalog::Database& database : page.items) {
        if (names_only) {
            output.DatabaseList.push_back({.Name = database.name});
        } else {
            output.DatabaseList.push_back(to_wire(context.scope, database));
        }
    }
    output.NextToken = token_of(page.next);
    return output;
}

aws::Outcome<UpdateDatabaseOutput> Glue::update_database(const aws::CallContext& context,
                                                         const UpdateDatabaseInput& input) {
    GLUE_CHECK_CATALOG();
    GLUE_TRY(lake_.update_database(context.scope, input.Name, from_wire(input.DatabaseInput)));
    return UpdateDatabaseOutput{};
}

aws::Outcome<DeleteDatabaseOutput> Glue::delete_database(const aws::CallContext& context,
                                                         const DeleteDatabaseInput& input) {
    GLUE_CHECK_CATALOG();
    GLUE_TRY(lake_.delete_database(context.scope, input.Name));
    GLUE_TRY(tags_.forget(context.scope, database_arn(context.scope, input.Name)));
    return DeleteDatabaseOutput{};
}

}  // namespace millrace::service::glue
