// What API Gateway does not let in, and what we do not serve: invalid_argument with a sentence.
#pragma once

#include "src/base/result.h"
#include "src/gateway/http_api/definition.h"

namespace millrace::service::apigatewayv2 {

namespace engine = gateway::http_api;

Status check_integration(const engine::Integration& integration);
Status check_authorizer(const engine::Authorizer& authorizer);
Status check_cors(const engine::Cors& cors);
// Its key, its target, its authorizer; and that no other route of the API takes the same requests.
Status check_route(const engine::Route& route, const engine::HttpApi& api);
Status check_stage_name(std::string_view name);
Status check_variables(const engine::TextMap& variables);
Status check_tags(const engine::TextMap& tags);

}  // namespace millrace::service::apigatewayv2
