// Query: the items of one partition key, in the order of their sort keys.
#include "src/service/dynamodb/compile.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/items.h"
#include "src/service/dynamodb/items/page_request.h"
#include "src/service/dynamodb/keys.h"
#include "src/service/dynamodb/limits.h"
#include "src/service/dynamodb/request/constraints.h"
#include "src/table/expression/condition.h"

namespace millrace::service::dynamodb {
namespace {

using table::AttributeValue;

struct Query {
    PageRequest page;
    table::QueryRequest request;
};

bool is_in(const table::SortKeyRange& range, const AttributeValue& value) {
    auto order = std::strong_ordering::equal;
    if (range.low && (!table::order_of(value, *range.low, &order) || order < 0 || (range.low_open && order == 0))) {
        return false;
    }
    if (range.high && (!table::order_of(value, *range.high, &order) || order > 0 || (range.high_open && order == 0))) {
        return false;
    }
    if (!range.prefix) return true;
    const auto* text = value.as<std::string>();
    const auto* binary = value.as<table::Binary>();
    if (text != nullptr) return text->starts_with(*range.prefix->as<std::string>());
    return binary != nullptr && binary->bytes.starts_with(range.prefix->as<table::Binary>()->bytes);
}

std::optional<aws::Failure> check_start_schema(const PageRequest& page, const table::Item& start) {
    if (start.size() != start_key_size(page)) return validation("The provided starting key is invalid");
    const table::KeyNames& key = page.key();
    for (size_t i = 0; i < key.size(); ++i) {
        const auto [name, type, is_partition] = key.at(i);
        const AttributeValue* value = start.find(name);
        if (value == nullptr) return validation("The provided starting key is invalid");
        TRY_CHECK(check_key_value(name, type, is_partition, value));
    }
    table::Item of_table;
    for (const std::string& name : {page.table->key.partition, page.table->key.sort}) {
        const AttributeValue* value = start.find(name);
        if (!name.empty() && value != nullptr) of_table.set(name, *value);
    }
    if (auto failure = check_key(*page.table, of_table)) {
        return validation("The provided starting key is invalid: " + failure->message);
    }
    return std::nullopt;
}

std::optional<aws::Failure> check_start(const PageRequest& page, const table::KeyCondition& key,
                                        const table::Item& start) {
    TRY_CHECK(check_start_schema(page, start));
    const table::KeyNames& names = page.key();
    const auto value_at = [&](size_t i) -> const AttributeValue& { return *start.find(names.at(i).name); };
    bool same_partition = value_at(0) == key.partition;
    for (size_t i = 0; i < key.more_partition.size(); ++i) same_partition &= value_at(1 + i) == key.more_partition[i];
    if (!key.sort) {
        if (same_partition) return std::nullopt;
        return validation("The provided starting key is outside query boundaries based on provided conditions");
    }
    bool in_range = true;
    size_t sort = names.partitions();
    for (const AttributeValue& equal : key.sort_equal) in_range &= value_at(sort++) == equal;
    if (!in_range || !is_in(*key.sort, value_at(sort))) {
        return validation("The provided starting key does not match the range key predicate");
    }
    if (same_partition) return std::nullopt;
    return validation("The provided starting key is outside query boundaries based on provided conditions");
}

// AWS wants the key's attributes in the key condition, not in the filter.
std::optional<aws::Failure> check_filter_names(const PageRequest& page, const Request& request,
                                               const table::Condition* filter) {
    if (filter == nullptr) return std::nullopt;
    for (size_t i = 0; i < page.key().size(); ++i) {
        const std::string& name = page.key().at(i).name;
        if (!filter->attributes().contains(name)) continue;
        return validation(std::string(request.query_filter ? "QueryFilter" : "Filter Expression") +
                          " can only contain non-primary key attributes: Primary key attribute: " + name);
    }
    return std::nullopt;
}

aws::Outcome<Query> prepare(table::Tables& tables, const aws::CallContext& context, Request request) {
    TRY_CHECK(check_query(request));
    TRY_CHECK(check_mixing(Form::query, request));
    TRY_CHECK(check_filter(request.query_filter, request));
    TRY_CHECK(check_attributes_to_get(request.attributes_to_get));
    TRY_CHECK(check_start_values(request));
    if (!request.key_conditions && !request.key_condition) {
        return validation(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.");
    }
    TRY_CHECK(check_select(request));
    TRY_ASSIGN(Compiled compiled, compile(Form::query, request));
    if (request.key_conditions) TRY_CHECK(check_conditions(*request.key_conditions));
    Query query;
    TRY_ASSIGN(query.page, find_page(tables, context, request, compiled));
    const PageRequest& page = query.page;
    TRY_ASSIGN(query.request.condition, compile_key(request, page.key(), compiled));
    if (request.start_key) TRY_CHECK(check_start(page, query.request.condition, request.start_key->item));
    TRY_CHECK(check_filter_names(page, request, compiled.filter.get()));
    TRY_CHECK(check_filter_projected(page, compiled.filter.get()));
    TRY_CHECK(check_page_paths(page, compiled));
    query.request.table = page.table;
    query.request.index = page.index;
    query.request.forward = request.scan_forward.value_or(true);
    if (request.start_key) query.request.start_after = std::move(request.start_key->item);
    if (request.limit) query.request.evaluated_max = static_cast<uint64_t>(*request.limit);
    query.request.bytes_max = page_bytes_max;
    query.request.filter = std::move(compiled.filter);
    query.request.fetch_from_table = page.fetch_from_table;
    query.request.count_only = page.count_only;
    return query;
}

}  // namespace

void query(DynamoDb& self, aws::RawCall call) {
    auto request = read_request(call.body());
    if (!request) return call.fail(request.error());
    table::Tables& tables = self.parts().tables;
    auto query = prepare(tables, call.context(), *std::move(request));
    if (!query) return call.fail(query.error());
    run_on(self.parts().executor, call, [&tables, call, query = *std::move(query)] {
        answer(call, page_body(query.page, tables.query(query.request)));
    });
}

}  // namespace millrace::service::dynamodb
