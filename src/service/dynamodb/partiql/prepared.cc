#include "src/service/dynamodb/partiql/prepared.h"

#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/keys.h"
#include "src/service/dynamodb/table_name.h"
#include "src/table/value/item_json.h"

namespace millrace::service::dynamodb::ql {
namespace partiql = table::partiql;

aws::Outcome<Prepared> prepare(DynamoDb& dynamodb, const aws::CallContext& context, const std::string& text,
                               const std::optional<std::vector<shapes::AttributeValue>>& parameters) {
    Prepared prepared;
    TRY_ASSIGN(prepared.parameters, parameters_of(parameters));
    auto statement = partiql::parse_statement(text, prepared.parameters);
    if (!statement) return validation(statement.error().message);
    prepared.statement = std::move(statement).value();
    if (check_table_name(prepared.statement.table)) return table_not_found();
    auto table = dynamodb.parts().tables.find(context.scope, prepared.statement.table);
    if (!table) return table_not_found();
    prepared.table = std::move(table).value();
    return prepared;
}

aws::Outcome<table::WriteOperation> write_of(const Prepared& prepared, bool want_failed, bool want_capacity) {
    auto planned = partiql::plan_write(prepared.statement, prepared.table);
    if (!planned) return validation(planned.error().message);
    table::WriteOperation write = std::move(planned).value();
    const table::TableDefinition& table = *prepared.table;
    const bool insert = prepared.statement.kind == partiql::Statement::Kind::insert;
    if (auto failure = insert ? check_item(table, write.item) : check_key(table, write.item)) {
        return *std::move(failure);
    }
    if (write.update != nullptr) {
        if (auto failure = check_written(table, *write.update)) return *std::move(failure);
    }
    const auto returning = prepared.statement.returning;
    const bool by_index = want_capacity && !table.indexes.empty();
    write.want_old = by_index || want_failed || returning == partiql::Returning::all_old ||
                     returning == partiql::Returning::modified_old;
    write.want_new =
        by_index || returning == partiql::Returning::all_new || returning == partiql::Returning::modified_new;
    return write;
}

bool wants_failed_item(const std::optional<std::string>& return_values_on_failure) {
    return return_values_on_failure == "ALL_OLD";
}

aws::Outcome<std::optional<table::Item>> returned(const partiql::Statement& statement,
                                                  const table::WriteOutcome& outcome) {
    std::optional<table::Item> none;
    if (statement.returning == partiql::Returning::none) return none;
    const bool old =
        statement.returning == partiql::Returning::all_old || statement.returning == partiql::Returning::modified_old;
    const auto& stored = old ? outcome.old_item : outcome.new_item;
    if (!stored) return none;
    auto item = stored->item();
    if (!item) return failure_of(item.error());
    const bool all =
        statement.returning == partiql::Returning::all_old || statement.returning == partiql::Returning::all_new;
    if (all) return std::optional<table::Item>(std::move(item).value());
    std::vector<table::Path> changed;
    for (const auto& set : statement.update.sets) changed.push_back(set.path);
    for (const auto& path : statement.update.removes) changed.push_back(path);
    for (const auto& change : statement.update.adds) changed.push_back(change.path);
    for (const auto& change : statement.update.deletes) changed.push_back(change.path);
    table::Item picked = pick(*item, changed);
    if (picked.empty()) return none;
    return std::optional<table::Item>(std::move(picked));
}

aws::Failure failure_of_write(const partiql::Statement& statement, const table::WriteError& error) {
    if (error.error.code != ErrorCode::failed_precondition) return failure_of(error.error);
    if (statement.kind == partiql::Statement::Kind::insert) {
        return {"DuplicateItemException", "Duplicate primary key exists in table"};
    }
    aws::Failure failure{"ConditionalCheckFailedException", "The conditional request failed"};
    if (error.item) {
        std::string json = "\"Item\":";
        if (table::append_json_of_encoded(error.item->bytes(), &json)) failure.json = std::move(json);
    }
    return failure;
}

bool wants_capacity(const std::optional<std::string>& return_capacity) {
    return return_capacity && *return_capacity != "NONE";
}

namespace {

shapes::Capacity shape_of_units(double units) {
    shapes::Capacity shape;
    shape.CapacityUnits = units;
    return shape;
}

using ByIndex = std::optional<std::map<std::string, shapes::Capacity>>;

ByIndex by_index(const std::map<std::string, double>& units) {
    ByIndex shape;
    if (units.empty()) return shape;
    shape.emplace();
    for (const auto& [name, count] : units) shape->emplace(name, shape_of_units(count));
    return shape;
}

void add(std::optional<double>* to, const std::optional<double>& value) {
    if (value) *to = to->value_or(0) + *value;
}

void add(ByIndex* to, const ByIndex& more) {
    if (!more) return;
    if (!*to) to->emplace();
    for (const auto& [name, capacity] : *more) add(&(**to)[name].CapacityUnits, capacity.CapacityUnits);
}

}  // namespace

shapes::ConsumedCapacity capacity_of(const std::string& return_capacity, const std::string& table,
                                     const Capacity& capacity) {
    shapes::ConsumedCapacity shape;
    shape.TableName = table;
    shape.CapacityUnits = capacity.total();
    if (return_capacity != "INDEXES") return shape;
    shape.Table = shape_of_units(capacity.table);
    shape.LocalSecondaryIndexes = by_index(capacity.local);
    shape.GlobalSecondaryIndexes = by_index(capacity.global);
    return shape;
}

void add_capacity(std::vector<shapes::ConsumedCapacity>* all, shapes::ConsumedCapacity more) {
    for (auto& one : *all) {
        if (one.TableName != more.TableName) continue;
        add(&one.CapacityUnits, more.CapacityUnits);
        add(&one.ReadCapacityUnits, more.ReadCapacityUnits);
        add(&one.WriteCapacityUnits, more.WriteCapacityUnits);
        if (one.Table && more.Table) {
            add(&one.Table->CapacityUnits, more.Table->CapacityUnits);
            add(&one.Table->ReadCapacityUnits, more.Table->ReadCapacityUnits);
            add(&one.Table->WriteCapacityUnits, more.Table->WriteCapacityUnits);
        }
        add(&one.LocalSecondaryIndexes, more.LocalSecondaryIndexes);
        add(&one.GlobalSecondaryIndexes, more.GlobalSecondaryIndexes);
        return;
    }
    all->push_back(std::move(more));
}

}  // namespace millrace::service::dynamodb::ql
