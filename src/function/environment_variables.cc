#include "src/function/environment_variables.h"

#include <algorithm>
#include <array>
#include <map>

namespace millrace::function {
namespace {

constexpr std::array<std::string_view, 18> reserved = {
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
};

void add_paths(const VariablesInput& input, std::map<std::string, std::string>& variables) {
    const SandboxView& view = input.view;
    const std::string& runtime = view.runtime;
    variables["PATH"] = "/usr/local/bin:/usr/bin:/bin:" + view.opt + "/bin";
    variables["LD_LIBRARY_PATH"] = "/lib64:/usr/lib64:" + runtime + ':' + runtime + "/lib:" + view.task + ':' +
                                   view.task + "/lib:" + view.opt + "/lib";
    if (input.language == Language::python) {
        variables["PYTHONPATH"] = runtime;
        variables["PYTHONDONTWRITEBYTECODE"] = "1";  // the code is read-only
        variables["MILLRACE_OPT"] = view.opt;        // the bootstrap takes it away again
    }
    if (input.language == Language::node) {
        std::string version;
        for (char c : input.definition.runtime) version += c >= '0' && c <= '9' ? std::string(1, c) : "";
        variables["NODE_PATH"] = view.opt + "/nodejs/node" + version + "/node_modules:" + view.opt +
                                 "/nodejs/node_modules:" + runtime + "/node_modules";
    }
}

void add_surroundings(const VariablesInput& input, std::map<std::string, std::string>& variables) {
    const Surroundings& around = input.surroundings;
    if (!around.endpoint_url.empty()) variables["AWS_ENDPOINT_URL"] = around.endpoint_url;
    if (!input.view.ca_file.empty()) {
        variables["AWS_CA_BUNDLE"] = variables["NODE_EXTRA_CA_CERTS"] = input.view.ca_file;
    }
    if (!around.credentials) return;
    const Credentials keys = around.credentials(input.definition.scope.account);
    if (keys.access_key_id.empty()) return;
    variables["AWS_ACCESS_KEY_ID"] = keys.access_key_id;
    variables["AWS_SECRET_ACCESS_KEY"] = keys.secret_access_key;
    if (!keys.session_token.empty()) variables["AWS_SESSION_TOKEN"] = keys.session_token;
}

}  // namespace

bool is_reserved_variable(std::string_view name) {
    return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

std::vector<std::string> environment_variables(const VariablesInput& input) {
    const FunctionDefinition& definition = input.definition;
    std::map<std::string, std::string> variables = {
        {"LANG", "en_US.UTF-8"},
        {"TZ", ":UTC"},
        {"HOME", input.view.temporary},
        {"TMPDIR", input.view.temporary},
        {"AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"},
        {"AWS_LAMBDA_LOG_FORMAT", definition.logging.json ? "JSON" : "Text"},
    };
    if (definition.logging.json) {
        const std::string& level = definition.logging.application_level;
        variables["AWS_LAMBDA_LOG_LEVEL"] = level.empty() ? "INFO" : level;
    }
    add_paths(input, variables);
    add_surroundings(input, variables);
    for (const auto& [name, value] : definition.environment) {
        if (!is_reserved_variable(name)) variables[name] = value;
    }
    variables["_HANDLER"] = definition.handler;
    variables["AWS_REGION"] = variables["AWS_DEFAULT_REGION"] = definition.scope.region;
    if (input.language != Language::provided) variables["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + definition.runtime;
    variables["AWS_LAMBDA_FUNCTION_NAME"] = definition.name;
    variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = std::to_string(definition.memory_mb);
    variables["AWS_LAMBDA_FUNCTION_VERSION"] = definition.version;
    variables["AWS_LAMBDA_INITIALIZATION_TYPE"] = input.provisioned ? "provisioned-concurrency" : "on-demand";
    variables["AWS_LAMBDA_LOG_GROUP_NAME"] = input.log_group;
    variables["AWS_LAMBDA_LOG_STREAM_NAME"] = input.log_stream;
    variables["LAMBDA_TASK_ROOT"] = input.view.task;
    variables["LAMBDA_RUNTIME_DIR"] = input.view.runtime;
    std::vector<std::string> list = {"AWS_LAMBDA_RUNTIME_API=" + input.runtime_api};
    for (const auto& [name, value] : variables) list.push_back(name + '=' + value);
    return list;
}

}  // namespace millrace::function
