// Pieces of the JSON that functions and destinations get.
#pragma once

#include <string>
#include <string_view>

#include "src/base/named.h"
#include "src/flow/pattern/json_tree.h"

namespace millrace::flow::mapping {

// 1545084650.987
void append_seconds(TimestampMs time, std::string* out);
// What was parsed, written again; numbers as they were.
void append_json(const pattern::JsonTree& tree, std::string* out);

}  // namespace millrace::flow::mapping
