#include "src/table/expression/binder.h"
#include "src/table/expression/condition_checks.h"

namespace millrace::table {
namespace {

class ConditionBinder {
  public:
    explicit ConditionBinder(Placeholders& placeholders) : binder_(placeholders) {}

    Result<ConditionTree> bind(const ConditionSyntax& syntax) {
        using Kind = ConditionSyntax::Kind;
        switch (syntax.kind) {
            case Kind::all_of:
            case Kind::any_of:
            case Kind::negation:
                return bind_children(syntax);
            case Kind::call:
                return bind_call(syntax.operands[0]);
            case Kind::compare:
            case Kind::between:
            case Kind::in:
                break;
        }
        for (const OperandSyntax& operand : syntax.operands) TRY(binder_.defined(operand));
        std::vector<Operand> operands;
        operands.reserve(syntax.operands.size());
        for (const OperandSyntax& operand : syntax.operands) {
            TRY_ASSIGN(Operand bound, bind_operand(operand));
            operands.push_back(std::move(bound));
        }
        if (syntax.kind == Kind::compare) return checked_comparison(syntax.comparator, std::move(operands));
        if (syntax.kind == Kind::between) return checked_between(std::move(operands));
        return checked_in(std::move(operands));
    }

  private:
    Result<ConditionTree> bind_children(const ConditionSyntax& syntax) {
        std::vector<ConditionTree> children;
        children.reserve(syntax.children.size());
        for (const ConditionSyntax& child : syntax.children) {
            TRY_ASSIGN(ConditionTree bound, bind(child));
            children.push_back(std::move(bound));
        }
        if (syntax.kind == ConditionSyntax::Kind::all_of) return all_of(std::move(children));
        if (syntax.kind == ConditionSyntax::Kind::any_of) return any_of(std::move(children));
        return negation(std::move(children[0]));
    }

    // A path, a value, or size().
    Result<Operand> bind_operand(const OperandSyntax& syntax) {
        if (syntax.kind == OperandSyntax::Kind::path) {
            TRY_ASSIGN(Path path, binder_.path(syntax.path));
            return Operand::at(std::move(path));
        }
        if (syntax.kind == OperandSyntax::Kind::value) {
            TRY_ASSIGN(const AttributeValue* value, binder_.value(syntax.text));
            return Operand::of(*value);
        }
        if (syntax.arguments.size() != 1) return wrong_operand_count(syntax.text, syntax.arguments.size());
        TRY_ASSIGN(Operand of, bind_operand(syntax.arguments[0]));
        return checked_size(std::move(of));
    }

    Result<ConditionTree> bind_call(const OperandSyntax& call) {
        TRY(binder_.defined(call));
        // Before its arguments: a call with too few of them may have none that fits.
        const bool one = call.text == "attribute_exists" || call.text == "attribute_not_exists";
        if (call.arguments.size() != (one ? 1u : 2u)) return wrong_operand_count(call.text, call.arguments.size());
        std::vector<Operand> operands;
        operands.reserve(2);
        for (const OperandSyntax& argument : call.arguments) {
            TRY_ASSIGN(Operand bound, bind_operand(argument));
            operands.push_back(std::move(bound));
        }
        return checked_call(call.text, std::move(operands));
    }

    Binder binder_;
};

}  // namespace

Result<ConditionTree> bind_condition(const ConditionSyntax& syntax, Placeholders& placeholders) {
    return ConditionBinder(placeholders).bind(syntax);
}

}  // namespace millrace::table
