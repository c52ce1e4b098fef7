#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/page.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

constexpr std::string_view no_cache = "there are no cache clusters: answers are not kept";
constexpr std::string_view no_tracing = "there is no X-Ray";

const PatchTable<gateway::DeploymentNote>& patch_table() {
    using gateway::DeploymentNote;
    static const PatchTable<DeploymentNote> table(
        PatchErrors::naming_paths, {{{"/description", "replace"}, patch_text(&DeploymentNote::description)}});
    return table;
}

std::map<std::string, std::map<std::string, MethodSnapshot>> summary_of(const gateway::RestApi& api) {
    std::map<std::string, std::map<std::string, MethodSnapshot>> out;
    for (const auto& [id, resource] : api.resources) {
        for (const auto& [name, method] : resource.methods) {
            MethodSnapshot& snapshot = out[resource.path][name];
            snapshot.authorizationType = method.authorization;
            snapshot.apiKeyRequired = method.api_key_required;
        }
    }
    return out;
}

aws::Outcome<gateway::DeploymentNote> note_of(gateway::RestApis& apis, const Scope& scope, const std::string& api,
                                              const std::string& id) {
    TRY_ASSIGN(const std::vector<gateway::DeploymentNote> notes, outcome_of(apis.deployments(scope, api)));
    for (const gateway::DeploymentNote& note : notes) {
        if (note.id == id) return note;
    }
    return not_found("Invalid Deployment identifier specified");
}

}  // namespace

// A stage of that name serves the deployment from now on; it is made where there is none.
aws::Outcome<void> ApiGateway::put_stage(const aws::CallContext& context, const CreateDeploymentInput& input,
                                         const std::string& deployment) {
    const auto apply = [&](gateway::Stage& stage) {
        stage.deployment_id = deployment;
        if (input.stageDescription) stage.description = *input.stageDescription;
        if (input.variables) {
            for (const auto& [name, value] : *input.variables) stage.variables[name] = value;
        }
    };
    if (apis_.find_stage(context.scope, input.restApiId, *input.stageName).ok()) {
        return outcome_of([&]() -> Status {
            TRY(apis_.edit_stage(context.scope, input.restApiId, *input.stageName, [&](gateway::Stage& it) -> Status {
                apply(it);
                return {};
            }));
            return {};
        }());
    }
    gateway::Stage stage;
    stage.name = *input.stageName;
    apply(stage);
    TRY(outcome_of(apis_.create_stage(context.scope, input.restApiId, std::move(stage))));
    return {};
}

aws::Outcome<CreateDeploymentOutput> ApiGateway::create_deployment(const aws::CallContext& context,
                                                                   const CreateDeploymentInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    const bool staged = input.stageName && !input.stageName->empty();
    if (staged) TRY(check_stage_name(*input.stageName));
    if (input.variables) TRY(check_variables(*input.variables));
    if (input.cacheClusterEnabled.value_or(false)) return not_honoured("cacheClusterEnabled", no_cache);
    if (input.tracingEnabled.value_or(false)) return not_honoured("tracingEnabled", no_tracing);
    TRY(check_deployable(*api));
    TRY_ASSIGN(const gateway::DeploymentNote note,
               outcome_of(apis_.deploy(context.scope, input.restApiId, input.description.value_or(""))));
    if (staged) TRY(put_stage(context, input, note.id));
    return shown<CreateDeploymentOutput>(note);
}

aws::Outcome<GetDeploymentOutput> ApiGateway::get_deployment(const aws::CallContext& context,
                                                             const GetDeploymentInput& input) {
    TRY(find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(const gateway::DeploymentNote note, note_of(apis_, context.scope, input.restApiId, input.deploymentId));
    auto output = shown<GetDeploymentOutput>(note);
    if (!input.embed || input.embed->empty()) return output;
    for (const std::string& what : *input.embed) {
        if (what != "apisummary") return bad_request("Invalid embed parameter specified: " + what);
    }
    TRY_ASSIGN(const auto deployment, outcome_of(apis_.deployment(context.scope, input.restApiId, input.deploymentId)));
    output.apiSummary = summary_of(deployment->api);
    return output;
}

aws::Outcome<GetDeploymentsOutput> ApiGateway::get_deployments(const aws::CallContext& context,
                                                               const GetDeploymentsInput& input) {
    TRY(find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(const std::vector<gateway::DeploymentNote> notes,
               outcome_of(apis_.deployments(context.scope, input.restApiId)));
    return page_of<GetDeploymentsOutput>(
        input, notes, [](const gateway::DeploymentNote& it) -> const std::string& { return it.id; },
        [](const gateway::DeploymentNote& it) { return shown<Deployment>(it); });
}

aws::Outcome<UpdateDeploymentOutput> ApiGateway::update_deployment(const aws::CallContext& context,
                                                                   const UpdateDeploymentInput& input) {
    TRY(find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(gateway::DeploymentNote note, note_of(apis_, context.scope, input.restApiId, input.deploymentId));
    TRY(patch_table().apply(note, patches_of(input.patchOperations)));
    TRY_ASSIGN(const gateway::DeploymentNote changed,
               outcome_of(apis_.describe_deployment(context.scope, input.restApiId, note.id, note.description)));
    return shown<UpdateDeploymentOutput>(changed);
}

aws::Outcome<DeleteDeploymentOutput> ApiGateway::delete_deployment(const aws::CallContext& context,
                                                                   const DeleteDeploymentInput& input) {
    TRY(find_api(apis_, context.scope, input.restApiId));
    TRY(outcome_of(apis_.remove_deployment(context.scope, input.restApiId, input.deploymentId)));
    return DeleteDeploymentOutput{};
}

}  // namespace millrace::service::apigateway
