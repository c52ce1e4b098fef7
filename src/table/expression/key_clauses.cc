#include "src/table/expression/key_clauses.h"

#include <algorithm>

namespace millrace::table {
namespace {

Error refusal(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

Error invalid_operator(std::string_view name) {
    return refusal(std::string("Invalid operator used in KeyConditionExpression: ").append(name));
}

// What key conditions do not have; "" for what they do.
std::string_view foreign(const ConditionTree& tree) {
    using Kind = ConditionTree::Kind;
    switch (tree.kind) {
        case Kind::any_of:
            return "OR";
        case Kind::negation:
            return "NOT";
        case Kind::in:
            return "IN";
        case Kind::exists:
            return "attribute_exists";
        case Kind::absent:
            return "attribute_not_exists";
        case Kind::type_is:
            return "attribute_type";
        case Kind::contains:
            return "contains";
        case Kind::compare:
            return tree.comparator == Comparator::ne ? "<>" : "";
        case Kind::between:
        case Kind::begins_with:
        case Kind::all_of:
            return "";
    }
    return "";
}

KeyClause::Kind kind_of(Comparator comparator, bool reversed) {
    switch (comparator) {
        case Comparator::lt:
            return reversed ? KeyClause::Kind::gt : KeyClause::Kind::lt;
        case Comparator::le:
            return reversed ? KeyClause::Kind::ge : KeyClause::Kind::le;
        case Comparator::gt:
            return reversed ? KeyClause::Kind::lt : KeyClause::Kind::gt;
        case Comparator::ge:
            return reversed ? KeyClause::Kind::le : KeyClause::Kind::ge;
        case Comparator::eq:
        case Comparator::ne:
            break;
    }
    return KeyClause::Kind::eq;
}

Result<KeyClause> clause_of(const ConditionTree& tree) {
    using Kind = ConditionTree::Kind;
    const auto is_path = [](const Operand& operand) { return operand.kind == Operand::Kind::path; };
    const auto is_size = [](const Operand& operand) { return operand.kind == Operand::Kind::size; };
    if (tree.kind != Kind::compare && !is_path(tree.operands[0])) {
        return refusal(std::string("Invalid condition in KeyConditionExpression: ") +
                       (tree.kind == Kind::between ? "BETWEEN" : "begins_with") +
                       " operator must have the key attribute as its first operand");
    }
    const Operand* attribute = nullptr;
    for (const Operand& operand : tree.operands) {
        if (is_size(operand)) return refusal("KeyConditionExpressions cannot contain nested operations");
        if (!is_path(operand)) continue;
        if (attribute != nullptr) {
            return refusal(
                "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition");
        }
        if (operand.path.size() > 1) {
            return refusal("KeyConditionExpressions cannot have conditions on nested attributes");
        }
        attribute = &operand;
    }
    if (attribute == nullptr) {
        return refusal("Invalid condition in KeyConditionExpression: No key attribute specified");
    }
    KeyClause clause;
    clause.name = attribute->path.front().name;
    const bool reversed = attribute != &tree.operands[0];
    clause.value = tree.operands[reversed ? 0 : 1].value;
    if (tree.kind == Kind::compare) {
        clause.kind = kind_of(tree.comparator, reversed);
    } else if (tree.kind == Kind::between) {
        clause.kind = KeyClause::Kind::between;
        clause.high = tree.operands[2].value;
    } else {
        clause.kind = KeyClause::Kind::begins_with;
    }
    return clause;
}

Status collect(const ConditionTree& tree, std::vector<KeyClause>* out) {
    if (const auto name = foreign(tree); !name.empty()) return invalid_operator(name);
    if (tree.kind == ConditionTree::Kind::all_of) {
        for (const ConditionTree& child : tree.children) TRY(collect(child, out));
        return {};
    }
    TRY_ASSIGN(KeyClause clause, clause_of(tree));
    const auto same = [&](const KeyClause& other) { return other.name == clause.name; };
    if (std::any_of(out->begin(), out->end(), same)) {
        return refusal(
            "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key");
    }
    out->push_back(std::move(clause));
    return {};
}

Status check_type(const KeyClause& clause, Type type) {
    if (clause.value.type() == type && (clause.kind != KeyClause::Kind::between || clause.high.type() == type) &&
        (clause.kind != KeyClause::Kind::begins_with || type != Type::N)) {
        return {};
    }
    return refusal("One or more parameter values were invalid: Condition parameter type does not match schema type");
}

SortKeyRange range_of(KeyClause clause) {
    SortKeyRange range;
    switch (clause.kind) {
        case KeyClause::Kind::eq:
            range.low = clause.value;
            range.high = std::move(clause.value);
            break;
        case KeyClause::Kind::lt:
        case KeyClause::Kind::le:
            range.high = std::move(clause.value);
            range.high_open = clause.kind == KeyClause::Kind::lt;
            break;
        case KeyClause::Kind::gt:
        case KeyClause::Kind::ge:
            range.low = std::move(clause.value);
            range.low_open = clause.kind == KeyClause::Kind::gt;
            break;
        case KeyClause::Kind::between:
            range.low = std::move(clause.value);
            range.high = std::move(clause.high);
            break;
        case KeyClause::Kind::begins_with:
            range.prefix = std::move(clause.value);
            break;
    }
    return range;
}

// null where there is none.
KeyClause* find_clause(std::vector<KeyClause>& clauses, const std::string& name) {
    const auto at = std::find_if(clauses.begin(), clauses.end(), [&](const KeyClause& c) { return c.name == name; });
    return at == clauses.end() ? nullptr : &*at;
}

// Of a key of several attributes a part: all of the partition are equal to something, those that sort from the first on
// without a gap, but for the last one that is asked about, which may be in a range.
Status check_multiple(const KeyNames& key, std::vector<KeyClause>& clauses) {
    std::string lacking;
    const auto look_at = [&](size_t i) {
        const std::string& name = key.at(i).name;
        const KeyClause* clause = find_clause(clauses, name);
        if (clause == nullptr || clause->kind != KeyClause::Kind::eq)
            lacking.append(lacking.empty() ? "" : ", ").append(name);
        return clause != nullptr;
    };
    constexpr std::string_view sentence = " must have equality conditions specified in the query";
    for (size_t i = 0; i < key.partitions(); ++i) look_at(i);
    if (!lacking.empty()) return refusal("HASH key attributes " + lacking + std::string(sentence));
    for (size_t i = key.partitions(); i < key.size(); ++i) {
        const std::string before = lacking;
        if (!look_at(i) || before.empty()) continue;
        return refusal("RANGE key attributes " + before + std::string(sentence) +
                       " because a condition is present on key attribute " + key.at(i).name);
    }
    return {};
}

}  // namespace

Result<std::vector<KeyClause>> key_clauses_of(const ConditionTree& tree) {
    std::vector<KeyClause> clauses;
    TRY(collect(tree, &clauses));
    return clauses;
}

Result<KeyCondition> match_key(std::vector<KeyClause> clauses, const KeyNames& key) {
    if (clauses.size() > key.size()) {
        return refusal("The number of query conditions (" + std::to_string(clauses.size()) +
                       ") exceeds the number of key attributes defined in the schema (" + std::to_string(key.size()) +
                       ")");
    }
    if (key.is_multiple()) TRY(check_multiple(key, clauses));
    const auto missed = [](const std::string& name) {
        return refusal("Query condition missed key schema element: " + name);
    };
    KeyCondition condition;
    size_t matched = 0;
    for (; matched < key.partitions(); ++matched) {
        const auto [name, type, is_partition] = key.at(matched);
        KeyClause* clause = find_clause(clauses, name);
        if (clause == nullptr) return missed(name);
        TRY(check_type(*clause, type));
        if (clause->kind != KeyClause::Kind::eq) return refusal("Query key condition not supported");
        AttributeValue& value = matched == 0 ? condition.partition : condition.more_partition.emplace_back();
        value = std::move(clause->value);
    }
    for (; matched < clauses.size(); ++matched) {
        const auto [name, type, is_partition] = key.at(matched);
        KeyClause* clause = find_clause(clauses, name);
        if (clause == nullptr) return missed(name);
        TRY(check_type(*clause, type));
        if (matched + 1 < clauses.size()) {
            condition.sort_equal.push_back(std::move(clause->value));
        } else {
            condition.sort = range_of(std::move(*clause));
        }
    }
    return condition;
}

}  // namespace millrace::table
