#include "src/io/clock.h"
#include "src/service/apigatewayv2/apigatewayv2.h"
#include "src/service/apigatewayv2/errors.h"
#include "src/service/apigatewayv2/page.h"
#include "src/service/apigatewayv2/shown.h"

namespace millrace::service::apigatewayv2 {

using namespace aws::apigatewayv2;

aws::Outcome<CreateDeploymentOutput> ApiGatewayV2::create_deployment(const Context& context,
                                                                     const CreateDeploymentInput& input) {
    std::string id;
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        if (api.current.routes.empty()) return bad_request("At least one route is required before deploying the Api.");
        TRY_ASSIGN(id, engine::add_deployment(api, input.Description.value_or(""), false, clock_.now()));
        if (!input.StageName) return {};
        const auto stage = api.stages.find(*input.StageName);
        if (stage == api.stages.end()) return none_such("Stage", *input.StageName);
        if (stage->second.auto_deploy) {
            return bad_request("Deployment ID cannot be set on a stage when autoDeploy is enabled");
        }
        stage->second.deployment_id = id;
        stage->second.updated = clock_.now();
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return show_deployment<CreateDeploymentOutput>((*changed)->deployments.at(id));
}

aws::Outcome<GetDeploymentOutput> ApiGatewayV2::get_deployment(const Context& context,
                                                               const GetDeploymentInput& input) {
    const auto api = apis_.find(context.scope, input.ApiId);
    if (!api.ok()) return failure_of(api.error());
    const auto at = (*api)->deployments.find(input.DeploymentId);
    if (at == (*api)->deployments.end()) return failure_of(none_such("Deployment", input.DeploymentId));
    return show_deployment<GetDeploymentOutput>(at->second);
}

aws::Outcome<GetDeploymentsOutput> ApiGatewayV2::get_deployments(const Context& context,
                                                                 const GetDeploymentsInput& input) {
    const auto api = apis_.find(context.scope, input.ApiId);
    if (!api.ok()) return failure_of(api.error());
    GetDeploymentsOutput out;
    const Status filled = fill_page(input, (*api)->deployments, out, show_deployment<Deployment>);
    if (!filled.ok()) return failure_of(filled.error());
    return out;
}

aws::Outcome<UpdateDeploymentOutput> ApiGatewayV2::update_deployment(const Context& context,
                                                                     const UpdateDeploymentInput& input) {
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        const auto at = api.deployments.find(input.DeploymentId);
        if (at == api.deployments.end()) return none_such("Deployment", input.DeploymentId);
        take(input.Description, at->second.description);
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return show_deployment<UpdateDeploymentOutput>((*changed)->deployments.at(input.DeploymentId));
}

aws::Outcome<DeleteDeploymentOutput> ApiGatewayV2::delete_deployment(const Context& context,
                                                                     const DeleteDeploymentInput& input) {
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        for (const auto& [name, stage] : api.stages) {
            if (stage.deployment_id == input.DeploymentId) {
                return bad_request("Active stages pointing to this deployment must be moved or deleted");
            }
        }
        if (api.deployments.erase(input.DeploymentId) == 0) return none_such("Deployment", input.DeploymentId);
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return DeleteDeploymentOutput{};
}

}  // namespace millrace::service::apigatewayv2
