// The grammar of updates, and of projections.
//
//   update     = section+
//   section    = SET set, ... | REMOVE path, ... | ADD path :value, ... | DELETE path :value, ...
//   set        = path '=' sum
//   sum        = operand | operand ('+' | '-') operand | '(' sum ')'
//   projection = path, ...
#include <array>

#include "src/table/expression/parser.h"

namespace millrace::table {
namespace {

constexpr std::array<std::string_view, 4> section_words = {"SET", "REMOVE", "ADD", "DELETE"};

Error refusal(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

class UpdateParser {
  public:
    explicit UpdateParser(std::string_view text) : in_(text, {section_words.begin(), section_words.end()}) {}

    Result<UpdateSyntax> whole() {
        UpdateSyntax update;
        std::array<bool, section_words.size()> seen{};
        std::string twice;
        do {
            size_t section = 0;
            while (section < section_words.size() && !in_.at_word(section_words[section])) ++section;
            if (section == section_words.size()) return in_.unexpected();
            in_.next();
            if (seen[section] && twice.empty()) twice = section_words[section];
            seen[section] = true;
            do {
                TRY(action(static_cast<Section>(section), &update.actions.emplace_back()));
            } while (in_.take(","));
        } while (!in_.at_end());
        for (const UpdateAction& action : update.actions) TRY(check(action));
        if (!twice.empty()) {
            return refusal("The \"" + twice + "\" section can only be used once in an update expression;");
        }
        return update;
    }

  private:
    Status action(Section section, UpdateAction* out) {
        out->section = section;
        TRY(in_.path(&out->path));
        if (section == Section::remove) return {};
        if (section == Section::set) {
            TRY(in_.expect("="));
            bool in_parentheses = false;
            return sum(out, &in_parentheses);
        }
        if (in_.peek().kind != TokenKind::value) return in_.unexpected();
        return in_.operand(&out->value);
    }

    // `in_parentheses`: straight around it.
    Status sum(UpdateAction* out, bool* in_parentheses) {
        *in_parentheses = false;
        if (in_.take("(")) {
            TRY(in_.enter());
            bool inner = false;
            TRY(sum(out, &inner));
            TRY(in_.expect(")"));
            in_.leave();
            if (inner) return Parser::redundant_parentheses();
            *in_parentheses = true;
            if (out->sign != 0) return {};
        } else {
            TRY(in_.operand(&out->value));
        }
        if (!in_.at("+") && !in_.at("-")) return {};
        out->sign = in_.peek().text.front();
        *in_parentheses = false;
        TRY(in_.count_operator());
        in_.next();
        return in_.operand(&out->second);
    }

    static Status check(const UpdateAction& action) {
        TRY(check_names(action.path));
        TRY(check(action.value, false));
        if (action.sign != 0) TRY(check(action.second, false));
        return {};
    }

    static Status check(const OperandSyntax& operand, bool is_argument) {
        if (operand.kind == OperandSyntax::Kind::value) return {};
        if (operand.kind == OperandSyntax::Kind::path) return check_names(operand.path);
        if (operand.text != "if_not_exists" && operand.text != "list_append") {
            constexpr std::array<std::string_view, 6> of_conditions = {
                "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"};
            for (const auto& name : of_conditions) {
                if (operand.text == name) {
                    return refusal("The function is not allowed in an update expression; function: " + operand.text);
                }
            }
            return refusal("Invalid function name; function: " + operand.text);
        }
        if (is_argument && operand.text == "list_append") {
            return refusal("The function is not allowed to be used this way in an expression; function: " +
                           operand.text);
        }
        for (const OperandSyntax& argument : operand.arguments) TRY(check(argument, true));
        return {};
    }

    Parser in_;
};

}  // namespace

Result<UpdateSyntax> parse_update(std::string_view text) {
    return UpdateParser(text).whole();
}

Result<ProjectionSyntax> parse_projection(std::string_view text) {
    Parser in(text, {});
    ProjectionSyntax projection;
    do {
        TRY(in.path(&projection.paths.emplace_back()));
    } while (in.take(","));
    TRY(in.end());
    for (const PathSyntax& path : projection.paths) TRY(check_names(path));
    return projection;
}

}  // namespace millrace::table
