// What a request names: a function and perhaps one version or alias of it, in the caller's account and region.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/aws/call.h"
#include "src/aws/failure.h"
#include "src/function/functions.h"

namespace millrace::service::lambda {

// From "orders", "orders:live", an ARN ... and the Qualifier parameter, which may only repeat what the name says.
// Refuses other accounts' and other regions' functions. "$LATEST" becomes "".
aws::Outcome<function::FunctionName> name_of(const aws::CallContext& context, std::string_view function_name,
                                             const std::optional<std::string>& qualifier = std::nullopt);

// The same, and the function exists; with a qualifier, that version or alias does.
struct Named {
    function::FunctionName name;
    function::Functions::Record record;
};
aws::Outcome<Named> find_named(function::Functions& functions, const aws::CallContext& context,
                               std::string_view function_name,
                               const std::optional<std::string>& qualifier = std::nullopt);

bool is_number(std::string_view qualifier);

}  // namespace millrace::service::lambda
