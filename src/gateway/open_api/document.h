// The text of an OpenAPI definition, JSON or YAML, as a tree; and a tree as YAML.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "src/base/result.h"

namespace millrace::gateway {

// Bounds against hostile text. An alias in YAML counts as all that it stands for, so no small text is a large tree.
constexpr size_t document_bytes_max = 6 << 20;
constexpr size_t document_nodes_max = 500'000;
constexpr size_t document_depth_max = 64;

// What begins with '{' is JSON, anything else the first document of YAML (1.2's core schema). invalid_argument.
Result<boost::json::value> parse_document(std::string_view text);
std::string write_yaml(const boost::json::value& tree);

}  // namespace millrace::gateway
