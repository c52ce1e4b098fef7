// What a template's operators make of two values, as Velocity has it. Null is the answer where there is none: operands
// that are no numbers, a division by zero.
#pragma once

#include "src/base/result.h"
#include "src/vtl/syntax.h"
#include "src/vtl/value.h"

namespace millrace::vtl {

// [from..to], counted down where `to` is less. resource_exhausted where an end is beyond 100,000.
Result<Value> range(const Value& from, const Value& to);
// less, less_equal, greater, greater_equal; false where one is no number.
Value compare(Expression::Kind kind, const Value& left, const Value& right);
// add, subtract, multiply, divide, modulo, of numbers; modulo of whole ones alone.
Value arithmetic(Expression::Kind kind, const Value& left, const Value& right);

}  // namespace millrace::vtl
