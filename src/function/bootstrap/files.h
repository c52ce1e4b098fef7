// Our bootstraps, which this binary carries: the programs that speak the Runtime API for python and nodejs functions.
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"

namespace millrace::function {

// The text of src/function/bootstrap/millrace_bootstrap.py and of millrace_bootstrap.cjs; valid for ever.
std::string_view python_bootstrap();
std::string_view node_bootstrap();

// Writes both to `directory`, readable by everyone.
Status write_bootstraps(const std::string& directory);

}  // namespace millrace::function
