#include <algorithm>

#include "src/table/partiql/keys.h"
#include "src/table/partiql/plan.h"

namespace millrace::table::partiql {
namespace {

Error refusal(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

// Takes the equality on the attribute out of the terms.
Result<AttributeValue> take_key(std::vector<ConditionTree>* terms, const std::string& name) {
    std::optional<AttributeValue> found;
    for (auto term = terms->begin(); term != terms->end();) {
        auto about = key_term(*term, name);
        if (!about || !is_equality(*about) || about->alternatives.size() != 1) {
            ++term;
            continue;
        }
        if (found) {
            return refusal("Multiple conditions on same key " + name +
                           ". Only single item Update/Insert/Delete are supported");
        }
        found = std::move(about->alternatives[0].value);
        term = terms->erase(term);
    }
    if (!found) return refusal("Where clause does not contain a mandatory equality on all key attributes");
    return *found;
}

}  // namespace

Result<WriteOperation> plan_write(const Statement& statement, const TableRef& table) {
    const KeyNames& key = table->key;
    if (!statement.index.empty()) return refusal("This operation is not supported on an index");
    WriteOperation operation;
    operation.table = table;
    if (statement.kind == Statement::Kind::insert) {
        operation.kind = WriteOperation::Kind::put;
        operation.item = statement.item;
        operation.condition = make_condition(absent({{key.partition, -1}}));
        return operation;
    }
    std::vector<ConditionTree> terms = terms_of(statement.where);
    for (const std::string* name : {&key.partition, &key.sort}) {
        if (name->empty()) continue;
        TRY_ASSIGN(AttributeValue value, take_key(&terms, *name));
        operation.item.set(*name, std::move(value));
    }
    switch (statement.kind) {
        case Statement::Kind::update:
            operation.kind = WriteOperation::Kind::update;
            operation.update = make_update(statement.update);
            terms.push_back(exists({{key.partition, -1}}));
            break;
        case Statement::Kind::erase:
            operation.kind = WriteOperation::Kind::erase;
            if (!terms.empty()) terms = {any_of({absent({{key.partition, -1}}), all_of(std::move(terms))})};
            break;
        case Statement::Kind::exists:
            operation.kind = WriteOperation::Kind::check;
            if (terms.empty()) return refusal("EXISTS() must contain a single item read with additional condition");
            terms.push_back(exists({{key.partition, -1}}));
            break;
        case Statement::Kind::select:
        case Statement::Kind::insert:
            MILLRACE_CHECK(false);
    }
    if (!terms.empty()) operation.condition = make_condition(all_of(std::move(terms)));
    return operation;
}

}  // namespace millrace::table::partiql
