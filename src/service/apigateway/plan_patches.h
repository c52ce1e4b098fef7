// What PATCH changes of a usage plan.
#pragma once

#include <functional>

#include "src/gateway/definition.h"
#include "src/service/apigateway/patch.h"

namespace millrace::service::apigateway {

// `check_stage` says whether an API has a stage of that name.
using CheckStage = std::function<aws::Outcome<void>(const std::string& api, const std::string& stage)>;
aws::Outcome<void> patch_plan(gateway::UsagePlan& plan, const std::vector<Patch>& patches,
                              const CheckStage& check_stage);
aws::Outcome<void> check_plan(const gateway::UsagePlan& plan);

}  // namespace millrace::service::apigateway
