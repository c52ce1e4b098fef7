// Settings of a function from CreateFunction and UpdateFunctionConfiguration: both have the same members.
#pragma once

#include "src/service/lambda/errors.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/limits.h"

namespace millrace::service::lambda {

// A name that Lambda sets itself, of those that no function's environment may.
aws::Outcome<void> check_environment(const std::map<std::string, std::string>& variables);
// What this machine can run; the reason where it can not.
aws::Outcome<void> check_architecture(const std::vector<std::string>& architectures);
std::string own_architecture();
aws::Outcome<void> check_sizes(const function::FunctionDefinition& definition);
// What the request says of LoggingConfig; the rest stays as it is.
aws::Outcome<void> apply_logging(const aws::lambda::LoggingConfig& given, function::FunctionDefinition& definition);
aws::Failure above(std::string_view member, std::string_view value, int64_t most);

// Members that say nothing, or ask for what we do not do.
template <class Input>
aws::Outcome<void> check_unserved(const Input& input) {
    if (input.VpcConfig && ((input.VpcConfig->SubnetIds && !input.VpcConfig->SubnetIds->empty()) ||
                            (input.VpcConfig->SecurityGroupIds && !input.VpcConfig->SecurityGroupIds->empty()))) {
        return not_honoured("VpcConfig", "functions run in this machine's network");
    }
    if (input.DeadLetterConfig && input.DeadLetterConfig->TargetArn && !input.DeadLetterConfig->TargetArn->empty()) {
        return not_honoured("DeadLetterConfig.TargetArn",
                            "there is neither SQS nor SNS; use an on-failure destination (a function or a bucket)");
    }
    if (input.TracingConfig && input.TracingConfig->Mode && *input.TracingConfig->Mode != "PassThrough") {
        return not_honoured("TracingConfig.Mode", "there is no X-Ray");
    }
    if (input.SnapStart && input.SnapStart->ApplyOn && *input.SnapStart->ApplyOn != "None") {
        return not_honoured("SnapStart.ApplyOn", "environments start from nothing");
    }
    if (input.KMSKeyArn && !input.KMSKeyArn->empty()) {
        return not_honoured("KMSKeyArn", "there is no key management: nothing is encrypted by us");
    }
    return {};
}

template <class Input>
aws::Outcome<void> Lambda::apply_settings(const aws::CallContext& context, const Input& input,
                                          function::FunctionDefinition& it) {
    TRY(check_unserved(input));
    if (input.Handler) it.handler = *input.Handler;
    if (input.Description) it.description = *input.Description;
    if (input.Runtime) it.runtime = *input.Runtime;
    if (input.Timeout) {
        if (*input.Timeout > timeout_s_max) return above("timeout", std::to_string(*input.Timeout), timeout_s_max);
        it.timeout_s = static_cast<uint32_t>(*input.Timeout);
    }
    if (input.MemorySize) {
        if (*input.MemorySize > memory_mb_max) {
            return invalid_parameter(
                "'MemorySize' value failed to satisfy constraint: Member must have value less "
                "than or equal to 10240");
        }
        it.memory_mb = static_cast<uint32_t>(*input.MemorySize);
    }
    if (input.EphemeralStorage) {
        if (input.EphemeralStorage->Size > ephemeral_mb_max) {
            return above("ephemeralStorage.size", std::to_string(input.EphemeralStorage->Size), ephemeral_mb_max);
        }
        it.ephemeral_mb = static_cast<uint32_t>(input.EphemeralStorage->Size);
    }
    if (input.LoggingConfig) TRY(apply_logging(*input.LoggingConfig, it));
    if (input.Environment) {
        it.environment = input.Environment->Variables.value_or(std::map<std::string, std::string>());
        TRY(check_environment(it.environment));
    }
    if (input.Layers) {
        TRY_ASSIGN(it.layers, use_layers(context, *input.Layers));
    }
    return check_sizes(it);
}

}  // namespace millrace::service::lambda
