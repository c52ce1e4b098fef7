// The parameters from before expressions: Expected, AttributeUpdates, KeyConditions, QueryFilter, ScanFilter,
// AttributesToGet. They become the same trees as expressions do.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html
#include <algorithm>
#include <array>
#include <set>

#include "src/service/dynamodb/compile.h"
#include "src/service/dynamodb/errors.h"
#include "src/table/expression/condition.h"
#include "src/table/expression/key_clauses.h"
#include "src/table/expression/update.h"

namespace millrace::service::dynamodb {
namespace {

using table::AttributeValue;
using table::Comparator;
using table::ConditionTree;
using table::KeyClause;
using table::Operand;
using table::Type;

// How many values a comparison takes, and of which types.
struct Comparison {
    std::string_view name;
    size_t least, most;
    std::string_view types;  // of "S N B SS NS BS", with a space behind each; "" for any
};
constexpr std::string_view scalars = "S N B ";
constexpr std::string_view scalars_and_sets = "S N B SS NS BS L M BOOL NULL ";
constexpr std::array comparisons = {
    Comparison{"EQ", 1, 1, scalars_and_sets},
    Comparison{"NE", 1, 1, scalars_and_sets},
    Comparison{"LE", 1, 1, scalars},
    Comparison{"LT", 1, 1, scalars},
    Comparison{"GE", 1, 1, scalars},
    Comparison{"GT", 1, 1, scalars},
    Comparison{"CONTAINS", 1, 1, "S N B BOOL NULL "},
    Comparison{"NOT_CONTAINS", 1, 1, "S N B BOOL NULL "},
    Comparison{"BEGINS_WITH", 1, 1, "S B "},
    Comparison{"IN", 1, SIZE_MAX, scalars},
    Comparison{"BETWEEN", 2, 2, scalars},
    Comparison{"NULL", 0, 0, ""},
    Comparison{"NOT_NULL", 0, 0, ""},
};

const Comparison* find_comparison(std::string_view name) {
    const auto at = std::find_if(comparisons.begin(), comparisons.end(), [&](const auto& c) { return c.name == name; });
    return at == comparisons.end() ? nullptr : &*at;
}

bool takes(const Comparison& comparison, Type type) {
    const std::string name = std::string(name_of(type)) + " ";
    for (size_t at = 0; (at = comparison.types.find(name, at)) != std::string_view::npos; ++at) {
        if (at == 0 || comparison.types[at - 1] == ' ') return true;
    }
    return false;
}

// The values of a condition: of its list, or Expected's one.
std::vector<const GivenValue*> values_of(const GivenCondition& condition) {
    std::vector<const GivenValue*> values;
    if (condition.list) {
        for (const GivenValue& value : *condition.list) values.push_back(&value);
    } else if (condition.value) {
        values.push_back(&*condition.value);
    }
    return values;
}

std::optional<aws::Failure> check_comparison(const GivenCondition& condition) {
    const Comparison* comparison = find_comparison(*condition.comparison);
    const auto values = values_of(condition);
    for (const GivenValue* value : values) {
        if (!value->wrong.empty()) return validation(value->wrong);
    }
    if (comparison == nullptr) return validation("unknown ComparisonOperator " + *condition.comparison);
    if (values.size() < comparison->least || values.size() > comparison->most) {
        return invalid_parameter("Invalid number of argument(s) for the " + *condition.comparison +
                                 " ComparisonOperator");
    }
    for (const GivenValue* value : values) {
        if (value->value.type() != values[0]->value.type()) {
            return invalid_parameter("AttributeValues inside AttributeValueList must be of same type");
        }
    }
    for (const GivenValue* value : values) {
        if (takes(*comparison, value->value.type())) continue;
        return invalid_parameter("ComparisonOperator " + *condition.comparison + " is not valid for " +
                                 std::string(name_of(value->value.type())) + " AttributeValue type");
    }
    auto order = std::strong_ordering::equal;
    if (comparison->name == "BETWEEN" && table::order_of(values[0]->value, values[1]->value, &order) && order > 0) {
        return validation(
            "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound");
    }
    return std::nullopt;
}

std::optional<aws::Failure> check_one_expected(const GivenCondition& condition) {
    const std::string& at = condition.attribute;
    if (condition.list && condition.value) {
        return invalid_parameter("Value and AttributeValueList cannot be used together for Attribute: " + at);
    }
    if (condition.comparison) {
        if (condition.exists) {
            return invalid_parameter("Exists and ComparisonOperator cannot be used together for Attribute: " + at);
        }
        const bool needs_none = *condition.comparison == "NULL" || *condition.comparison == "NOT_NULL";
        if (!needs_none && !condition.list && !condition.value) {
            return invalid_parameter("Value or AttributeValueList must be used with ComparisonOperator: " +
                                     *condition.comparison + " for Attribute: " + at);
        }
        return check_comparison(condition);
    }
    if (condition.list) {
        return invalid_parameter("AttributeValueList can only be used with a ComparisonOperator for Attribute: " + at);
    }
    const bool exists = condition.exists.value_or(true);
    if (exists && !condition.value) {
        return invalid_parameter("Value must be provided when Exists is " +
                                 std::string(condition.exists ? "true" : "null") + " for Attribute: " + at);
    }
    if (!exists && condition.value) {
        return invalid_parameter("Value cannot be used when Exists is false for Attribute: " + at);
    }
    if (condition.value && !condition.value->wrong.empty()) return validation(condition.value->wrong);
    return std::nullopt;
}

std::optional<aws::Failure> check_operator(const std::optional<GivenConditions>& conditions, const Request& request) {
    if (!request.conditional_operator) return std::nullopt;
    if (!conditions || conditions->empty()) {
        return invalid_parameter("ConditionalOperator cannot be used without Filter or Expected");
    }
    if (conditions->size() == 1) {
        return invalid_parameter(
            "ConditionalOperator can only be used when Filter or Expected has two or more elements");
    }
    return std::nullopt;
}

ConditionTree tree_of(const GivenCondition& condition) {
    const table::Path path = {table::PathElement{condition.attribute}};
    std::vector<Operand> values;
    for (const GivenValue* value : values_of(condition)) values.push_back(Operand::of(value->value));
    if (!condition.comparison) {
        return condition.exists.value_or(true) ? compare(Comparator::eq, Operand::at(path), values.at(0))
                                               : absent(path);
    }
    const std::string& name = *condition.comparison;
    if (name == "NULL") return table::absent(path);
    if (name == "NOT_NULL") return table::exists(path);
    if (name == "IN") return table::in(Operand::at(path), std::move(values));
    if (name == "BETWEEN") return between(Operand::at(path), values.at(0), values.at(1));
    if (name == "BEGINS_WITH") return begins_with(Operand::at(path), values.at(0));
    if (name == "CONTAINS") return contains(Operand::at(path), values.at(0));
    if (name == "NOT_CONTAINS") {  // an attribute that is not there contains nothing and does not pass either
        return table::all_of({table::exists(path), negation(contains(Operand::at(path), values.at(0)))});
    }
    const Comparator comparator = name == "EQ"   ? Comparator::eq
                                  : name == "NE" ? Comparator::ne
                                  : name == "LE" ? Comparator::le
                                  : name == "LT" ? Comparator::lt
                                  : name == "GE" ? Comparator::ge
                                                 : Comparator::gt;
    return compare(comparator, Operand::at(path), values.at(0));
}

table::SortKeyRange range_of(const GivenCondition& condition) {
    table::SortKeyRange range;
    const std::string& name = *condition.comparison;
    const AttributeValue& value = condition.list->at(0).value;
    if (name == "BEGINS_WITH") range.prefix = value;
    if (name == "EQ" || name == "GE" || name == "GT" || name == "BETWEEN") range.low = value;
    if (name == "EQ" || name == "LE" || name == "LT") range.high = value;
    if (name == "BETWEEN") range.high = condition.list->at(1).value;
    range.low_open = name == "GT";
    range.high_open = name == "LT";
    return range;
}

bool is_indexable(std::string_view comparison) {
    constexpr std::array others = {"NULL", "NOT_NULL", "NE", "CONTAINS", "NOT_CONTAINS", "IN"};
    return std::find(others.begin(), others.end(), comparison) == others.end();
}

std::optional<aws::Failure> check_key_condition(const GivenCondition& condition, Type type) {
    if (!is_indexable(*condition.comparison)) {
        return validation("Attempted conditional constraint is not an indexable operation");
    }
    for (const GivenValue& value : *condition.list) {
        if (value.value.type() != type) {
            return invalid_parameter("Condition parameter type does not match schema type");
        }
    }
    return std::nullopt;
}

KeyClause::Kind kind_of(std::string_view comparison) {
    constexpr std::pair<std::string_view, KeyClause::Kind> kinds[] = {
        {"LT", KeyClause::Kind::lt},           {"LE", KeyClause::Kind::le},
        {"GT", KeyClause::Kind::gt},           {"GE", KeyClause::Kind::ge},
        {"BETWEEN", KeyClause::Kind::between}, {"BEGINS_WITH", KeyClause::Kind::begins_with}};
    const auto at =
        std::find_if(std::begin(kinds), std::end(kinds), [&](const auto& k) { return k.first == comparison; });
    return at == std::end(kinds) ? KeyClause::Kind::eq : at->second;
}

// Of an index whose key has several attributes a part: what an expression could say too, in the same words.
aws::Outcome<table::KeyCondition> multiple_key_condition(const GivenConditions& conditions,
                                                         const table::KeyNames& names) {
    std::vector<KeyClause> clauses;
    for (const GivenCondition& condition : conditions) {
        if (!is_indexable(*condition.comparison)) {
            return validation("Attempted conditional constraint is not an indexable operation");
        }
        KeyClause clause{condition.attribute, kind_of(*condition.comparison), condition.list->at(0).value, {}};
        if (clause.kind == KeyClause::Kind::between) clause.high = condition.list->at(1).value;
        clauses.push_back(std::move(clause));
    }
    auto key = table::match_key(std::move(clauses), names);
    if (!key) return validation(key.error().message);
    return *std::move(key);
}

}  // namespace

std::optional<aws::Failure> check_expected(const Request& request) {
    if (request.expected) {
        for (const GivenCondition& condition : *request.expected) {
            if (auto failure = check_one_expected(condition)) return failure;
        }
    }
    return check_operator(request.expected, request);
}

std::optional<aws::Failure> check_conditions(const GivenConditions& conditions) {
    for (const GivenCondition& condition : conditions) {
        if (auto failure = check_comparison(condition)) return failure;
    }
    return std::nullopt;
}

std::optional<aws::Failure> check_filter(const std::optional<GivenConditions>& conditions, const Request& request) {
    if (conditions) {
        if (auto failure = check_conditions(*conditions)) return failure;
    }
    return check_operator(conditions, request);
}

std::optional<aws::Failure> check_attribute_updates(const std::vector<GivenUpdate>& updates) {
    for (const GivenUpdate& update : updates) {
        if (const auto wrong = wrong_name(update.attribute); !wrong.empty()) return validation(std::string(wrong));
        const std::string action = update.action.value_or("PUT");
        if (!update.value) {
            if (action == "DELETE") continue;
            return invalid_parameter("Only DELETE action is allowed when no attribute value is specified");
        }
        if (!update.value->wrong.empty()) return validation(update.value->wrong);
        const Type type = update.value->value.type();
        const bool is_set = type == Type::SS || type == Type::NS || type == Type::BS;
        if (action == "DELETE" && !is_set) {
            return invalid_parameter("DELETE action with value is not supported for the type " +
                                     std::string(name_of(type)));
        }
        if (action == "ADD" && !is_set && type != Type::N && type != Type::L) {
            return invalid_parameter("ADD action is not supported for the type " + std::string(name_of(type)));
        }
    }
    return std::nullopt;
}

std::optional<aws::Failure> check_attributes_to_get(const std::optional<std::vector<std::string>>& names) {
    if (!names) return std::nullopt;
    std::set<std::string_view> seen;
    for (const std::string& name : *names) {
        if (const auto wrong = wrong_name(name); !wrong.empty()) return validation(std::string(wrong));
        if (!seen.insert(name).second) {
            return invalid_parameter("Duplicate value in attribute name: " + name);
        }
    }
    return std::nullopt;
}

std::shared_ptr<const table::Condition> condition_of(const GivenConditions& conditions, bool any) {
    if (conditions.empty()) return nullptr;
    std::vector<ConditionTree> trees;
    for (const GivenCondition& condition : conditions) trees.push_back(tree_of(condition));
    return make_condition(any ? table::any_of(std::move(trees)) : table::all_of(std::move(trees)));
}

std::shared_ptr<const table::Update> update_of(std::vector<GivenUpdate> updates) {
    if (updates.empty()) return nullptr;
    table::UpdateTree tree;
    tree.legacy = true;
    for (GivenUpdate& update : updates) {
        table::Path path = {table::PathElement{std::move(update.attribute)}};
        const std::string action = update.action.value_or("PUT");
        if (!update.value) {
            tree.removes.push_back(std::move(path));
        } else if (action == "PUT") {
            tree.sets.push_back({std::move(path), table::SetValue::of(std::move(update.value->value))});
        } else {
            auto& changes = action == "ADD" ? tree.adds : tree.deletes;
            changes.push_back({std::move(path), std::move(update.value->value)});
        }
    }
    return make_update(std::move(tree));
}

aws::Outcome<table::KeyCondition> key_condition_of(const GivenConditions& conditions, const table::KeyNames& names) {
    if (names.is_multiple() && !conditions.empty()) return multiple_key_condition(conditions, names);
    if (conditions.empty() || conditions.size() > 2) {
        return validation("Conditions can be of length 1 or 2 only");
    }
    const auto find = [&](const std::string& name) {
        const auto at = std::find_if(conditions.begin(), conditions.end(),
                                     [&](const GivenCondition& condition) { return condition.attribute == name; });
        return at == conditions.end() ? nullptr : &*at;
    };
    if (names.sort.empty() && conditions.size() > 1) return validation("Query key condition not supported");
    const GivenCondition* partition = find(names.partition);
    if (partition == nullptr) return validation("Query condition missed key schema element: " + names.partition);
    if (auto failure = check_key_condition(*partition, names.partition_type)) return *std::move(failure);
    if (*partition->comparison != "EQ") return validation("Query key condition not supported");
    table::KeyCondition key;
    key.partition = partition->list->at(0).value;
    if (conditions.size() == 1) return key;
    const GivenCondition* sort = find(names.sort);
    if (sort == nullptr) return validation("Query condition missed key schema element: " + names.sort);
    if (auto failure = check_key_condition(*sort, names.sort_type)) return *std::move(failure);
    key.sort = range_of(*sort);
    return key;
}

}  // namespace millrace::service::dynamodb
