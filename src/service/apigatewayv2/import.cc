// HTTP APIs from OpenAPI 3 definitions.
#include "src/gateway/http_api/http_apis.h"
#include "src/gateway/open_api/document.h"
#include "src/gateway/open_api/import_http_api.h"
#include "src/service/apigatewayv2/apigatewayv2.h"
#include "src/service/apigatewayv2/checks.h"
#include "src/service/apigatewayv2/errors.h"
#include "src/service/apigatewayv2/shown.h"

namespace millrace::service::apigatewayv2 {

using namespace aws::apigatewayv2;

namespace {

Status named(const Status& status, std::string_view what) {
    if (status.ok()) return status;
    return bad_request("Errors found during import: " + std::string(what) + ": " + status.error().message);
}

Result<gateway::BasePathMode> base_path_of(const std::optional<std::string>& given) {
    const std::string mode = given.value_or("ignore");
    if (mode == "ignore") return gateway::BasePathMode::ignore;
    if (mode == "prepend") return gateway::BasePathMode::prepend;
    if (mode == "split") return gateway::BasePathMode::split;
    return bad_request("Invalid basepath specified. Valid options are ignore, prepend and split");
}

// What each Create operation would have refused.
Status check_all(engine::HttpApi& api) {
    if (api.name.empty() || api.name.size() > 128)
        return bad_request("info.title, the API's name, has 1 to 128 characters");
    const engine::Snapshot& all = api.current;
    const bool too_many = all.routes.size() > engine::routes_max ||
                          all.integrations.size() > engine::integrations_max ||
                          all.authorizers.size() > engine::authorizers_max;
    if (too_many) {
        return Error{ErrorCode::resource_exhausted,
                     "The definition has more than 300 routes, 300 integrations or 10 authorizers"};
    }
    if (all.cors) TRY(named(check_cors(*all.cors), "x-amazon-apigateway-cors"));
    for (const auto& [id, it] : all.authorizers) {
        TRY(named(check_authorizer(it), "Unable to create authorizer '" + it.name + "'"));
    }
    for (const auto& [id, it] : all.integrations) TRY(named(check_integration(it), "Unable to create integration"));
    // Each is held against those before it.
    std::map<std::string, engine::Route> routes;
    routes.swap(api.current.routes);
    for (auto& [id, route] : routes) {
        TRY(named(check_route(route, api), "Unable to create route '" + route.key + "'"));
        api.current.routes[id] = std::move(route);
    }
    return {};
}

// What `input` defines, onto `api`. Its warnings.
template <class Input>
Result<std::vector<std::string>> take_definition(const Input& input, engine::HttpApi& api) {
    TRY_ASSIGN(const gateway::BasePathMode base_path, base_path_of(input.Basepath));
    TRY_ASSIGN(const boost::json::value document, gateway::parse_document(input.Body));
    TRY_ASSIGN(std::vector<std::string> warnings, gateway::import_http_api(document, base_path, api));
    TRY(check_all(api));
    if (input.FailOnWarnings.value_or(false) && !warnings.empty()) {
        std::string text = "Warnings found during import:";
        for (const std::string& warning : warnings) text += "\n\t" + warning;
        return bad_request(text);
    }
    return warnings;
}

template <class Output>
Output show(const engine::HttpApi& api, const std::string& endpoint, std::vector<std::string> warnings) {
    Output out = show_api<Output>(api, endpoint);
    if (!warnings.empty()) out.Warnings = std::move(warnings);
    return out;
}

}  // namespace

aws::Outcome<ImportApiOutput> ApiGatewayV2::import_api(const Context& context, const ImportApiInput& input) {
    engine::HttpApi api;
    api.scope = context.scope;
    auto warnings = take_definition(input, api);
    if (!warnings.ok()) return failure_of(warnings.error());
    const auto made = apis_.create(std::move(api));
    if (!made.ok()) return failure_of(made.error());
    return show<ImportApiOutput>(**made, context.endpoint, std::move(warnings).value());
}

aws::Outcome<ReimportApiOutput> ApiGatewayV2::reimport_api(const Context& context, const ReimportApiInput& input) {
    std::vector<std::string> warnings;
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        TRY_ASSIGN(warnings, take_definition(input, api));
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return show<ReimportApiOutput>(**changed, context.endpoint, std::move(warnings));
}

}  // namespace millrace::service::apigatewayv2
