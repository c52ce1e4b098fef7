// PartiQL: the handlers, on the executor; they may block.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
#pragma once

#include "aws/dynamodb/shapes.h"

#include "src/aws/call.h"

namespace millrace::service::dynamodb {

class DynamoDb;

// execute.cc
aws::Outcome<aws::dynamodb::ExecuteStatementOutput> execute_statement(DynamoDb&, const aws::CallContext&,
                                                                      const aws::dynamodb::ExecuteStatementInput&);
// batch.cc
aws::Outcome<aws::dynamodb::BatchExecuteStatementOutput> batch_execute_statement(
    DynamoDb&, const aws::CallContext&, const aws::dynamodb::BatchExecuteStatementInput&);
// transaction.cc
aws::Outcome<aws::dynamodb::ExecuteTransactionOutput> execute_transaction(
    DynamoDb&, const aws::CallContext&, const aws::dynamodb::ExecuteTransactionInput&);

}  // namespace millrace::service::dynamodb
