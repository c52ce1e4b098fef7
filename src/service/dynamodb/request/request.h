// A request on items as it came: every parameter that was given, its type checked and nothing else. What is wrong with
// a value (a number that is none, a set with duplicates) is kept beside it as AWS's sentence, because AWS says so only
// after other checks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/aws/failure.h"
#include "src/table/value/attribute_value.h"

namespace millrace::service::dynamodb {

struct GivenValue {
    table::AttributeValue value;
    std::string wrong;  // "" where the value is fine
};
struct GivenItem {
    table::Item item;
    std::string wrong;  // of the first value that is not
};
struct GivenValues {
    std::map<std::string, table::AttributeValue, std::less<>> values;
    std::string wrong, wrong_key;
};

// One entry of Expected, KeyConditions, QueryFilter or ScanFilter.
struct GivenCondition {
    std::string attribute;
    std::optional<std::string> comparison;
    std::optional<std::vector<GivenValue>> list;
    std::optional<GivenValue> value;  // Expected's alone, as is `exists`
    std::optional<bool> exists;
};
using GivenConditions = std::vector<GivenCondition>;  // in the order of the body

struct GivenUpdate {
    std::string attribute;
    std::optional<std::string> action;
    std::optional<GivenValue> value;
};

// The members of all operations on one table, and of what batches and transactions say of one table.
struct Request {
    std::optional<std::string> table, index;
    std::optional<GivenItem> key, item, start_key;
    std::optional<std::vector<GivenItem>> keys;  // BatchGetItem
    std::optional<std::string> condition, update, projection, filter, key_condition;
    std::optional<std::map<std::string, std::string, std::less<>>> names;
    std::optional<GivenValues> values;
    std::optional<GivenConditions> expected, key_conditions, query_filter, scan_filter;
    std::optional<std::vector<GivenUpdate>> attribute_updates;
    std::optional<std::vector<std::string>> attributes_to_get;
    std::optional<std::string> conditional_operator, select;
    std::optional<std::string> return_values, return_on_failure, return_capacity, return_metrics;
    std::optional<bool> consistent_read, scan_forward;
    std::optional<int64_t> limit, segment, total_segments;
};

// One entry of BatchWriteItem.
struct GivenWrite {
    std::optional<GivenItem> put, erase;
    bool has_put = false, has_erase = false;  // PutRequest, DeleteRequest were there, perhaps without Item or Key
};

enum class ActionKind : uint8_t { put, update, erase, check, get };
struct GivenAction {  // one of TransactItems
    ActionKind kind = ActionKind::put;
    int kinds = 0;  // how many were given: exactly one is right
    Request request;
};

// What batches and transactions say.
struct BatchRequest {
    // By table, as given; of a table named twice the last.
    std::optional<std::vector<std::pair<std::string, Request>>> reads;
    std::optional<std::vector<std::pair<std::string, std::vector<GivenWrite>>>> writes;
    std::optional<std::vector<GivenAction>> actions;
    std::optional<std::string> return_capacity, return_metrics, token;
};

// AWS's sentence about a name that no attribute can have; "" where it is fine.
std::string_view wrong_name(std::string_view name);

// Each: the JSON body of that kind of request, of which 64 bytes after the end may be read. SerializationException in
// AWS's words where a member has another type. Any thread.
aws::Outcome<Request> read_request(std::string_view padded_body);
aws::Outcome<BatchRequest> read_batch_get(std::string_view padded_body);
aws::Outcome<BatchRequest> read_batch_write(std::string_view padded_body);
aws::Outcome<BatchRequest> read_transaction(std::string_view padded_body);

}  // namespace millrace::service::dynamodb
