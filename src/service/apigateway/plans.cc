#include <algorithm>

#include "src/gateway/access/access.h"
#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/page.h"
#include "src/service/apigateway/plan_patches.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

aws::Outcome<void> ApiGateway::check_api_stage(const Scope& scope, const std::string& plan, const std::string& api,
                                               const std::string& stage) {
    if (apis_.find_stage(scope, api, stage).ok()) return {};
    return not_found("Invalid API Stage {api: " + api + ", stage: " + stage + "} specified for usageplan " + plan);
}

namespace {

gateway::Throttle throttle_of(const ThrottleSettings& settings) {
    return {settings.rateLimit.value_or(0), settings.burstLimit.value_or(0)};
}

}  // namespace

aws::Outcome<CreateUsagePlanOutput> ApiGateway::create_usage_plan(const aws::CallContext& context,
                                                                  const CreateUsagePlanInput& input) {
    gateway::UsagePlan plan;
    plan.scope = context.scope;
    plan.name = input.name;
    plan.description = input.description.value_or("");
    if (input.apiStages) {
        for (const ApiStage& stage : *input.apiStages) {
            gateway::UsagePlan::ApiStage made{stage.apiId.value_or(""), stage.stage.value_or(""), {}};
            TRY(check_api_stage(context.scope, "", made.api_id, made.stage));
            if (stage.throttle) {
                for (const auto& [method, settings] : *stage.throttle) made.throttle[method] = throttle_of(settings);
            }
            plan.stages.push_back(std::move(made));
        }
    }
    if (input.throttle) plan.throttle = throttle_of(*input.throttle);
    if (input.quota) {
        plan.quota = gateway::Quota{input.quota->limit.value_or(0), input.quota->offset.value_or(0),
                                    input.quota->period.value_or("")};
    }
    if (input.tags) plan.tags = *input.tags;
    TRY(check_plan(plan));
    TRY(check_tags(plan.tags));
    TRY_ASSIGN(const auto made, outcome_of(apis_.create_plan(std::move(plan))));
    return shown<CreateUsagePlanOutput>(*made);
}

aws::Outcome<GetUsagePlanOutput> ApiGateway::get_usage_plan(const aws::CallContext& context,
                                                            const GetUsagePlanInput& input) {
    TRY_ASSIGN(const auto plan, outcome_of(apis_.find_plan(context.scope, input.usagePlanId)));
    return shown<GetUsagePlanOutput>(*plan);
}

aws::Outcome<GetUsagePlansOutput> ApiGateway::get_usage_plans(const aws::CallContext& context,
                                                              const GetUsagePlansInput& input) {
    auto plans = apis_.plans(context.scope);
    if (input.keyId) {
        std::erase_if(plans, [&](const auto& plan) {
            return std::ranges::find(plan->key_ids, *input.keyId) == plan->key_ids.end();
        });
    }
    return page_of<GetUsagePlansOutput>(
        input, plans, [](const auto& plan) -> const std::string& { return plan->id; },
        [](const auto& plan) { return shown<UsagePlan>(*plan); });
}

aws::Outcome<UpdateUsagePlanOutput> ApiGateway::update_usage_plan(const aws::CallContext& context,
                                                                  const UpdateUsagePlanInput& input) {
    const CheckStage check_stage = [&](const std::string& api, const std::string& stage) {
        return check_api_stage(context.scope, input.usagePlanId, api, stage);
    };
    TRY_ASSIGN(
        const auto plan,
        edit_with<gateway::UsagePlan>(
            [&](gateway::UsagePlan& it) { return patch_plan(it, patches_of(input.patchOperations), check_stage); },
            [&](const auto& edit) { return apis_.edit_plan(context.scope, input.usagePlanId, edit); }));
    return shown<UpdateUsagePlanOutput>(*plan);
}

aws::Outcome<DeleteUsagePlanOutput> ApiGateway::delete_usage_plan(const aws::CallContext& context,
                                                                  const DeleteUsagePlanInput& input) {
    TRY_ASSIGN(const auto plan, outcome_of(apis_.find_plan(context.scope, input.usagePlanId)));
    if (!plan->stages.empty()) {
        return bad_request("Cannot delete Usage Plan " + plan->id +
                           " because API Stages are associated with it: remove them from it first");
    }
    TRY(outcome_of(apis_.remove_plan(context.scope, input.usagePlanId)));
    TRY(outcome_of(parts_.access.forget_usage(*plan, "")));
    return DeleteUsagePlanOutput{};
}

}  // namespace millrace::service::apigateway
