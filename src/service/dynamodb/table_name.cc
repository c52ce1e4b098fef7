#include "src/service/dynamodb/table_name.h"

#include <algorithm>

#include "src/service/dynamodb/errors.h"
#include "src/table/arn.h"
#include "src/table/tables.h"

namespace millrace::service::dynamodb {
namespace {

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
}

}  // namespace

std::optional<aws::Failure> check_table_name(std::string_view name, std::string_view place) {
    if (!std::all_of(name.begin(), name.end(), is_name_character)) {
        return constraint(name, place, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
    }
    if (name.size() < 3) return constraint(name, place, "Member must have length greater than or equal to 3");
    if (name.size() > 255) return constraint(name, place, "Member must have length less than or equal to 255");
    return std::nullopt;
}

aws::Outcome<std::string> table_name(const aws::CallContext& context, std::string_view given, std::string_view place) {
    if (!given.starts_with("arn:")) {
        if (auto failure = check_table_name(given, place)) return *std::move(failure);
        return std::string(given);
    }
    const auto arn = table::parse_arn(given);
    if (!arn || !arn->kind.empty())
        return validation("Invalid TableArn: Invalid ResourceArn provided as input " + std::string(given));
    if (auto failure = check_table_name(arn->table, place)) return *std::move(failure);
    if (arn->scope.account != context.scope.account) {
        return access_denied("User: arn:aws:iam::" + context.scope.account +
                             ":root is not authorized to perform: dynamodb:" + std::string(context.operation) +
                             " on resource: " + std::string(given));
    }
    if (arn->scope.region != context.scope.region) return table_not_found(arn->table);
    return arn->table;
}

aws::Outcome<table::TableRef> find_table(table::Tables& tables, const aws::CallContext& context, std::string_view given,
                                         std::string_view place) {
    TRY_ASSIGN(const std::string name, table_name(context, given, place));
    auto table = tables.find(context.scope, name);
    if (!table.ok()) return table_not_found(name);
    return *std::move(table);
}

}  // namespace millrace::service::dynamodb
