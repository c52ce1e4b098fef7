// What PATCH changes of a stage.
#pragma once

#include "src/gateway/definition.h"
#include "src/service/apigateway/patch.h"

namespace millrace::service::apigateway {

aws::Outcome<void> patch_stage(gateway::Stage& stage, const std::vector<Patch>& patches, const Scope& scope);

}  // namespace millrace::service::apigateway
