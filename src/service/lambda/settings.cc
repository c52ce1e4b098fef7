#include "src/service/lambda/settings.h"

#include <algorithm>

#include <sys/utsname.h>

#include "src/function/registry/layers.h"

namespace millrace::service::lambda {
namespace {

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
constexpr std::string_view reserved_names[] = {
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
};

bool is_variable_name(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (name.size() < 2 || !letter(name[0])) return false;
    return std::all_of(name.begin(), name.end(),
                       [&](char c) { return letter(c) || c == '_' || (c >= '0' && c <= '9'); });
}

}  // namespace

aws::Failure above(std::string_view member, std::string_view value, int64_t most) {
    return {"ValidationException",
            "1 validation error detected: Value '" + std::string(value) + "' at '" + std::string(member) +
                "' failed to satisfy constraint: Member must have value less than or equal to " + std::to_string(most),
            400,
            {},
            {}};
}

aws::Outcome<void> check_environment(const std::map<std::string, std::string>& variables) {
    std::string reserved;
    size_t bytes = 0;
    for (const auto& [name, value] : variables) {
        bytes += name.size() + value.size();
        if (std::binary_search(std::begin(reserved_names), std::end(reserved_names), std::string_view(name))) {
            reserved += (reserved.empty() ? "" : ", ") + name;
        } else if (!is_variable_name(name)) {
            return aws::Failure{"ValidationException",
                                "1 validation error detected: Value at 'environment.variables' failed to satisfy "
                                "constraint: Map keys must satisfy constraint: [Member must satisfy regular expression "
                                "pattern: [a-zA-Z]([a-zA-Z0-9_])+]",
                                400,
                                {},
                                {}};
        }
    }
    if (!reserved.empty()) {
        return invalid_parameter(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided contains reserved keys that are currently not supported for modification. Reserved keys used in "
            "this request: " +
            reserved);
    }
    if (bytes > environment_bytes_max) {
        return invalid_parameter(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided exceeded the 4KB limit.");
    }
    return {};
}

std::string own_architecture() {
    utsname machine{};
    return uname(&machine) == 0 && std::string_view(machine.machine) == "aarch64" ? "arm64" : "x86_64";
}

aws::Outcome<void> check_architecture(const std::vector<std::string>& architectures) {
    if (architectures.empty() || architectures[0] == own_architecture()) return {};
    return not_honoured("Architectures", "functions run on this machine, which is " + own_architecture());
}

aws::Outcome<void> check_sizes(const function::FunctionDefinition& definition) {
    uint64_t bytes = definition.unpacked_bytes;
    for (const function::UsedLayer& layer : definition.layers) bytes += layer.unpacked_bytes;
    if (bytes <= unpacked_bytes_max) return {};
    return invalid_parameter(
        "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is " +
        std::to_string(bytes) + " bytes.");
}

aws::Outcome<void> apply_logging(const aws::lambda::LoggingConfig& given, function::FunctionDefinition& definition) {
    function::Logging& logging = definition.logging;
    if (given.LogFormat) logging.json = *given.LogFormat == "JSON";
    if (!logging.json && (given.ApplicationLogLevel || given.SystemLogLevel)) {
        return invalid_parameter(
            "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request or change "
            "the LogFormat to \"JSON\" and try again.");
    }
    if (!logging.json) {
        logging.application_level.clear();
        logging.system_level.clear();
    }
    if (given.ApplicationLogLevel) logging.application_level = *given.ApplicationLogLevel;
    if (given.SystemLogLevel) logging.system_level = *given.SystemLogLevel;
    if (!given.LogGroup) return {};
    if (given.LogGroup->starts_with("aws/")) {
        return invalid_parameter("Log groups whose names begin with aws/ are reserved by AWS.");
    }
    logging.group = *given.LogGroup == "/aws/lambda/" + definition.name ? "" : *given.LogGroup;
    return {};
}

aws::Outcome<std::vector<function::UsedLayer>> Lambda::use_layers(const aws::CallContext& context,
                                                                  const std::vector<std::string>& arns) {
    if (arns.size() > layers_max) return invalid_parameter("Cannot reference more than 5 layers.");
    std::vector<function::UsedLayer> used;
    std::map<std::string, std::string> versions;  // layer -> the version's ARN
    for (const std::string& arn : arns) {
        const auto name = function::parse_layer_version_arn(arn);
        if (!name) return invalid_parameter("Layer version ARN " + arn + " is not valid.");
        if (name->scope != context.scope) {
            return invalid_parameter("Layers are not in the same region and account as the function: " + arn);
        }
        const auto [at, fresh] = versions.emplace(name->layer, arn);
        if (!fresh) {
            return invalid_parameter(
                "Two different versions of the same layer are not allowed to be referenced in the same function. " +
                at->second + " and " + arn + " are versions of the same layer.");
        }
        const auto layer = functions_.layers().find(name->scope, name->layer, name->version);
        if (!layer.ok() && layer.error().code == ErrorCode::not_found) {
            return invalid_parameter("Layer version " + arn + " does not exist.");
        }
        if (!layer.ok()) return failure_of(layer.error());
        used.push_back({arn, layer->package_sha256, layer->package_bytes, layer->unpacked_bytes});
    }
    return used;
}

}  // namespace millrace::service::lambda
