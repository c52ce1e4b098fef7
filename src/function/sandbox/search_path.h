// Programs by name, as a shell finds them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace::function {

// Every executable of that name: on our PATH, then in the usual places. Absolute, in order, each once.
std::vector<std::string> programs_named(std::string_view name);
std::string program_named(std::string_view name);  // the first; "" where none

}  // namespace millrace::function
