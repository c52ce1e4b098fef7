// AWS checks an update's paths first, then its actions from the last to the first: the names of all, then the values
// and their types.
#include <algorithm>
#include <array>

#include "src/table/expression/binder.h"
#include "src/table/expression/condition_checks.h"
#include "src/table/expression/update.h"

namespace millrace::table {
namespace {

constexpr std::array<std::string_view, types_count> long_names = {
    "STRING", "NUMBER", "BINARY", "BOOLEAN", "NULL", "MAP", "LIST", "STRING_SET", "NUMBER_SET", "BINARY_SET"};

class UpdateBinder {
  public:
    explicit UpdateBinder(Placeholders& placeholders) : binder_(placeholders) {}

    Result<UpdateTree> bind(const UpdateSyntax& syntax) {
        std::vector<Path> paths;
        paths.reserve(syntax.actions.size());
        for (const UpdateAction& action : syntax.actions) {
            TRY_ASSIGN(Path path, binder_.path(action.path));
            paths.push_back(std::move(path));
        }
        TRY(check_distinct(paths));
        for (auto action = syntax.actions.rbegin(); action != syntax.actions.rend(); ++action) {
            TRY(binder_.names_defined(action->value));
            TRY(binder_.names_defined(action->second));
        }
        UpdateTree tree;
        for (size_t i = syntax.actions.size(); i-- > 0;)
            TRY(bind_action(syntax.actions[i], std::move(paths[i]), &tree));
        std::reverse(tree.sets.begin(), tree.sets.end());
        return tree;
    }

  private:
    Status bind_action(const UpdateAction& action, Path path, UpdateTree* tree) {
        switch (action.section) {
            case Section::remove:
                tree->removes.push_back(std::move(path));
                return {};
            case Section::set: {
                TRY_ASSIGN(SetValue value, bind_sum(action));
                tree->sets.push_back({std::move(path), std::move(value)});
                return {};
            }
            case Section::add:
            case Section::erase:
                break;
        }
        TRY_ASSIGN(const AttributeValue* value, binder_.value(action.value.text));
        const bool add = action.section == Section::add;
        const Type type = value->type();
        const bool fits = type == Type::SS || type == Type::NS || type == Type::BS || (add && type == Type::N);
        if (!fits) {
            const std::string word = add ? "ADD" : "DELETE";
            return Error{ErrorCode::invalid_argument,
                         "Incorrect operand type for operator or function; operator: " + word +
                             ", operand type: " + std::string(long_names[static_cast<size_t>(type)]) +
                             ", typeSet: ALLOWED_FOR_" + word + "_OPERAND"};
        }
        (add ? tree->adds : tree->deletes).push_back({std::move(path), *value});
        return {};
    }

    Result<SetValue> bind_sum(const UpdateAction& action) {
        if (action.sign == 0) return bind_value(action.value);
        SetValue sum;
        sum.kind = action.sign == '+' ? SetValue::Kind::plus : SetValue::Kind::minus;
        for (const OperandSyntax* operand : {&action.value, &action.second}) {
            TRY_ASSIGN(SetValue value, bind_value(*operand));
            sum.arguments.push_back(std::move(value));
        }
        TRY(only(sum.arguments, Type::N, std::string(1, action.sign)));
        return sum;
    }

    Result<SetValue> bind_value(const OperandSyntax& syntax) {
        if (syntax.kind == OperandSyntax::Kind::value) {
            TRY_ASSIGN(const AttributeValue* value, binder_.value(syntax.text));
            return SetValue::of(*value);
        }
        if (syntax.kind == OperandSyntax::Kind::path) {
            TRY_ASSIGN(Path path, binder_.path(syntax.path));
            return SetValue::at(std::move(path));
        }
        TRY(binder_.defined(syntax));
        if (syntax.arguments.size() != 2) return wrong_operand_count(syntax.text, syntax.arguments.size());
        SetValue call;
        if (syntax.text == "if_not_exists") {
            call.kind = SetValue::Kind::if_not_exists;
            if (syntax.arguments[0].kind != OperandSyntax::Kind::path) return needs_path(syntax.text);
            TRY_ASSIGN(call.path, binder_.path(syntax.arguments[0].path));
            TRY_ASSIGN(SetValue otherwise, bind_value(syntax.arguments[1]));
            call.arguments.push_back(std::move(otherwise));
            return call;
        }
        call.kind = SetValue::Kind::list_append;
        for (const OperandSyntax& argument : syntax.arguments) {
            TRY_ASSIGN(SetValue value, bind_value(argument));
            call.arguments.push_back(std::move(value));
        }
        TRY(only(call.arguments, Type::L, syntax.text));
        return call;
    }

    static Status only(const std::vector<SetValue>& operands, Type type, const std::string& operation) {
        for (const SetValue& operand : operands) {
            if (operand.kind == SetValue::Kind::value && operand.value.type() != type) {
                return wrong_operand_type(operation, name_of(operand.value.type()));
            }
        }
        return {};
    }

    Binder binder_;
};

}  // namespace

Result<std::shared_ptr<const Update>> bind_update(const UpdateSyntax& syntax, Placeholders& placeholders) {
    TRY_ASSIGN(UpdateTree tree, UpdateBinder(placeholders).bind(syntax));
    return make_update(std::move(tree));
}

}  // namespace millrace::table
