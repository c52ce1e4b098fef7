#include "src/gateway/access/access.h"
#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/limits.h"
#include "src/service/apigateway/shown.h"
#include "src/service/apigateway/stage_patches.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

aws::Outcome<void> check_stage_name(const std::string& name) {
    if (only_of(name, std::string(alphanumeric) + "_-") && name.size() <= 128) return {};
    return bad_request("Stage name only allows a-zA-Z0-9_-");
}

aws::Outcome<CreateStageOutput> ApiGateway::create_stage(const aws::CallContext& context,
                                                         const CreateStageInput& input) {
    TRY(find_api(apis_, context.scope, input.restApiId));
    TRY(check_stage_name(input.stageName));
    if (input.cacheClusterEnabled.value_or(false)) {
        return not_honoured("cacheClusterEnabled", "there are no cache clusters: answers are not kept");
    }
    if (input.tracingEnabled.value_or(false)) return not_honoured("tracingEnabled", "there is no X-Ray");
    gateway::Stage stage;
    stage.name = input.stageName;
    stage.deployment_id = input.deploymentId;
    stage.description = input.description.value_or("");
    if (input.variables) stage.variables = *input.variables;
    if (input.tags) stage.tags = *input.tags;
    TRY(check_variables(stage.variables));
    TRY(check_tags(stage.tags));
    TRY_ASSIGN(const auto others, outcome_of(apis_.stages(context.scope, input.restApiId)));
    if (others.size() >= stages_max)
        return limit_exceeded("Maximum number of stages for this API has been reached: 10");
    TRY_ASSIGN(const auto made, outcome_of(apis_.create_stage(context.scope, input.restApiId, std::move(stage))));
    return shown<CreateStageOutput>(*made);
}

aws::Outcome<GetStageOutput> ApiGateway::get_stage(const aws::CallContext& context, const GetStageInput& input) {
    TRY(find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(const auto stage, outcome_of(apis_.find_stage(context.scope, input.restApiId, input.stageName)));
    return shown<GetStageOutput>(*stage);
}

aws::Outcome<GetStagesOutput> ApiGateway::get_stages(const aws::CallContext& context, const GetStagesInput& input) {
    TRY(find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(const auto stages, outcome_of(apis_.stages(context.scope, input.restApiId)));
    GetStagesOutput output;
    auto& items = output.item.emplace();
    for (const auto& stage : stages) {
        if (!input.deploymentId || stage->deployment_id == *input.deploymentId) items.push_back(shown<Stage>(*stage));
    }
    return output;
}

aws::Outcome<UpdateStageOutput> ApiGateway::update_stage(const aws::CallContext& context,
                                                         const UpdateStageInput& input) {
    TRY(find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(
        const auto stage,
        edit_with<gateway::Stage>(
            [&](gateway::Stage& it) { return patch_stage(it, patches_of(input.patchOperations), context.scope); },
            [&](const auto& edit) { return apis_.edit_stage(context.scope, input.restApiId, input.stageName, edit); }));
    return shown<UpdateStageOutput>(*stage);
}

aws::Outcome<DeleteStageOutput> ApiGateway::delete_stage(const aws::CallContext& context,
                                                         const DeleteStageInput& input) {
    TRY(find_api(apis_, context.scope, input.restApiId));
    TRY(outcome_of(apis_.remove_stage(context.scope, input.restApiId, input.stageName)));
    return DeleteStageOutput{};
}

aws::Outcome<FlushStageAuthorizersCacheOutput> ApiGateway::flush_stage_authorizers_cache(
    const aws::CallContext& context, const FlushStageAuthorizersCacheInput& input) {
    TRY(find_api(apis_, context.scope, input.restApiId));
    TRY(outcome_of(apis_.find_stage(context.scope, input.restApiId, input.stageName)));
    parts_.access.forget_policies(input.restApiId, input.stageName);
    return FlushStageAuthorizersCacheOutput{};
}

}  // namespace millrace::service::apigateway
