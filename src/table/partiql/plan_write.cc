#include <algorithm>

#include "src/table/partiql/keys.h"
#include "src/table/partiql/plan.h"

namespace millrace::table::partiql {
namespace {

Error refusal(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

Error wrong_key_type(const std::string& name) {
    return refusal("Key attribute's data type should match its data type in table's schema: Key " + name);
}

Status check_key_value(const std::string& name, const AttributeValue& value, Type type, bool partition) {
    if (value.type() != type) return wrong_key_type(name);
    const auto* text = value.as<std::string>();
    const auto* binary = value.as<Binary>();
    if (text == nullptr && binary == nullptr) return {};
    const size_t size = text != nullptr ? text->size() : binary->bytes.size();
    if (size == 0) {
        return refusal(
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
            "empty " +
            std::string(text != nullptr ? "string" : "binary") + " value. Key: " + name);
    }
    if (size > (partition ? 2048u : 1024u)) {
        return refusal(partition
                           ? "One or more parameter values were invalid: Size of hashkey has exceeded the maximum "
                             "size limit of2048 bytes"
                           : "One or more parameter values were invalid: Aggregated size of all range keys has "
                             "exceeded the size limit of 1024 bytes");
    }
    return {};
}

Status check_key(const Item& item, const KeyNames& key) {
    for (const std::string* name : {&key.partition, &key.sort}) {
        if (name->empty()) continue;
        const bool partition = name == &key.partition;
        const AttributeValue* value = item.find(*name);
        if (value == nullptr) {
            return refusal("One or more parameter values were invalid: Missing the key " + *name + " in the item");
        }
        TRY(check_key_value(*name, *value, partition ? key.partition_type : key.sort_type, partition));
    }
    return {};
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

Status check_no_key_changes(const UpdateTree& update, const KeyNames& key) {
    const auto check = [&](const Path& path) -> Status {
        const std::string& name = path.front().name;
        if (name != key.partition && name != key.sort) return {};
        return refusal("One or more parameter values were invalid: Cannot update attribute " + name +
                       ". This attribute is part of the key");
    };
    for (const auto& set : update.sets) TRY(check(set.path));
    for (const auto& path : update.removes) TRY(check(path));
    for (const auto& change : update.adds) TRY(check(change.path));
    for (const auto& change : update.deletes) TRY(check(change.path));
    return {};
}

}  // namespace

Result<WriteOperation> plan_write(const Statement& statement, const TableRef& table) {
    const KeyNames& key = table->key;
    if (!statement.index.empty()) return refusal("This operation is not supported on an index");
    WriteOperation operation;
    operation.table = table;
    if (statement.kind == Statement::Kind::insert) {
        TRY(check_key(statement.item, key));
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
    TRY(check_key(operation.item, key));
    switch (statement.kind) {
        case Statement::Kind::update:
            operation.kind = WriteOperation::Kind::update;
            TRY(check_no_key_changes(statement.update, key));
            operation.update = make_update(statement.update);
            terms.push_back(exists({{key.partition, -1}}));
            break;
        case Statement::Kind::erase:
            operation.kind = WriteOperation::Kind::erase;
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
