#include "src/vtl/operators.h"

namespace millrace::vtl {
namespace {

using ExpressionKind = Expression::Kind;

constexpr int64_t range_max = 100'000;

// Overflow goes over to doubles, as Velocity goes over to BigInteger; division by zero is null.
Value whole(ExpressionKind kind, int64_t a, int64_t b) {
    int64_t out = 0;
    switch (kind) {
        case ExpressionKind::add:
            if (!__builtin_add_overflow(a, b, &out)) return out;
            return static_cast<double>(a) + static_cast<double>(b);
        case ExpressionKind::subtract:
            if (!__builtin_sub_overflow(a, b, &out)) return out;
            return static_cast<double>(a) - static_cast<double>(b);
        case ExpressionKind::multiply:
            if (!__builtin_mul_overflow(a, b, &out)) return out;
            return static_cast<double>(a) * static_cast<double>(b);
        case ExpressionKind::divide:
            return b == 0 || (a == INT64_MIN && b == -1) ? Value() : Value(a / b);
        default:
            return b == 0 || b == -1 ? (b == 0 ? Value() : Value(int64_t{0})) : Value(a % b);
    }
}

}  // namespace

Result<Value> range(const Value& from, const Value& to) {
    if (!from.integer() || !to.integer()) return Value();
    const int64_t first = *from.integer(), last = *to.integer();
    const int64_t direction = first <= last ? 1 : -1;
    if (first < -range_max || first > range_max || last < -range_max || last > range_max) {
        return Error{ErrorCode::resource_exhausted, "a range is too large"};
    }
    List out;
    for (int64_t value = first;; value += direction) {
        out.emplace_back(value);
        if (value == last) break;
    }
    return make_list(std::move(out));
}

Value compare(Expression::Kind kind, const Value& left, const Value& right) {
    if (!left.is_number() || !right.is_number()) return false;  // Velocity says an error and false
    const double a = left.number(), b = right.number();
    switch (kind) {
        case ExpressionKind::less:
            return a < b;
        case ExpressionKind::less_equal:
            return a <= b;
        case ExpressionKind::greater:
            return a > b;
        default:
            return a >= b;
    }
}

Value arithmetic(Expression::Kind kind, const Value& left, const Value& right) {
    if (!left.is_number() || !right.is_number()) return Value();
    if (left.integer() && right.integer()) return whole(kind, *left.integer(), *right.integer());
    const double a = left.number(), b = right.number();
    switch (kind) {
        case ExpressionKind::add:
            return Value(a + b);
        case ExpressionKind::subtract:
            return Value(a - b);
        case ExpressionKind::multiply:
            return Value(a * b);
        case ExpressionKind::divide:
            return b == 0 ? Value() : Value(a / b);
        default:
            return Value();
    }
}

}  // namespace millrace::vtl
