// An integration read once: its kind, what its URI names, its templates and mappings.
#pragma once

#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/gateway/rest/compiled.h"

namespace millrace::gateway {

CompiledIntegration compile_integration(const Method& method);

TemplateSet compile_templates(const TextMap& templates);
// `side`: as Target::parse takes it. invalid_argument.
Result<std::vector<ParameterMapping>> compile_mappings(const TextMap& mappings, std::string_view side);

}  // namespace millrace::gateway
