#include "src/service/apigatewayv2/shown.h"

namespace millrace::service::apigatewayv2 {

aws::apigatewayv2::Cors shown(const engine::Cors& cors) {
    aws::apigatewayv2::Cors out;
    out.AllowCredentials = cors.allow_credentials;
    if (!cors.allow_headers.empty()) out.AllowHeaders = cors.allow_headers;
    if (!cors.allow_methods.empty()) out.AllowMethods = cors.allow_methods;
    if (!cors.allow_origins.empty()) out.AllowOrigins = cors.allow_origins;
    if (!cors.expose_headers.empty()) out.ExposeHeaders = cors.expose_headers;
    if (cors.max_age_s >= 0) out.MaxAge = cors.max_age_s;
    return out;
}

aws::apigatewayv2::RouteSettings shown(const engine::RouteSettings& settings) {
    aws::apigatewayv2::RouteSettings out;
    out.DetailedMetricsEnabled = settings.detailed_metrics;
    out.ThrottlingBurstLimit = settings.burst_limit;
    out.ThrottlingRateLimit = settings.rate_limit;
    return out;
}

std::string endpoint_of(const std::string& api_id, const std::string& endpoint) {
    const size_t scheme = endpoint.find("://");
    const size_t colon = endpoint.rfind(':');
    const bool has_port = colon != std::string::npos && scheme != std::string::npos && colon > scheme + 2 &&
                          endpoint.find(']', colon) == std::string::npos;
    return endpoint.substr(0, scheme == std::string::npos ? 0 : scheme + 3) + api_id + ".execute-api.localhost" +
           (has_port ? endpoint.substr(colon) : "");
}

}  // namespace millrace::service::apigatewayv2
