#include "src/service/dynamodb/table_edit.h"

#include "src/service/dynamodb/errors.h"

namespace millrace::service::dynamodb {

aws::Outcome<table::TableRef> edit_table(table::Tables& tables, const Scope& scope, const std::string& name,
                                         const Edit& change) {
    std::optional<aws::Failure> refused;
    auto table = tables.update(scope, name, [&](table::TableDefinition* definition) -> Status {
        TRY_ASSIGN(TableSettings settings, decode_table_settings(definition->settings));
        refused = change(definition, &settings);
        if (refused) return {ErrorCode::cancelled, "refused"};
        definition->settings = encode(settings);
        return {};
    });
    if (refused) return *std::move(refused);
    if (table.ok()) return *std::move(table);
    return table.error().code == ErrorCode::not_found ? table_not_found(name) : failure_of(table.error());
}

std::optional<aws::Failure> check_not_changing(const table::TableDefinition& table) {
    if (table.state != table::TableState::creating) return std::nullopt;
    return resource_in_use("Attempt to change a resource which is still in use: Table is being created: " + table.name);
}

}  // namespace millrace::service::dynamodb
