#include "src/service/dynamodb/items/write_request.h"

#include "src/service/dynamodb/compile.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/items/answer.h"
#include "src/service/dynamodb/items/collection.h"
#include "src/service/dynamodb/keys.h"
#include "src/service/dynamodb/request/constraints.h"

namespace millrace::service::dynamodb {
namespace {

using Kind = table::WriteOperation::Kind;

std::optional<aws::Failure> check_value(const std::string& wrong) {
    if (wrong.empty()) return std::nullopt;
    return validation(wrong);
}

ReturnValues return_values(const Request& request) {
    const std::string word = request.return_values.value_or("NONE");
    if (word == "ALL_OLD") return ReturnValues::all_old;
    if (word == "UPDATED_OLD") return ReturnValues::updated_old;
    if (word == "ALL_NEW") return ReturnValues::all_new;
    if (word == "UPDATED_NEW") return ReturnValues::updated_new;
    return ReturnValues::none;
}

std::optional<aws::Failure> check_old_or_none(const Request& request) {
    const ReturnValues values = return_values(request);
    if (values == ReturnValues::none || values == ReturnValues::all_old) return std::nullopt;
    return validation("ReturnValues can only be ALL_OLD or NONE");
}

std::optional<aws::Failure> check_condition_paths(const table::TableDefinition& table,
                                                  const table::Condition* condition) {
    if (condition == nullptr) return std::nullopt;
    return check_key_paths(table, condition->paths());
}

PreparedWrite make(Kind kind, const Request& request, table::TableRef table, table::Item item, Compiled compiled) {
    PreparedWrite write;
    WriteAnswer& answer = write.answer;
    answer.values = return_values(request);
    answer.update = compiled.update;
    answer.item_on_failure = request.return_on_failure == "ALL_OLD";
    answer.capacity = capacity_detail(request.return_capacity);
    answer.metrics = request.return_metrics == "SIZE" && has_collections(*table);
    answer.table = table;
    if (answer.metrics) answer.key.set(table->key.partition, *item.find(table->key.partition));
    table::WriteOperation& operation = write.operation;
    operation.kind = kind;
    operation.item = std::move(item);
    operation.condition = std::move(compiled.condition);
    operation.update = std::move(compiled.update);
    operation.sizes_unused = answer.capacity == CapacityDetail::none;
    const bool by_index = answer.capacity != CapacityDetail::none && !table->indexes.empty();
    operation.want_old = by_index || answer.item_on_failure || answer.values == ReturnValues::all_old ||
                         answer.values == ReturnValues::updated_old;
    operation.want_new =
        by_index || answer.values == ReturnValues::all_new || answer.values == ReturnValues::updated_new;
    operation.table = std::move(table);
    return write;
}

}  // namespace

aws::Outcome<PreparedWrite> prepare_put(table::Tables& tables, const aws::CallContext& context, Request request) {
    TRY_CHECK(check_put_item(request));
    TRY_CHECK(check_mixing(Form::put, request));
    TRY_CHECK(check_value(request.item->wrong));
    TRY_CHECK(check_old_or_none(request));
    if (counted_bytes(request.item->item) > table::item_bytes_max) {
        return validation("Item size has exceeded the maximum allowed size");
    }
    TRY_CHECK(check_expected(request));
    TRY_ASSIGN(Compiled compiled, compile(Form::put, request));
    TRY_ASSIGN(table::TableRef table, find_items_table(tables, context, *request.table));
    TRY_CHECK(check_item(*table, request.item->item));
    TRY_CHECK(check_condition_paths(*table, compiled.condition.get()));
    return make(Kind::put, request, std::move(table), std::move(request.item->item), std::move(compiled));
}

aws::Outcome<PreparedWrite> prepare_update(table::Tables& tables, const aws::CallContext& context, Request request) {
    TRY_CHECK(check_update_item(request));
    TRY_CHECK(check_mixing(Form::update, request));
    TRY_CHECK(check_value(request.key->wrong));
    if (request.attribute_updates) TRY_CHECK(check_attribute_updates(*request.attribute_updates));
    TRY_CHECK(check_expected(request));
    TRY_ASSIGN(Compiled compiled, compile(Form::update, request));
    TRY_ASSIGN(table::TableRef table, find_items_table(tables, context, *request.table));
    TRY_CHECK(check_key(*table, request.key->item));
    if (compiled.update) TRY_CHECK(check_written(*table, *compiled.update));
    TRY_CHECK(check_condition_paths(*table, compiled.condition.get()));
    return make(Kind::update, request, std::move(table), std::move(request.key->item), std::move(compiled));
}

aws::Outcome<PreparedWrite> prepare_erase(table::Tables& tables, const aws::CallContext& context, Request request) {
    TRY_CHECK(check_delete_item(request));
    TRY_CHECK(check_mixing(Form::erase, request));
    TRY_CHECK(check_value(request.key->wrong));
    TRY_CHECK(check_old_or_none(request));
    TRY_CHECK(check_expected(request));
    TRY_ASSIGN(Compiled compiled, compile(Form::erase, request));
    TRY_ASSIGN(table::TableRef table, find_items_table(tables, context, *request.table));
    TRY_CHECK(check_key(*table, request.key->item));
    TRY_CHECK(check_condition_paths(*table, compiled.condition.get()));
    return make(Kind::erase, request, std::move(table), std::move(request.key->item), std::move(compiled));
}

}  // namespace millrace::service::dynamodb
