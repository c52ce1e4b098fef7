// Settings that tools read from every function and that have one value here. Changing them is refused: the operations
// that would are not in the table.
#include "src/service/lambda/errors.h"
#include "src/service/lambda/lambda.h"

namespace millrace::service::lambda {

using namespace aws::lambda;

// Code is never signed: as AWS answers for a function without a configuration.
aws::Outcome<GetFunctionCodeSigningConfigOutput> Lambda::get_function_code_signing_config(
    const aws::CallContext& context, const GetFunctionCodeSigningConfigInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName));
    GetFunctionCodeSigningConfigOutput output;
    output.CodeSigningConfigArn = "";
    output.FunctionName = named.name.name;
    return output;
}

// A runtime is this machine's interpreter: it changes when the machine's does.
aws::Outcome<GetRuntimeManagementConfigOutput> Lambda::get_runtime_management_config(
    const aws::CallContext& context, const GetRuntimeManagementConfigInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName, input.Qualifier));
    GetRuntimeManagementConfigOutput output;
    output.UpdateRuntimeOn = "Auto";
    output.FunctionArn = function::function_arn(named.name.scope, named.name.name, named.name.qualifier);
    return output;
}

// Loops are not looked for.
aws::Outcome<GetFunctionRecursionConfigOutput> Lambda::get_function_recursion_config(
    const aws::CallContext& context, const GetFunctionRecursionConfigInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName));
    GetFunctionRecursionConfigOutput output;
    output.RecursiveLoop = "Allow";
    return output;
}

}  // namespace millrace::service::lambda
