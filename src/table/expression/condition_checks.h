// Comparisons and calls made of operands whose types are checked as AWS checks them. What a text (condition_binder.cc)
// and a PartiQL statement have in common. Errors: invalid_argument, AWS's sentence without what stands before it.
#pragma once

#include <string>
#include <vector>

#include "src/table/expression/condition.h"

namespace millrace::table {

Result<ConditionTree> checked_comparison(Comparator comparator, std::vector<Operand> operands);
Result<ConditionTree> checked_between(std::vector<Operand> operands);  // value, low, high
Result<ConditionTree> checked_in(std::vector<Operand> operands);       // value, candidates
// attribute_exists, attribute_not_exists, attribute_type, begins_with, contains.
Result<ConditionTree> checked_call(const std::string& name, std::vector<Operand> operands);
// size(`of`): of a value it is a value.
Result<Operand> checked_size(Operand of);

bool is_condition_function(std::string_view name);

Error wrong_operand_count(const std::string& function, size_t count);
Error wrong_operand_type(std::string_view operation, std::string_view type);
Error needs_path(const std::string& function);

}  // namespace millrace::table
