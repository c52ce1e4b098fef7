// What Query and Scan have in common: the index, what is selected, where to go on, and the answer.
#pragma once

#include <string>

#include "src/aws/call.h"
#include "src/service/dynamodb/compile.h"
#include "src/service/dynamodb/items/answer.h"
#include "src/service/dynamodb/items/capacity.h"
#include "src/service/dynamodb/request/request.h"
#include "src/table/tables.h"

namespace millrace::service::dynamodb {

// What is read and how it is answered. `index` is of `table`.
struct PageRequest {
    table::TableRef table;
    const table::Index* index = nullptr;  // null: the table itself
    Projection projection;
    bool count_only = false;
    bool fetch_from_table = false;  // an LSI's entries lack something that is asked for
    bool consistent = false;
    CapacityDetail capacity = CapacityDetail::none;
    const table::KeyNames& key() const { return index != nullptr ? index->key : table->key; }
};

// Select against what else is given: before the table is looked up.
std::optional<aws::Failure> check_select(const Request& request);
// "The provided starting key is invalid: ..." where one of its values is.
std::optional<aws::Failure> check_start_values(const Request& request);
// How many attributes an ExclusiveStartKey has: the table's key, and what the index's has beside it.
size_t start_key_size(const PageRequest& page);
// Finds the table and the index, and checks what of an index can be read.
aws::Outcome<PageRequest> find_page(table::Tables& tables, const aws::CallContext& context, const Request& request,
                                    const Compiled& compiled);
// A Query of an index may not filter by what the index does not have; to a Scan of it that is absent from every entry.
std::optional<aws::Failure> check_filter_projected(const PageRequest& page, const table::Condition* filter);
// Paths of the projection and the filter that go into a key attribute.
std::optional<aws::Failure> check_page_paths(const PageRequest& page, const Compiled& compiled);

// {"Items":[...],"Count":1,"ScannedCount":1,"LastEvaluatedKey":{...},"ConsumedCapacity":{...}}
Result<std::string> page_body(const PageRequest& request, const Result<table::Page>& page);

}  // namespace millrace::service::dynamodb
