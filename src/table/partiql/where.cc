// The WHERE clause, as a condition whose operands are checked as in expressions.
#include <array>

#include "src/table/expression/condition_checks.h"
#include "src/table/partiql/reader.h"

namespace millrace::table::partiql {
namespace {

Error refusal(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

struct Term {
    bool is_condition = false;
    ConditionTree condition;
    Operand operand;
};

struct TypeName {
    std::string_view name;
    Type type;
};
constexpr std::array<TypeName, 22> type_names = {{
    {"NULL", Type::NULL_}, {"BOOL", Type::BOOL}, {"BOOLEAN", Type::BOOL}, {"BLOB", Type::B},    {"B", Type::B},
    {"STRING", Type::S},   {"S", Type::S},       {"VARCHAR", Type::S},    {"CHAR", Type::S},    {"NUMERIC", Type::N},
    {"NUMBER", Type::N},   {"DECIMAL", Type::N}, {"INT", Type::N},        {"INTEGER", Type::N}, {"N", Type::N},
    {"STRUCT", Type::M},   {"TUPLE", Type::M},   {"M", Type::M},          {"LIST", Type::L},    {"SS", Type::SS},
    {"NS", Type::NS},      {"BS", Type::BS},
}};

class WhereParser {
  public:
    explicit WhereParser(Reader& in) : in_(in) {}

    Result<ConditionTree> whole() {
        TRY_ASSIGN(Term term, any());
        return condition_of(std::move(term));
    }

  private:
    static Result<ConditionTree> condition_of(Term term) {
        if (term.is_condition) return std::move(term.condition);
        // A bare boolean attribute is one, as in WHERE flag.
        if (term.operand.kind == Operand::Kind::path) {
            return compare(Comparator::eq, std::move(term.operand), Operand::of(AttributeValue{true}));
        }
        return refusal("WHERE clause must contain an expression that resolves to a boolean");
    }

    static Term of(ConditionTree condition) { return {true, std::move(condition), {}}; }

    using Rule = Result<Term> (WhereParser::*)();
    Result<Term> joined(Rule rule, std::string_view word, ConditionTree (*join)(std::vector<ConditionTree>)) {
        TRY_ASSIGN(Term first, (this->*rule)());
        if (!in_.at_word(word)) return first;
        std::vector<ConditionTree> children;
        TRY_ASSIGN(ConditionTree child, condition_of(std::move(first)));
        children.push_back(std::move(child));
        while (in_.take_word(word)) {
            TRY_ASSIGN(Term more, (this->*rule)());
            TRY_ASSIGN(ConditionTree next, condition_of(std::move(more)));
            children.push_back(std::move(next));
        }
        return of(join(std::move(children)));
    }

    Result<Term> any() { return joined(&WhereParser::all, "OR", any_of); }
    Result<Term> all() { return joined(&WhereParser::negated, "AND", all_of); }

    Result<Term> negated() {
        bool negative = false;
        bool seen = false;
        while (in_.take_word("NOT")) {
            negative = !negative;
            seen = true;
        }
        TRY_ASSIGN(Term term, test());
        if (!seen) return term;
        TRY_ASSIGN(ConditionTree condition, condition_of(std::move(term)));
        return of(negative ? negation(std::move(condition)) : std::move(condition));
    }

    bool take_comparator(Comparator* out) {
        for (const Comparator c :
             {Comparator::eq, Comparator::ne, Comparator::lt, Comparator::le, Comparator::gt, Comparator::ge}) {
            *out = c;
            if (in_.take(text_of(c)) || (c == Comparator::ne && in_.take("!="))) return true;
        }
        return false;
    }

    Result<Term> test() {
        TRY_ASSIGN(Term left, primary());
        Comparator comparator{};
        if (take_comparator(&comparator)) return comparison(std::move(left), comparator);
        const bool negative = (is_word(in_.peek(1), "IN") || is_word(in_.peek(1), "BETWEEN")) && in_.take_word("NOT");
        if (in_.take_word("BETWEEN")) {
            TRY_ASSIGN(Operand low, operand());
            TRY(in_.expect_word("AND"));
            TRY_ASSIGN(Operand high, operand());
            TRY_ASSIGN(Operand value, operand_of(std::move(left)));
            std::vector<Operand> operands;
            operands.push_back(std::move(value));
            operands.push_back(std::move(low));
            operands.push_back(std::move(high));
            return negated_if(negative, checked_between(std::move(operands)));
        }
        if (in_.take_word("IN")) return negated_if(negative, membership(std::move(left)));
        if (in_.take_word("IS")) return is(std::move(left));
        return left;
    }

    static Result<Term> negated_if(bool negative, Result<ConditionTree> condition) {
        TRY_ASSIGN(ConditionTree tree, std::move(condition));
        return of(negative ? negation(std::move(tree)) : std::move(tree));
    }

    static Result<Operand> operand_of(Term term) {
        if (term.is_condition) return refusal("The function is not allowed to be used this way in an expression");
        return std::move(term.operand);
    }

    Result<Operand> operand() {
        TRY_ASSIGN(Term term, primary());
        return operand_of(std::move(term));
    }

    // attribute_exists(a) = true is attribute_exists(a).
    static Result<Term> against(Term condition, Comparator comparator, const Operand& with) {
        const bool* wanted = with.kind == Operand::Kind::value ? with.value.as<bool>() : nullptr;
        if (wanted == nullptr || (comparator != Comparator::eq && comparator != Comparator::ne)) {
            return refusal("The function is not allowed to be used this way in an expression");
        }
        const bool as_is = *wanted == (comparator == Comparator::eq);
        return of(as_is ? std::move(condition.condition) : negation(std::move(condition.condition)));
    }

    Result<Term> comparison(Term left, Comparator comparator) {
        TRY_ASSIGN(Term right, primary());
        if (left.is_condition && right.is_condition) return operand_of(std::move(right)).error();
        if (left.is_condition) return against(std::move(left), comparator, right.operand);
        if (right.is_condition) return against(std::move(right), comparator, left.operand);
        std::vector<Operand> operands;
        operands.push_back(std::move(left.operand));
        operands.push_back(std::move(right.operand));
        TRY_ASSIGN(ConditionTree condition, checked_comparison(comparator, std::move(operands)));
        return of(std::move(condition));
    }

    Result<ConditionTree> membership(Term left) {
        const bool brackets = in_.at("[");
        if (!brackets && !in_.at("(")) {
            return refusal(
                "IN operator must have a left hand argument of type Variable Reference and right hand argument of "
                "type Seq with at least one member");
        }
        in_.next();
        std::vector<Operand> operands;
        TRY_ASSIGN(Operand value, operand_of(std::move(left)));
        operands.push_back(std::move(value));
        do {
            TRY_ASSIGN(Operand candidate, operand());
            operands.push_back(std::move(candidate));
        } while (in_.take(","));
        TRY(in_.expect(brackets ? "]" : ")"));
        return checked_in(std::move(operands));
    }

    Result<Term> is(Term left) {
        const bool negative = in_.take_word("NOT");
        if (left.is_condition || left.operand.kind == Operand::Kind::size) {
            return refusal("The left hand side argument to IS must be a Variable Reference, Literal, or Path");
        }
        if (in_.take_word("MISSING")) {
            if (left.operand.kind != Operand::Kind::path) {
                return refusal("The left hand side argument to IS must be a Variable Reference, Literal, or Path");
            }
            return of(negative ? exists(std::move(left.operand.path)) : absent(std::move(left.operand.path)));
        }
        for (const TypeName& type : type_names) {
            if (!in_.take_word(type.name)) continue;
            ConditionTree test = type_is(std::move(left.operand), type.type);
            return of(negative ? negation(std::move(test)) : std::move(test));
        }
        return refusal("Unsupported data type for IS operator: " + std::string(in_.peek().text) +
                       ". Supported data types are [MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, "
                       "LIST]");
    }

    Result<Term> primary() {
        if (in_.at("(")) {
            in_.next();
            TRY(in_.enter());
            TRY_ASSIGN(Term inner, any());
            in_.leave();
            TRY(in_.expect(")"));
            return inner;
        }
        const bool call =
            in_.peek().kind == TokenKind::word && in_.peek(1).kind == TokenKind::symbol && in_.peek(1).value == "(";
        if (call) return function();
        Term term;
        if (in_.at_value()) {
            TRY_ASSIGN(AttributeValue value, in_.value());
            term.operand = Operand::of(std::move(value));
        } else {
            TRY_ASSIGN(Path path, in_.path());
            term.operand = Operand::at(std::move(path));
        }
        return term;
    }

    Result<Term> function() {
        const Token name = in_.next();
        const std::string lower = lower_case(name.value);
        if (lower != "size" && !is_condition_function(lower)) {
            if (lower == "exists" && is_word(in_.peek(1), "SELECT")) {
                return refusal("EXISTS can only be used in ExecuteTransaction write requests.");
            }
            return refusal("Unrecognized function: " + lower + place_of(name));
        }
        TRY(in_.expect("("));
        TRY(in_.enter());
        std::vector<Operand> operands;
        if (!in_.at(")")) {
            do {
                TRY_ASSIGN(Operand argument, operand());
                operands.push_back(std::move(argument));
            } while (in_.take(","));
        }
        in_.leave();
        TRY(in_.expect(")"));
        if (lower == "size") {
            if (operands.size() != 1) return wrong_operand_count(lower, operands.size());
            Term term;
            TRY_ASSIGN(term.operand, checked_size(std::move(operands[0])));
            return term;
        }
        TRY_ASSIGN(ConditionTree condition, checked_call(lower, std::move(operands)));
        return of(std::move(condition));
    }

    Reader& in_;
};

}  // namespace

Result<ConditionTree> parse_where(Reader& in) {
    return WhereParser(in).whole();
}

}  // namespace millrace::table::partiql
