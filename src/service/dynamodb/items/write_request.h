// PutItem, UpdateItem, DeleteItem and the actions of a transaction: from what was asked to the engine's operation.
#pragma once

#include <memory>

#include "src/aws/call.h"
#include "src/service/dynamodb/items/capacity.h"
#include "src/service/dynamodb/request/request.h"
#include "src/table/tables.h"

namespace millrace::service::dynamodb {

enum class ReturnValues : uint8_t { none, all_old, updated_old, all_new, updated_new };

// What an answer needs to know of a write.
struct WriteAnswer {
    table::TableRef table;
    table::Item key;  // where metrics are wanted
    ReturnValues values = ReturnValues::none;
    std::shared_ptr<const table::Update> update;
    bool item_on_failure = false;
    CapacityDetail capacity = CapacityDetail::none;
    bool metrics = false;
};
struct PreparedWrite {
    table::WriteOperation operation;
    WriteAnswer answer;
};

// Each: everything that AWS checks before it looks at the stored item, in its order.
aws::Outcome<PreparedWrite> prepare_put(table::Tables& tables, const aws::CallContext& context, Request request);
aws::Outcome<PreparedWrite> prepare_update(table::Tables& tables, const aws::CallContext& context, Request request);
aws::Outcome<PreparedWrite> prepare_erase(table::Tables& tables, const aws::CallContext& context, Request request);

}  // namespace millrace::service::dynamodb
