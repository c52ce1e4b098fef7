// Definitions in OpenAPI, in and out.
#include <boost/json.hpp>

#include "src/gateway/open_api/document.h"
#include "src/gateway/open_api/export.h"
#include "src/gateway/open_api/import.h"
#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

struct Import {
    boost::json::value document;
    gateway::ImportOptions options;
    std::vector<std::string> endpoint_types;
    bool fail_on_warnings = false;
};

template <class Input>
aws::Outcome<Import> read_import(const Input& input) {
    Import out;
    TRY_ASSIGN(out.document, outcome_of(gateway::parse_document(input.body)));
    out.fail_on_warnings = input.failOnWarnings.value_or(false);
    if (!input.parameters) return out;
    for (const auto& [name, value] : *input.parameters) {
        if (name == "basepath") {
            if (value != "ignore" && value != "prepend" && value != "split") {
                return bad_request("Invalid basepath parameter specified. Valid options are ignore,prepend,split");
            }
            out.options.base_path = value == "ignore"    ? gateway::BasePathMode::ignore
                                    : value == "prepend" ? gateway::BasePathMode::prepend
                                                         : gateway::BasePathMode::split;
        } else if (name == "endpointConfigurationTypes") {
            TRY(check_endpoint_types({value}));
            out.endpoint_types = {value};
        } else if (name == "ignore") {
            if (value != "documentation") return not_honoured("ignore", "documentation can be left out: " + value);
        } else if (name != "mode" && name != "failonwarnings") {  // members of their own
            return not_honoured("parameters." + name, "basepath, endpointConfigurationTypes and ignore are known");
        }
    }
    return out;
}

aws::Outcome<void> on_import(const aws::Outcome<void>& outcome, std::string_view what) {
    if (outcome.ok()) return {};
    return bad_request("Errors found during import:\n\t" + std::string(what) + ": " + outcome.error().message);
}

// What each Put operation would have refused.
aws::Outcome<void> check_all(const gateway::RestApi& api) {
    TRY(check_api(api));
    for (const auto& [name, model] : api.models) {
        TRY(on_import(check_model_schema(model.schema), "Unable to create model '" + name + "'"));
    }
    for (const auto& [id, it] : api.authorizers) {
        TRY(on_import(check_authorizer_definition(it), "Unable to create authorizer '" + it.name + "'"));
    }
    for (const auto& [type, it] : api.gateway_responses) {
        TRY(on_import(check_gateway_response(it), "Unable to put gateway response '" + type + "'"));
    }
    for (const auto& [id, resource] : api.resources) {
        for (const auto& [name, method] : resource.methods) {
            const std::string place = " on '" + name + "' for resource at path '" + resource.path + "'";
            TRY(on_import(check_method(api, method), "Unable to put method" + place));
            for (const auto& [status, response] : method.responses) {
                TRY(on_import(check_method_response(api, response), "Unable to put method response" + place));
            }
            if (!method.integration) continue;
            TRY(on_import(check_integration(method, *method.integration), "Unable to put integration" + place));
            for (const auto& [status, response] : method.integration->responses) {
                TRY(on_import(check_integration_response(method, response),
                              "Unable to put integration response" + place));
            }
        }
    }
    return {};
}

aws::Outcome<std::vector<std::string>> apply(const Import& import, gateway::RestApi& api) {
    TRY_ASSIGN(std::vector<std::string> warnings,
               outcome_of(gateway::import_open_api(import.document, import.options, api)));
    if (!import.endpoint_types.empty()) api.endpoint_types = import.endpoint_types;
    if (import.fail_on_warnings && !warnings.empty()) {
        std::string text = "Warnings found during import:";
        for (const std::string& warning : warnings) text += "\n\t" + warning;
        return bad_request(text);
    }
    TRY(check_all(api));
    return warnings;
}

// "integrations,authorizers"
void take_extensions(std::string_view list, gateway::ExportOptions& options) {
    while (!list.empty()) {
        const std::string_view one = list.substr(0, list.find(','));
        options.integrations = options.integrations || one == "integrations" || one == "apigateway";
        options.authorizers = options.authorizers || one == "authorizers" || one == "apigateway";
        options.extensions = options.extensions || one == "apigateway";
        list.remove_prefix(std::min(list.size(), one.size() + 1));
    }
}

}  // namespace

aws::Outcome<ImportRestApiOutput> ApiGateway::import_rest_api(const aws::CallContext& context,
                                                              const ImportRestApiInput& input) {
    TRY_ASSIGN(const Import import, read_import(input));
    gateway::RestApi api;
    api.scope = context.scope;
    api.name = "API";
    gateway::begin(api);
    api.models.clear();  // an import has the models of its definition, not those of an API that begins empty
    TRY_ASSIGN(const std::vector<std::string> warnings, apply(import, api));
    // One write: nobody ever sees, nor a crash leaves, half of it.
    TRY_ASSIGN(const ApiPointer made, outcome_of(apis_.create(std::move(api))));
    auto output = shown<ImportRestApiOutput>(*made);
    output.warnings = unless_empty(warnings);
    return output;
}

aws::Outcome<PutRestApiOutput> ApiGateway::put_rest_api(const aws::CallContext& context, const PutRestApiInput& input) {
    TRY(find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(Import import, read_import(input));
    if (input.mode.value_or("merge") == "overwrite") import.options.mode = gateway::ImportMode::overwrite;
    std::vector<std::string> warnings;
    TRY_ASSIGN(const ApiPointer changed,
               edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& it) -> aws::Outcome<void> {
                   TRY_ASSIGN(warnings, apply(import, it));
                   return {};
               }));
    auto output = shown<PutRestApiOutput>(*changed);
    output.warnings = unless_empty(warnings);
    return output;
}

aws::Outcome<GetExportOutput> ApiGateway::get_export(const aws::CallContext& context, const GetExportInput& input) {
    TRY(find_api(apis_, context.scope, input.restApiId));
    TRY(outcome_of(apis_.find_stage(context.scope, input.restApiId, input.stageName)));
    const auto served = apis_.served(input.restApiId, input.stageName);
    if (!served) return not_found("Invalid stage identifier specified");
    gateway::ExportOptions options;
    if (input.exportType != "oas30" && input.exportType != "swagger") {
        return bad_request("No API exporter for type '" + input.exportType + "'");
    }
    const bool swagger = input.exportType == "swagger";
    if (swagger) options.version = gateway::OpenApiVersion::swagger_2;
    options.host = input.restApiId + ".execute-api." + context.scope.region + ".localhost";
    options.stage = input.stageName;
    if (input.parameters) {
        for (const auto& [name, value] : *input.parameters) {
            if (name == "extensions") {
                take_extensions(value, options);
            } else {
                return not_honoured("parameters." + name, "extensions are known");
            }
        }
    }
    const bool yaml = input.accepts.value_or("").find("yaml") != std::string::npos;
    const gateway::RestApi& api = served->deployment->api;
    const boost::json::value tree = gateway::export_open_api(api, options);
    GetExportOutput output;
    output.contentType = "application/octet-stream";
    output.contentDisposition = "attachment; filename=\"" + input.exportType + "_" +
                                (api.version.empty() ? "1.0" : api.version) + (yaml ? ".yaml\"" : ".json\"");
    output.body = yaml ? gateway::write_yaml(tree) : boost::json::serialize(tree);
    return output;
}

}  // namespace millrace::service::apigateway
