#include "src/gateway/http_api/access_log.h"
#include "src/io/clock.h"
#include "src/service/apigatewayv2/apigatewayv2.h"
#include "src/service/apigatewayv2/checks.h"
#include "src/service/apigatewayv2/errors.h"
#include "src/service/apigatewayv2/page.h"
#include "src/service/apigatewayv2/shown.h"

namespace millrace::service::apigatewayv2 {

using namespace aws::apigatewayv2;

namespace {

Result<engine::RouteSettings> settings_of(const RouteSettings& given) {
    if (given.DataTraceEnabled.value_or(false)) {
        return bad_request("Data tracing is of WebSocket APIs: DataTraceEnabled is refused");
    }
    if (given.LoggingLevel && *given.LoggingLevel != "OFF") {
        return bad_request("Execution logs are of WebSocket APIs: LoggingLevel has to be OFF");
    }
    engine::RouteSettings settings;
    settings.detailed_metrics = given.DetailedMetricsEnabled.value_or(false);
    settings.burst_limit = given.ThrottlingBurstLimit;
    settings.rate_limit = given.ThrottlingRateLimit;
    if (settings.burst_limit.value_or(0) < 0 || !(settings.rate_limit.value_or(0) >= 0)) {
        return bad_request("Throttling limits are not negative");
    }
    return settings;
}

template <class Input>
Status take_log(const Input& input, engine::Stage& stage) {
    if (!input.AccessLogSettings) return {};
    take(input.AccessLogSettings->DestinationArn, stage.access_log_destination);
    take(input.AccessLogSettings->Format, stage.access_log_format);
    return engine::check_access_log(stage.access_log_format, stage.access_log_destination);
}

// As the stage is before `input`; `api` is the one it belongs to.
template <class Input>
Status take_stage(const Input& input, engine::Stage& stage, engine::HttpApi& api, TimestampMs now) {
    take(input.Description, stage.description);
    TRY(take_log(input, stage));
    if (input.DefaultRouteSettings) {
        TRY_ASSIGN(stage.settings, settings_of(*input.DefaultRouteSettings));
    }
    if (input.RouteSettings) {
        for (const auto& [key, given] : *input.RouteSettings) {
            TRY_ASSIGN(stage.route_settings[key], settings_of(given));
            const bool known = std::any_of(api.current.routes.begin(), api.current.routes.end(),
                                           [&](const auto& route) { return route.second.key == key; });
            if (!known) return none_such("Route", key);
        }
    }
    take(input.StageVariables, stage.variables);
    std::erase_if(stage.variables, [](const auto& variable) { return variable.second.empty(); });
    TRY(check_variables(stage.variables));
    const bool was_automatic = stage.auto_deploy;
    take(input.AutoDeploy, stage.auto_deploy);
    if (input.DeploymentId) {
        if (stage.auto_deploy) {
            return bad_request("Deployment ID cannot be set on a stage when autoDeploy is enabled");
        }
        if (!api.deployments.contains(*input.DeploymentId)) return none_such("Deployment", *input.DeploymentId);
        stage.deployment_id = *input.DeploymentId;
    }
    if (stage.auto_deploy && !was_automatic) {
        TRY_ASSIGN(stage.deployment_id,
                   engine::add_deployment(api, "Automatic deployment triggered by changes to the Api configuration",
                                          true, now));
    }
    stage.updated = now;
    return {};
}

}  // namespace

aws::Outcome<CreateStageOutput> ApiGatewayV2::create_stage(const Context& context, const CreateStageInput& input) {
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        TRY(check_stage_name(input.StageName));
        if (api.stages.contains(input.StageName)) {
            return Error{ErrorCode::already_exists, "Stage already exists"};
        }
        if (api.stages.size() >= engine::stages_max) {
            return Error{ErrorCode::resource_exhausted, "Maximum number of stages for this API has been reached: 10"};
        }
        engine::Stage stage;
        stage.name = input.StageName;
        stage.created = clock_.now();
        take(input.Tags, stage.tags);
        TRY(check_tags(stage.tags));
        TRY(take_stage(input, stage, api, clock_.now()));
        api.stages[stage.name] = std::move(stage);
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return show_stage<CreateStageOutput>((*changed)->stages.at(input.StageName));
}

aws::Outcome<GetStageOutput> ApiGatewayV2::get_stage(const Context& context, const GetStageInput& input) {
    const auto api = apis_.find(context.scope, input.ApiId);
    if (!api.ok()) return failure_of(api.error());
    const auto at = (*api)->stages.find(input.StageName);
    if (at == (*api)->stages.end()) return failure_of(none_such("Stage", input.StageName));
    return show_stage<GetStageOutput>(at->second);
}

aws::Outcome<GetStagesOutput> ApiGatewayV2::get_stages(const Context& context, const GetStagesInput& input) {
    const auto api = apis_.find(context.scope, input.ApiId);
    if (!api.ok()) return failure_of(api.error());
    GetStagesOutput out;
    const Status filled = fill_page(input, (*api)->stages, out, show_stage<Stage>);
    if (!filled.ok()) return failure_of(filled.error());
    return out;
}

aws::Outcome<UpdateStageOutput> ApiGatewayV2::update_stage(const Context& context, const UpdateStageInput& input) {
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        const auto at = api.stages.find(input.StageName);
        if (at == api.stages.end()) return none_such("Stage", input.StageName);
        return take_stage(input, at->second, api, clock_.now());
    });
    if (!changed.ok()) return failure_of(changed.error());
    return show_stage<UpdateStageOutput>((*changed)->stages.at(input.StageName));
}

aws::Outcome<DeleteStageOutput> ApiGatewayV2::delete_stage(const Context& context, const DeleteStageInput& input) {
    for (const engine::HttpApis::Domain& domain : apis_.domains(context.scope)) {
        for (const auto& [id, mapping] : domain->mappings) {
            if (mapping.api_id == input.ApiId && mapping.stage == input.StageName) {
                return failure_of(bad_request("Cannot delete stage '" + input.StageName + "': the domain name " +
                                              domain->name + " maps to it"));
            }
        }
    }
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        if (api.stages.erase(input.StageName) == 0) return none_such("Stage", input.StageName);
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    plane_.forget_answers(input.ApiId, input.StageName);
    return DeleteStageOutput{};
}

aws::Outcome<DeleteAccessLogSettingsOutput> ApiGatewayV2::delete_access_log_settings(
    const Context& context, const DeleteAccessLogSettingsInput& input) {
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        const auto at = api.stages.find(input.StageName);
        if (at == api.stages.end()) return none_such("Stage", input.StageName);
        at->second.access_log_destination.clear();
        at->second.access_log_format.clear();
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return DeleteAccessLogSettingsOutput{};
}

aws::Outcome<DeleteRouteSettingsOutput> ApiGatewayV2::delete_route_settings(const Context& context,
                                                                            const DeleteRouteSettingsInput& input) {
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        const auto at = api.stages.find(input.StageName);
        if (at == api.stages.end()) return none_such("Stage", input.StageName);
        if (at->second.route_settings.erase(input.RouteKey) == 0) return none_such("RouteSettings", input.RouteKey);
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return DeleteRouteSettingsOutput{};
}

}  // namespace millrace::service::apigatewayv2
