// Text into a tree. invalid_argument with line and column where it is no template.
#pragma once

#include <string_view>

#include "src/base/result.h"
#include "src/vtl/syntax.h"

namespace millrace::vtl {

constexpr size_t template_bytes_max = 300 * 1024;  // AWS's limit on a mapping template

Result<Block> parse_block(std::string_view text);

}  // namespace millrace::vtl
