// A condition as a tree of plain structs, for whoever makes one without a text: the legacy parameters, PartiQL.
//
//   make_condition(any_of({absent({{"pk"}}), compare(Comparator::lt, Operand::at({{"n"}}), Operand::of(value))}))
#pragma once

#include <memory>
#include <vector>

#include "src/table/expression/expression.h"

namespace millrace::table {

enum class Comparator : uint8_t { eq, ne, lt, le, gt, ge };
std::string_view text_of(Comparator comparator);  // "=", "<>", ...

struct Operand {
    enum class Kind : uint8_t { value, path, size };  // size: of what is at the path
    Kind kind = Kind::value;
    AttributeValue value;
    Path path;

    static Operand of(AttributeValue value) { return {Kind::value, std::move(value), {}}; }
    static Operand at(Path path) { return {Kind::path, {}, std::move(path)}; }
    static Operand size_of(Path path) { return {Kind::size, {}, std::move(path)}; }
    bool operator==(const Operand&) const = default;
};

struct ConditionTree {
    enum class Kind : uint8_t {
        compare,      // operands[0] comparator operands[1]
        between,      // operands[1] <= operands[0] <= operands[2]
        in,           // operands[0] equals one of the others
        exists,       // operands[0]
        absent,       // operands[0]
        type_is,      // operands[0] is of `type`
        begins_with,  // operands[0] with operands[1]
        contains,     // operands[0] as string, set or list
        all_of,       // children; none: true
        any_of,       // children; none: false
        negation,     // children[0]
    };
    Kind kind = Kind::all_of;
    Comparator comparator = Comparator::eq;
    Type type = Type::S;
    std::vector<Operand> operands;
    std::vector<ConditionTree> children;
};

ConditionTree compare(Comparator comparator, Operand a, Operand b);
ConditionTree between(Operand value, Operand low, Operand high);
ConditionTree in(Operand value, std::vector<Operand> candidates);
ConditionTree exists(Path path);
ConditionTree absent(Path path);
ConditionTree type_is(Operand value, Type type);
ConditionTree begins_with(Operand value, Operand prefix);
ConditionTree contains(Operand value, Operand part);
ConditionTree all_of(std::vector<ConditionTree> children);
ConditionTree any_of(std::vector<ConditionTree> children);
ConditionTree negation(ConditionTree child);

// A tree with operands or children missing is the caller's bug.
std::shared_ptr<const Condition> make_condition(ConditionTree tree);

// What size() gives; false for types that have none (N, BOOL, NULL). Strings count their characters' bytes in UTF-8.
bool size_of(const AttributeValue& value, Number* out);
// Whether both are strings, numbers or binary of one type, and then how they sort.
bool order_of(const AttributeValue& a, const AttributeValue& b, std::strong_ordering* out);

}  // namespace millrace::table
