// The methods of Java's String, List, Map, Integer and Double that templates use. Regular expressions are RE2's: linear
// in the text, without look-around and back-references (such an expression matches nothing, as one that does not
// compile).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "src/vtl/value.h"

namespace millrace::vtl {

// nullopt: no such method with these arguments. `bytes_max`: no text that comes out is longer.
std::optional<Value> call_method(const Value& on, std::string_view name, const std::vector<Value>& arguments,
                                 size_t bytes_max);
// $value.name, which Velocity also finds as getName(), isName() and get("name").
std::optional<Value> get_property(const Value& on, std::string_view name);
// $value[index]
std::optional<Value> get_index(const Value& on, const Value& index);

}  // namespace millrace::vtl
