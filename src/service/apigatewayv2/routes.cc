#include "src/service/apigatewayv2/apigatewayv2.h"
#include "src/service/apigatewayv2/checks.h"
#include "src/service/apigatewayv2/errors.h"
#include "src/service/apigatewayv2/page.h"
#include "src/service/apigatewayv2/shown.h"

namespace millrace::service::apigatewayv2 {

using namespace aws::apigatewayv2;

namespace {

template <class Input>
Status take_members(const Input& input, engine::Route& route) {
    if (input.ApiKeyRequired.value_or(false))
        return bad_request("HTTP APIs have no API keys: ApiKeyRequired is refused");
    take(input.AuthorizationScopes, route.scopes);
    take(input.AuthorizationType, route.authorization_type);
    take(input.AuthorizerId, route.authorizer_id);
    if (route.authorization_type == "NONE" || route.authorization_type == "AWS_IAM") {
        if (!input.AuthorizerId) route.authorizer_id.clear();  // of what it was before
    }
    take(input.OperationName, route.operation_name);
    take(input.RouteKey, route.key);
    take(input.Target, route.target);
    return {};
}

}  // namespace

aws::Outcome<CreateRouteOutput> ApiGatewayV2::create_route(const Context& context, const CreateRouteInput& input) {
    std::string id;
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        if (api.current.routes.size() >= engine::routes_max) {
            return Error{
                ErrorCode::resource_exhausted,
                "Maximum number of routes for this API has been reached. Limit: " + std::to_string(engine::routes_max)};
        }
        engine::Route route;
        do {
            route.id = engine::new_id();
        } while (api.current.routes.contains(route.id));
        TRY(take_members(input, route));
        TRY(check_route(route, api));
        id = route.id;
        api.current.routes[id] = std::move(route);
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return show_route<CreateRouteOutput>((*changed)->current.routes.at(id));
}

aws::Outcome<GetRouteOutput> ApiGatewayV2::get_route(const Context& context, const GetRouteInput& input) {
    const auto api = apis_.find(context.scope, input.ApiId);
    if (!api.ok()) return failure_of(api.error());
    const auto at = (*api)->current.routes.find(input.RouteId);
    if (at == (*api)->current.routes.end()) return failure_of(none_such("Route", input.RouteId));
    return show_route<GetRouteOutput>(at->second);
}

aws::Outcome<GetRoutesOutput> ApiGatewayV2::get_routes(const Context& context, const GetRoutesInput& input) {
    const auto api = apis_.find(context.scope, input.ApiId);
    if (!api.ok()) return failure_of(api.error());
    GetRoutesOutput out;
    const Status filled = fill_page(input, (*api)->current.routes, out, show_route<Route>);
    if (!filled.ok()) return failure_of(filled.error());
    return out;
}

aws::Outcome<UpdateRouteOutput> ApiGatewayV2::update_route(const Context& context, const UpdateRouteInput& input) {
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        const auto at = api.current.routes.find(input.RouteId);
        if (at == api.current.routes.end()) return none_such("Route", input.RouteId);
        engine::Route route = at->second;
        TRY(take_members(input, route));
        TRY(check_route(route, api));
        at->second = std::move(route);
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return show_route<UpdateRouteOutput>((*changed)->current.routes.at(input.RouteId));
}

aws::Outcome<DeleteRouteOutput> ApiGatewayV2::delete_route(const Context& context, const DeleteRouteInput& input) {
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        if (api.current.routes.erase(input.RouteId) == 0) return none_such("Route", input.RouteId);
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return DeleteRouteOutput{};
}

}  // namespace millrace::service::apigatewayv2
