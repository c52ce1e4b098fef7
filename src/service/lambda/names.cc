#include "src/service/lambda/names.h"

#include "src/service/lambda/errors.h"

namespace millrace::service::lambda {

bool is_number(std::string_view qualifier) {
    return !qualifier.empty() && qualifier.find_first_not_of("0123456789") == std::string_view::npos;
}

aws::Outcome<function::FunctionName> name_of(const aws::CallContext& context, std::string_view function_name,
                                             const std::optional<std::string>& qualifier) {
    Result<function::FunctionName> parsed = function::parse_function_name(context.scope, function_name);
    if (!parsed.ok()) {
        return aws::Failure{"ValidationException",
                            "1 validation error detected: Value '" + std::string(function_name) +
                                "' at 'functionName' failed to satisfy constraint: Member must satisfy regular "
                                "expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?"
                                "(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?"};
    }
    function::FunctionName& name = *parsed;
    if (qualifier) {
        if (!name.qualifier.empty() && name.qualifier != *qualifier) {
            return invalid_parameter(
                "The derived qualifier from the function name does not match the specified qualifier.");
        }
        name.qualifier = *qualifier;
    }
    if (name.qualifier == "$LATEST") name.qualifier.clear();
    if (name.scope.account != context.scope.account) {
        return access_denied("The account " + context.scope.account +
                             " is not authorized to perform: lambda:" + std::string(context.operation) +
                             " on resource: " + function::function_arn(name.scope, name.name, name.qualifier));
    }
    if (name.scope.region != context.scope.region) {
        return not_found("Functions from '" + name.scope.region + "' are not reachable in this region ('" +
                         context.scope.region + "')");
    }
    return std::move(name);
}

aws::Outcome<Named> find_named(function::Functions& functions, const aws::CallContext& context,
                               std::string_view function_name, const std::optional<std::string>& qualifier) {
    TRY_ASSIGN(function::FunctionName name, name_of(context, function_name, qualifier));
    const Result<function::Functions::Record> record = functions.record(name.scope, name.name);
    const auto missing = [&] { return function_not_found(name.scope, name.name, name.qualifier); };
    if (!record.ok()) return missing();
    if (is_number(name.qualifier)) {
        const auto version = functions.version(**record, name.qualifier);
        if (!version.ok())
            return version.error().code == ErrorCode::not_found ? missing() : failure_of(version.error());
    } else if (!name.qualifier.empty() && !(*record)->aliases.contains(name.qualifier)) {
        return missing();
    }
    return Named{std::move(name), *record};
}

}  // namespace millrace::service::lambda
