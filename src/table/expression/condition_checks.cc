#include "src/table/expression/condition_checks.h"

#include <algorithm>
#include <optional>

namespace millrace::table {
namespace {

constexpr size_t candidates_max = 100;

Error refusal(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

// The type an operand has whatever the item is; nothing for what a path leads to.
std::optional<Type> known_type(const Operand& operand) {
    if (operand.kind == Operand::Kind::value) return operand.value.type();
    if (operand.kind == Operand::Kind::size) return Type::N;
    return std::nullopt;
}

bool has_order(Type type) {
    return type == Type::S || type == Type::N || type == Type::B;
}

bool has_size(Type type) {
    return type != Type::N && type != Type::BOOL && type != Type::NULL_;
}

std::optional<Type> type_named(const std::string& name) {
    for (int i = 0; i < types_count; ++i) {
        if (name_of(static_cast<Type>(i)) == name) return static_cast<Type>(i);
    }
    return std::nullopt;
}

// As AWS prints it in its sentences: {N:1}.
std::string text_of_bound(const AttributeValue& value) {
    std::string text = "AttributeValue: {";
    text.append(name_of(value.type())).append(":");
    if (const auto* string = value.as<std::string>()) {
        text += *string;
    } else if (const auto* number = value.as<Number>()) {
        number->append_text(&text);
    } else if (const auto* binary = value.as<Binary>()) {
        const std::string size = std::to_string(binary->bytes.size());
        text += "java.nio.HeapByteBuffer[pos=0 lim=" + size + " cap=" + size + "]";
    }
    return text += "}";
}

Status distinct(std::string_view operation, const std::vector<Operand>& operands) {
    if (operands[0].kind != Operand::Kind::path) return {};
    const auto same = [&](const Operand& other) {
        return other.kind == Operand::Kind::path && other.path == operands[0].path;
    };
    if (std::none_of(operands.begin() + 1, operands.end(), same)) return {};
    return refusal(std::string("The first operand must be distinct from the remaining operands for this operator or "
                               "function; operator: ")
                       .append(operation)
                       .append(", first operand: ")
                       .append(to_text(operands[0].path)));
}

Status ordered(std::string_view operation, const std::vector<Operand>& operands) {
    for (const Operand& operand : operands) {
        const auto type = known_type(operand);
        if (type && !has_order(*type)) return wrong_operand_type(operation, name_of(*type));
    }
    return {};
}

Result<ConditionTree> typed(std::vector<Operand> operands) {
    const auto given = known_type(operands[1]);
    if (!given) return wrong_operand_type("attribute_type", "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
    const auto* name = operands[1].value.as<std::string>();
    if (*given != Type::S || name == nullptr) return wrong_operand_type("attribute_type", name_of(*given));
    const auto type = type_named(*name);
    if (!type) {
        return refusal("Invalid attribute type name found; type: " + *name +
                       ", valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
    }
    return type_is(std::move(operands[0]), *type);
}

}  // namespace

Result<ConditionTree> checked_comparison(Comparator comparator, std::vector<Operand> operands) {
    TRY(distinct(text_of(comparator), operands));
    if (comparator != Comparator::eq && comparator != Comparator::ne) {
        TRY(ordered(text_of(comparator), operands));
    }
    return compare(comparator, std::move(operands[0]), std::move(operands[1]));
}

Result<ConditionTree> checked_between(std::vector<Operand> operands) {
    TRY(distinct("BETWEEN", operands));
    TRY(ordered("BETWEEN", operands));
    if (operands[1].kind == Operand::Kind::value && operands[2].kind == Operand::Kind::value) {
        const AttributeValue& low = operands[1].value;
        const AttributeValue& high = operands[2].value;
        std::strong_ordering order = std::strong_ordering::equal;
        const char* wrong = nullptr;
        if (!order_of(low, high, &order)) {
            wrong = "requires same data type for lower and upper bounds";
        } else if (order > 0) {
            wrong = "requires upper bound to be greater than or equal to lower bound";
        }
        if (wrong != nullptr) {
            return refusal(std::string("The BETWEEN operator ") + wrong + "; lower bound operand: " +
                           text_of_bound(low) + ", upper bound operand: " + text_of_bound(high));
        }
    }
    return between(std::move(operands[0]), std::move(operands[1]), std::move(operands[2]));
}

Result<ConditionTree> checked_in(std::vector<Operand> operands) {
    if (operands.size() - 1 > candidates_max) {
        return refusal("The IN operator is provided with too many operands; number of operands: " +
                       std::to_string(operands.size() - 1));
    }
    TRY(distinct("IN", operands));
    Operand value = std::move(operands[0]);
    operands.erase(operands.begin());
    return in(std::move(value), std::move(operands));
}

Result<ConditionTree> checked_call(const std::string& name, std::vector<Operand> operands) {
    const bool one = name == "attribute_exists" || name == "attribute_not_exists";
    if (operands.size() != (one ? 1u : 2u)) return wrong_operand_count(name, operands.size());
    if (one) {
        if (operands[0].kind != Operand::Kind::path) return needs_path(name);
        return name == "attribute_exists" ? exists(std::move(operands[0].path)) : absent(std::move(operands[0].path));
    }
    TRY(distinct(name, operands));
    if (name == "attribute_type") return typed(std::move(operands));
    if (name == "contains") return contains(std::move(operands[0]), std::move(operands[1]));
    for (const Operand& operand : operands) {
        const auto type = known_type(operand);
        if (type && *type != Type::S && *type != Type::B) return wrong_operand_type(name, name_of(*type));
    }
    return begins_with(std::move(operands[0]), std::move(operands[1]));
}

Result<Operand> checked_size(Operand of) {
    const auto type = known_type(of);
    if (type && !has_size(*type)) return wrong_operand_type("size", name_of(*type));
    if (of.kind == Operand::Kind::path) return Operand::size_of(std::move(of.path));
    Number size;
    MILLRACE_CHECK(size_of(of.value, &size));
    return Operand::of(AttributeValue{size});
}

bool is_condition_function(std::string_view name) {
    return name == "attribute_exists" || name == "attribute_not_exists" || name == "attribute_type" ||
           name == "begins_with" || name == "contains";
}

Error wrong_operand_count(const std::string& function, size_t count) {
    return refusal("Incorrect number of operands for operator or function; operator or function: " + function +
                   ", number of operands: " + std::to_string(count));
}

Error wrong_operand_type(std::string_view operation, std::string_view type) {
    return refusal(std::string("Incorrect operand type for operator or function; operator or function: ")
                       .append(operation)
                       .append(", operand type: ")
                       .append(type));
}

Error needs_path(const std::string& function) {
    return refusal("Operator or function requires a document path; operator or function: " + function);
}

}  // namespace millrace::table
