// The environment variables of user code, as AWS documents them ("Defined runtime environment variables").
#pragma once

#include <string>
#include <vector>

#include "src/function/functions.h"
#include "src/function/interpreters.h"
#include "src/function/sandbox/sandbox.h"

namespace millrace::function {

struct VariablesInput {
    const FunctionDefinition& definition;
    Language language;
    const SandboxView& view;
    const Surroundings& surroundings;
    std::string runtime_api;  // host:port
    std::string log_group, log_stream;
    bool provisioned = false;
};

// "NAME=value". AWS_LAMBDA_RUNTIME_API is the first. The function's own variables win over all that AWS does not
// reserve.
std::vector<std::string> environment_variables(const VariablesInput& input);

// Names that a function may not set itself (AWS's list).
bool is_reserved_variable(std::string_view name);

}  // namespace millrace::function
