#include "aws_example/lambda/shapes.h"
#include "tests/aws/example/example.h"

namespace millrace::aws::testing {
namespace {

using namespace aws::lambda;

Outcome<InvokeOutput> invoke(Example&, const CallContext&, const InvokeInput& input) {
    InvokeOutput output;
    output.StatusCode = 202;
    output.Payload = input.Payload;
    output.ExecutedVersion =
        input.FunctionName + ":" + input.Qualifier.value_or("-") + ":" + input.InvocationType.value_or("-");
    return output;
}

Outcome<CreateFunctionOutput> create(Example&, const CallContext&, const CreateFunctionInput& input) {
    if (input.FunctionName == "taken")
        return Failure{"ResourceConflictException", "Function already exist: taken", 0, {{"Type", "User"}}, {}};
    CreateFunctionOutput output;
    output.FunctionName = input.FunctionName;
    output.MemorySize = input.MemorySize;
    if (input.Code.ZipFile) output.CodeSize = static_cast<int64_t>(input.Code.ZipFile->size());
    if (input.Environment) {
        output.Environment.emplace();
        output.Environment->Variables = input.Environment->Variables;
    }
    return output;
}

Outcome<UntagResourceOutput> untag(Example&, const CallContext&, const UntagResourceInput& input) {
    if (input.TagKeys.size() != 2) return Failure{"InvalidParameterValueException", "wants two"};
    return UntagResourceOutput{};
}

}  // namespace

Service lambda_service(Example& example) {
    return make_service(example, lambda::model(),
                        {
                            MILLRACE_OPERATION(Invoke, worker, write, "lambda:InvokeFunction", &invoke),
                            MILLRACE_OPERATION(CreateFunction, worker, write, "lambda:CreateFunction", &create),
                            MILLRACE_OPERATION(UntagResource, worker, write, "lambda:UntagResource", &untag),
                        });
}

std::vector<Service> all_services(Example& example) {
    return {kinesis_service(example), s3_service(example), sts_service(example), monitoring_service(example),
            lambda_service(example)};
}

}  // namespace millrace::aws::testing
