#include "src/table/partiql/keys.h"

#include <algorithm>

namespace millrace::table::partiql {
namespace {

bool names(const Operand& operand, const std::string& name) {
    return operand.kind == Operand::Kind::path && operand.path.size() == 1 && operand.path.front().name == name;
}

}  // namespace

std::vector<ConditionTree> terms_of(ConditionTree where) {
    if (where.kind != ConditionTree::Kind::all_of) {
        std::vector<ConditionTree> one;
        one.push_back(std::move(where));
        return one;
    }
    std::vector<ConditionTree> terms;
    for (ConditionTree& child : where.children) {
        for (ConditionTree& term : terms_of(std::move(child))) terms.push_back(std::move(term));
    }
    return terms;
}

std::optional<KeyTerm> key_term(const ConditionTree& term, const std::string& name) {
    using Kind = ConditionTree::Kind;
    const auto is_value = [](const Operand& operand) { return operand.kind == Operand::Kind::value; };
    if (term.kind == Kind::in) {
        if (!names(term.operands[0], name) || !std::all_of(term.operands.begin() + 1, term.operands.end(), is_value)) {
            return std::nullopt;
        }
        KeyTerm found;
        for (size_t i = 1; i < term.operands.size(); ++i) {
            const AttributeValue& value = term.operands[i].value;
            const bool twice = std::any_of(found.alternatives.begin(), found.alternatives.end(),
                                           [&](const KeyClause& clause) { return clause.value == value; });
            if (!twice) found.alternatives.push_back({name, KeyClause::Kind::eq, value, {}});
        }
        return found;
    }
    if (term.kind != Kind::compare && term.kind != Kind::between && term.kind != Kind::begins_with) return std::nullopt;
    if (term.kind == Kind::compare && term.comparator == Comparator::ne) return std::nullopt;
    const bool about = std::any_of(term.operands.begin(), term.operands.end(),
                                   [&](const Operand& operand) { return names(operand, name); });
    const auto values = std::count_if(term.operands.begin(), term.operands.end(), is_value);
    if (!about || values + 1 != static_cast<ptrdiff_t>(term.operands.size())) return std::nullopt;
    auto clauses = key_clauses_of(term);
    if (!clauses || clauses->size() != 1) return std::nullopt;
    return KeyTerm{std::move(clauses).value()};
}

bool is_equality(const KeyTerm& term) {
    return std::all_of(term.alternatives.begin(), term.alternatives.end(),
                       [](const KeyClause& clause) { return clause.kind == KeyClause::Kind::eq; });
}

}  // namespace millrace::table::partiql
