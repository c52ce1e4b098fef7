// The model's constraints, checked on a decoded input before the handler runs, in AWS's words.
#pragma once

#include "src/aws/schema.h"
#include "src/aws/violations.h"

namespace millrace::aws {

// Adds what is wrong with the value: lengths, ranges, patterns, enum values. Lists and maps of plain values complain as
// a whole, as AWS does. Required members were checked while decoding.
void validate(const Shape& shape, const void* value, const Place& place, Violations& violations);

// Is what the dotted path ("Tags[].Value") names there, in any element of the lists and maps on its way?
bool is_present(const Shape& shape, const void* value, std::string_view path);

}  // namespace millrace::aws
