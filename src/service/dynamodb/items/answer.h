// Answers, formatted by hand: items go from their bytes straight into the body.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "src/aws/call.h"
#include "src/table/tables.h"

namespace millrace::io {
class Executor;
}

namespace millrace::service::dynamodb {

using Projection = std::optional<std::vector<table::Path>>;

// Appends {"name":{"S":"..."},...}: the whole item, or what of it is at the paths. corruption.
Status append_item(const table::StoredItem& item, const Projection& projection, std::string* out);
// The same as a tree.
Result<table::Item> picked(const table::StoredItem& item, const std::vector<table::Path>& paths);

// The answer of an engine's error to a call; for DynamoDB's own words see errors.h.
void answer(const aws::RawCall& call, Result<std::string> body);

// Runs `work`, which answers `call`, on a thread that may block. Where too much waits the client is told to come again.
void run_on(io::Executor& executor, const aws::RawCall& call, std::function<void()> work);

// The table that an operation on items names; "Requested resource not found" where it can not take items (yet).
aws::Outcome<table::TableRef> find_items_table(table::Tables& tables, const aws::CallContext& context,
                                               std::string_view given, std::string_view place = "tableName");

}  // namespace millrace::service::dynamodb
