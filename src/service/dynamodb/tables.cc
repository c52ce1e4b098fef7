// What tables there are.
#include <algorithm>

#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/table_description.h"
#include "src/service/dynamodb/table_name.h"

namespace millrace::service::dynamodb {
namespace {

constexpr size_t list_limit_max = 100;

}  // namespace

Outcome<shapes::DescribeTableOutput> describe_table(DynamoDb& self, const CallContext& context,
                                                    const shapes::DescribeTableInput& input) {
    TRY_ASSIGN(const table::TableRef table, find_table(self.parts().tables, context, input.TableName));
    auto description = describe(self.parts().tables, table);
    if (!description.ok()) return failure_of(description.error());
    shapes::DescribeTableOutput output;
    output.Table = *std::move(description);
    return output;
}

Outcome<shapes::ListTablesOutput> list_tables(DynamoDb& self, const CallContext& context,
                                              const shapes::ListTablesInput& input) {
    const size_t limit = input.Limit ? static_cast<size_t>(*input.Limit) : list_limit_max;
    auto found = self.parts().tables.list(context.scope, input.ExclusiveStartTableName.value_or(""), limit + 1);
    shapes::ListTablesOutput output;
    output.TableNames.emplace();
    for (size_t i = 0; i < std::min(limit, found.size()); ++i) output.TableNames->push_back(found[i]->name);
    if (found.size() > limit) output.LastEvaluatedTableName = output.TableNames->back();
    return output;
}

}  // namespace millrace::service::dynamodb
