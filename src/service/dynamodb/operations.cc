// The table of DynamoDB: one row an operation. src/aws/README.md says how rows are written.
#include "src/service/dynamodb/operations.h"

#include "aws/dynamodb/shapes.h"

#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/items.h"

namespace millrace::service::dynamodb {

using namespace aws::dynamodb;  // the generated shapes

aws::Service operations(DynamoDb& dynamodb) {
    return aws::make_service(
        dynamodb, model(),
        {
            // --- items ---
            MILLRACE_OPERATION(GetItem, raw, read, "dynamodb:GetItem", get_item),
            MILLRACE_OPERATION(PutItem, raw, write, "dynamodb:PutItem", put_item),
            MILLRACE_OPERATION(UpdateItem, raw, write, "dynamodb:UpdateItem", update_item),
            MILLRACE_OPERATION(DeleteItem, raw, write, "dynamodb:DeleteItem", delete_item),
            MILLRACE_OPERATION(BatchGetItem, raw, read, "dynamodb:BatchGetItem", batch_get_item),
            MILLRACE_OPERATION(BatchWriteItem, raw, write, "dynamodb:BatchWriteItem", batch_write_item),
            MILLRACE_OPERATION(TransactGetItems, raw, read, "dynamodb:TransactGetItems", transact_get_items),
            MILLRACE_OPERATION(TransactWriteItems, raw, write, "dynamodb:TransactWriteItems", transact_write_items),
            MILLRACE_OPERATION(Query, raw, read, "dynamodb:Query", query),
            MILLRACE_OPERATION(Scan, raw, read, "dynamodb:Scan", scan),
            // --- PartiQL ---
            // --- tables ---
            MILLRACE_OPERATION(DescribeTable, worker, read, "dynamodb:DescribeTable", describe_table),
            MILLRACE_OPERATION(ListTables, worker, read, "dynamodb:ListTables", list_tables),
        });
}

}  // namespace millrace::service::dynamodb
