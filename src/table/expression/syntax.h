// What an expression's text says, before its placeholders are known: the templates that are cached.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/table/expression/condition.h"

namespace millrace::table {

struct PathPart {
    enum class Kind : uint8_t { name, placeholder, index };
    Kind kind = Kind::name;
    std::string text;  // "a" or "#a"
    int32_t index = -1;
};
using PathSyntax = std::vector<PathPart>;

struct OperandSyntax {
    enum class Kind : uint8_t { path, value, call };
    Kind kind = Kind::path;
    PathSyntax path;
    std::string text;  // ":v", or the function's name
    std::vector<OperandSyntax> arguments;
};

struct ConditionSyntax {
    enum class Kind : uint8_t { compare, between, in, call, all_of, any_of, negation };
    Kind kind = Kind::call;
    Comparator comparator = Comparator::eq;
    std::vector<OperandSyntax> operands;
    std::vector<ConditionSyntax> children;
};

enum class Section : uint8_t { set, remove, add, erase };

struct UpdateAction {
    Section section = Section::set;
    PathSyntax path;
    OperandSyntax value;  // but of remove
    char sign = 0;        // '+' or '-' of SET a = value + second
    OperandSyntax second;
};

struct UpdateSyntax {
    std::vector<UpdateAction> actions;
};

struct ProjectionSyntax {
    std::vector<PathSyntax> paths;
};

// The grammars. Each checks all that needs no placeholder: words that are reserved, functions that do not exist or not
// there, sections that come twice, indexes out of range, parentheses around parentheses, more than 300 operators.
// invalid_argument, without the "Invalid ...Expression: " in front. Time and memory are linear in the text.
Result<ConditionSyntax> parse_condition(std::string_view text);
Result<UpdateSyntax> parse_update(std::string_view text);
Result<ProjectionSyntax> parse_projection(std::string_view text);

}  // namespace millrace::table
