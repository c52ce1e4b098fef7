// Definitions as API Gateway shows them. Out is a generated shape: the same resource is another type in each answer.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "aws/apigateway/shapes.h"

#include "src/base/json_text.h"
#include "src/gateway/definition.h"

namespace millrace::service::apigateway {

// AWS leaves out what is empty.
template <class T>
std::optional<T> unless_empty(const T& value) {
    if (value.empty()) return std::nullopt;
    return value;
}

template <class Out>
Out shown(const gateway::RestApi& it) {
    Out out;
    out.id = it.id;
    out.name = it.name;
    out.description = unless_empty(it.description);
    out.version = unless_empty(it.version);
    out.createdDate = it.created;
    out.binaryMediaTypes = unless_empty(it.binary_media_types);
    out.minimumCompressionSize = it.minimum_compression_bytes;
    out.apiKeySource = it.key_source;
    auto& endpoint = out.endpointConfiguration.emplace();
    endpoint.types = it.endpoint_types;
    endpoint.ipAddressType = "ipv4";
    // Escaped once more than JSON needs, as AWS does; Terraform's provider counts on it.
    if (!it.policy.empty()) append_json_escaped(it.policy, out.policy.emplace());
    out.tags = unless_empty(it.tags);
    out.disableExecuteApiEndpoint = it.execute_endpoint_disabled;
    out.rootResourceId = it.root_id;
    return out;
}

template <class Out>
Out shown(const gateway::IntegrationResponse& it) {
    Out out;
    out.statusCode = it.status_code;
    out.selectionPattern = it.selection_pattern;
    out.responseParameters = unless_empty(it.parameters);
    out.responseTemplates = unless_empty(it.templates);
    out.contentHandling = unless_empty(it.content_handling);
    return out;
}

template <class Out>
Out shown(const gateway::Integration& it) {
    Out out;
    out.type = it.type;
    out.httpMethod = unless_empty(it.http_method);
    out.uri = unless_empty(it.uri);
    out.connectionType = unless_empty(it.connection_type);
    out.credentials = unless_empty(it.credentials);
    out.requestParameters = unless_empty(it.parameters);
    out.requestTemplates = unless_empty(it.templates);
    out.passthroughBehavior = it.passthrough;
    out.contentHandling = unless_empty(it.content_handling);
    out.timeoutInMillis = it.timeout_ms;
    out.cacheNamespace = unless_empty(it.cache_namespace);
    out.cacheKeyParameters = it.cache_key_parameters;
    if (it.tls_insecure) out.tlsConfig.emplace().insecureSkipVerification = true;
    if (!it.responses.empty()) {
        auto& responses = out.integrationResponses.emplace();
        for (const auto& [status, response] : it.responses) {
            responses[status] = shown<aws::apigateway::IntegrationResponse>(response);
        }
    }
    return out;
}

template <class Out>
Out shown(const gateway::MethodResponse& it) {
    Out out;
    out.statusCode = it.status_code;
    out.responseParameters = unless_empty(it.parameters);
    out.responseModels = unless_empty(it.models);
    return out;
}

template <class Out>
Out shown(const gateway::Method& it) {
    Out out;
    out.httpMethod = it.http_method;
    out.authorizationType = it.authorization;
    out.authorizerId = unless_empty(it.authorizer_id);
    out.authorizationScopes = unless_empty(it.scopes);
    out.apiKeyRequired = it.api_key_required;
    out.operationName = unless_empty(it.operation_name);
    out.requestValidatorId = unless_empty(it.validator_id);
    out.requestParameters = unless_empty(it.parameters);
    out.requestModels = unless_empty(it.models);
    if (!it.responses.empty()) {
        auto& responses = out.methodResponses.emplace();
        for (const auto& [status, response] : it.responses) {
            responses[status] = shown<aws::apigateway::MethodResponse>(response);
        }
    }
    if (it.integration) out.methodIntegration = shown<aws::apigateway::Integration>(*it.integration);
    return out;
}

// With `methods` what they are, else only which there are.
template <class Out>
Out shown(const gateway::Resource& it, bool methods) {
    Out out;
    out.id = it.id;
    out.parentId = unless_empty(it.parent_id);
    out.pathPart = unless_empty(it.path_part);
    out.path = it.path;
    if (!it.methods.empty()) {
        auto& all = out.resourceMethods.emplace();
        for (const auto& [name, method] : it.methods) {
            all[name] = methods ? shown<aws::apigateway::Method>(method) : aws::apigateway::Method();
        }
    }
    return out;
}

template <class Out>
Out shown(const gateway::Model& it) {
    Out out;
    out.id = it.id;
    out.name = it.name;
    out.description = unless_empty(it.description);
    out.schema = unless_empty(it.schema);
    out.contentType = it.content_type;
    return out;
}

template <class Out>
Out shown(const gateway::RequestValidator& it) {
    Out out;
    out.id = it.id;
    out.name = unless_empty(it.name);
    out.validateRequestBody = it.body;
    out.validateRequestParameters = it.parameters;
    return out;
}

template <class Out>
Out shown(const gateway::Authorizer& it) {
    Out out;
    out.id = it.id;
    out.name = it.name;
    out.type = it.type;
    out.providerARNs = unless_empty(it.provider_arns);
    out.authType = unless_empty(it.auth_type);
    out.authorizerUri = unless_empty(it.uri);
    out.authorizerCredentials = unless_empty(it.credentials);
    out.identitySource = unless_empty(it.identity_source);
    out.identityValidationExpression = unless_empty(it.validation_expression);
    if (it.type != "COGNITO_USER_POOLS") out.authorizerResultTtlInSeconds = it.result_ttl_s;
    return out;
}

template <class Out>
Out shown(const gateway::DeploymentNote& it) {
    Out out;
    out.id = it.id;
    out.description = unless_empty(it.description);
    out.createdDate = it.created;
    return out;
}

template <class Out>
Out shown(const gateway::Stage& it) {
    Out out;
    out.deploymentId = it.deployment_id;
    out.stageName = it.name;
    out.description = unless_empty(it.description);
    out.cacheClusterEnabled = false;
    out.cacheClusterStatus = "NOT_AVAILABLE";
    auto& settings = out.methodSettings.emplace();
    for (const auto& [name, setting] : it.settings) {
        auto& to = settings[name];
        to.metricsEnabled = setting.metrics;
        to.loggingLevel = setting.logging_level;
        to.dataTraceEnabled = setting.data_trace;
        to.throttlingBurstLimit = setting.burst_limit.value_or(5'000);
        to.throttlingRateLimit = setting.rate_limit.value_or(10'000);
        to.cachingEnabled = false;
        to.cacheTtlInSeconds = 300;
        to.cacheDataEncrypted = false;
        to.requireAuthorizationForCacheControl = true;
        to.unauthorizedCacheControlHeaderStrategy = "SUCCEED_WITH_RESPONSE_HEADER";
    }
    out.variables = unless_empty(it.variables);
    if (!it.access_log_destination.empty() || !it.access_log_format.empty()) {
        auto& log = out.accessLogSettings.emplace();
        log.destinationArn = unless_empty(it.access_log_destination);
        log.format = unless_empty(it.access_log_format);
    }
    out.tracingEnabled = it.tracing;
    out.tags = unless_empty(it.tags);
    out.createdDate = it.created;
    out.lastUpdatedDate = it.updated;
    return out;
}

template <class Out>
Out shown(const gateway::ApiKey& it, bool value) {
    Out out;
    out.id = it.id;
    if (value) out.value = it.value;
    out.name = unless_empty(it.name);
    out.customerId = unless_empty(it.customer_id);
    out.description = unless_empty(it.description);
    out.enabled = it.enabled;
    out.createdDate = it.created;
    out.lastUpdatedDate = it.updated;
    out.stageKeys.emplace();
    out.tags = unless_empty(it.tags);
    return out;
}

inline aws::apigateway::ThrottleSettings shown(const gateway::Throttle& it) {
    aws::apigateway::ThrottleSettings out;
    out.burstLimit = it.burst;
    out.rateLimit = it.rate;
    return out;
}

template <class Out>
Out shown(const gateway::UsagePlan& it) {
    Out out;
    out.id = it.id;
    out.name = it.name;
    out.description = unless_empty(it.description);
    auto& stages = out.apiStages.emplace();
    for (const gateway::UsagePlan::ApiStage& stage : it.stages) {
        auto& to = stages.emplace_back();
        to.apiId = stage.api_id;
        to.stage = stage.stage;
        if (stage.throttle.empty()) continue;
        auto& throttles = to.throttle.emplace();
        for (const auto& [method, throttle] : stage.throttle) throttles[method] = shown(throttle);
    }
    if (it.throttle) out.throttle = shown(*it.throttle);
    if (it.quota) {
        auto& quota = out.quota.emplace();
        quota.limit = it.quota->limit;
        quota.offset = it.quota->offset;
        quota.period = it.quota->period;
    }
    out.productCode = unless_empty(it.product_code);
    out.tags = unless_empty(it.tags);
    return out;
}

template <class Out>
Out shown(const gateway::BasePath& it) {
    Out out;
    out.basePath = it.base_path;
    out.restApiId = it.api_id;
    out.stage = unless_empty(it.stage);
    return out;
}

}  // namespace millrace::service::apigateway
