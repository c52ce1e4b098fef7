// The grammar of conditions, filters and key conditions.
//
//   condition  = and (OR and)*
//   and        = not (AND not)*
//   not        = NOT* test
//   test       = operand comparator operand | operand BETWEEN operand AND operand | operand IN '(' operand, ... ')'
//              | call | '(' condition ')'
//   operand    = :value | path | call | '(' operand ')'
//
// An opening parenthesis may begin a condition or an operand, and which is known only behind it: `Term` is either, so
// that no text is read twice.
#include "src/table/expression/condition_checks.h"
#include "src/table/expression/parser.h"

namespace millrace::table {
namespace {

struct Term {
    bool is_condition = false;
    bool in_parentheses = false;  // straight around it
    ConditionSyntax condition;
    OperandSyntax operand;
};

class ConditionParser {
  public:
    explicit ConditionParser(std::string_view text) : in_(text, {"AND", "OR", "NOT", "BETWEEN", "IN"}) {}

    Result<ConditionSyntax> whole() {
        Term term;
        TRY(any(&term));
        TRY(be_condition(&term));
        TRY(in_.end());
        return std::move(term.condition);
    }

  private:
    // A call stands for a condition too; a path or a value does not.
    Status be_condition(Term* term) {
        if (term->is_condition) return {};
        if (term->operand.kind != OperandSyntax::Kind::call) return in_.unexpected();
        term->condition = {};
        term->condition.operands.push_back(std::move(term->operand));
        term->is_condition = true;
        return {};
    }

    using Rule = Status (ConditionParser::*)(Term*);

    Status joined(Term* out, Rule rule, std::string_view word, ConditionSyntax::Kind kind) {
        TRY((this->*rule)(out));
        if (!in_.at_word(word)) return {};
        TRY(be_condition(out));
        ConditionSyntax joined;
        joined.kind = kind;
        joined.children.push_back(std::move(out->condition));
        while (in_.at_word(word)) {
            TRY(in_.count_operator());
            in_.next();
            Term term;
            TRY((this->*rule)(&term));
            TRY(be_condition(&term));
            joined.children.push_back(std::move(term.condition));
        }
        *out = {true, false, std::move(joined), {}};
        return {};
    }

    Status any(Term* out) { return joined(out, &ConditionParser::all, "OR", ConditionSyntax::Kind::any_of); }
    Status all(Term* out) { return joined(out, &ConditionParser::negated, "AND", ConditionSyntax::Kind::all_of); }

    Status negated(Term* out) {
        int count = 0;
        for (; in_.at_word("NOT"); ++count) {
            TRY(in_.count_operator());
            in_.next();
        }
        TRY(test(out));
        if (count == 0) return {};
        TRY(be_condition(out));
        for (; count > 0; --count) {
            ConditionSyntax negation;
            negation.kind = ConditionSyntax::Kind::negation;
            negation.children.push_back(std::move(out->condition));
            out->condition = std::move(negation);
        }
        out->in_parentheses = false;
        return {};
    }

    bool at_comparator(Comparator* out) const {
        for (const Comparator c :
             {Comparator::eq, Comparator::ne, Comparator::lt, Comparator::le, Comparator::gt, Comparator::ge}) {
            *out = c;
            if (in_.at(text_of(c))) return true;
        }
        return false;
    }

    Status test(Term* out) {
        TRY(primary(out));
        ConditionSyntax made;
        if (at_comparator(&made.comparator)) {
            made.kind = ConditionSyntax::Kind::compare;
        } else if (in_.at_word("BETWEEN")) {
            made.kind = ConditionSyntax::Kind::between;
        } else if (in_.at_word("IN")) {
            made.kind = ConditionSyntax::Kind::in;
        } else {
            return {};
        }
        if (out->is_condition) return in_.unexpected();
        TRY(in_.count_operator());
        in_.next();
        made.operands.push_back(std::move(out->operand));
        if (made.kind == ConditionSyntax::Kind::in) {
            TRY(in_.expect("("));
            TRY(in_.operands(&made.operands));
        } else {
            TRY(operand(&made.operands));
        }
        if (made.kind == ConditionSyntax::Kind::between) {
            TRY(in_.expect_word("AND"));
            TRY(operand(&made.operands));
        }
        *out = {true, false, std::move(made), {}};
        return {};
    }

    Status operand(std::vector<OperandSyntax>* out) {
        bool in_parentheses = false;
        TRY(in_.operand(&out->emplace_back(), &in_parentheses));
        // (a.b)[1].c
        if (in_parentheses && out->back().kind == OperandSyntax::Kind::path) return in_.rest_of_path(&out->back().path);
        return {};
    }

    Status primary(Term* out) {
        if (!in_.at("(")) return in_.operand(&out->operand);
        in_.next();
        TRY(in_.enter());
        TRY(any(out));
        if (in_.at(")") && out->in_parentheses) return Parser::redundant_parentheses();
        TRY(in_.expect(")"));
        in_.leave();
        out->in_parentheses = true;
        if (!out->is_condition && out->operand.kind == OperandSyntax::Kind::path && (in_.at(".") || in_.at("["))) {
            out->in_parentheses = false;
            return in_.rest_of_path(&out->operand.path);
        }
        return {};
    }

    Parser in_;
};

bool is_value_function(std::string_view name) {
    return name == "size";
}

Error refusal(std::string_view sentence, std::string_view name) {
    return {ErrorCode::invalid_argument, std::string(sentence).append(name)};
}

Status check_operand(const OperandSyntax& operand, bool as_condition) {
    if (operand.kind == OperandSyntax::Kind::value) return {};
    if (operand.kind == OperandSyntax::Kind::path) return check_names(operand.path);
    if (!is_value_function(operand.text) && !is_condition_function(operand.text)) {
        if (operand.text == "if_not_exists" || operand.text == "list_append") {
            return refusal("The function is not allowed in a condition expression; function: ", operand.text);
        }
        return refusal("Invalid function name; function: ", operand.text);
    }
    if (is_condition_function(operand.text) != as_condition) {
        return refusal("The function is not allowed to be used this way in an expression; function: ", operand.text);
    }
    for (const OperandSyntax& argument : operand.arguments) TRY(check_operand(argument, false));
    return {};
}

Status check(const ConditionSyntax& condition) {
    for (const OperandSyntax& operand : condition.operands) {
        TRY(check_operand(operand, condition.kind == ConditionSyntax::Kind::call));
    }
    for (const ConditionSyntax& child : condition.children) TRY(check(child));
    return {};
}

}  // namespace

Result<ConditionSyntax> parse_condition(std::string_view text) {
    TRY_ASSIGN(ConditionSyntax condition, ConditionParser(text).whole());
    TRY(check(condition));
    return condition;
}

}  // namespace millrace::table
