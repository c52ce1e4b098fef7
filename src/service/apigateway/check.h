// What several handlers hold their input to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/aws/failure.h"
#include "src/gateway/definition.h"

namespace millrace::service::apigateway {

aws::Outcome<void> check_endpoint_types(const std::vector<std::string>& types);  // rest_apis.cc
aws::Outcome<void> check_tags(const gateway::TextMap& tags);
// "GET", ..., "ANY".
bool is_http_method(std::string_view text);
// "^[a-zA-Z0-9._-]+$" and its like: only such characters, at least one.
bool only_of(std::string_view text, std::string_view characters);
constexpr std::string_view alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

aws::Outcome<void> check_api(const gateway::RestApi& api);                              // its settings; rest_apis.cc
aws::Outcome<void> check_authorizer_definition(const gateway::Authorizer& authorizer);  // authorizers.cc
aws::Outcome<void> check_gateway_response(const gateway::GatewayResponse& it);          // gateway_responses.cc
aws::Outcome<void> check_model_schema(const std::string& schema);                       // models.cc
// That a method's authorizer, validator, models and parameters are there and make sense.
aws::Outcome<void> check_method(const gateway::RestApi& api, const gateway::Method& method);
aws::Outcome<void> check_method_response(const gateway::RestApi& api, const gateway::MethodResponse& response);
// `method` is whose it is: mappings name its parameters.
aws::Outcome<void> check_integration(const gateway::Method& method, const gateway::Integration& integration);
aws::Outcome<void> check_integration_response(const gateway::Method& method,
                                              const gateway::IntegrationResponse& response);
// A method that authorizes by a function names an authorizer and so on: what is not held at each change, but when it
// is deployed.
aws::Outcome<void> check_deployable(const gateway::RestApi& api);
aws::Outcome<void> check_stage_name(const std::string& name);  // stages.cc
aws::Outcome<void> check_variables(const gateway::TextMap& variables);

}  // namespace millrace::service::apigateway
