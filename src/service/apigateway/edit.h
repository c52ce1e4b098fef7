// Changing an API from a handler, whose refusals are the service's and not the engine's; and finding what is in one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "src/gateway/rest_apis.h"
#include "src/service/apigateway/errors.h"

namespace millrace::service::apigateway {

using ApiPointer = std::shared_ptr<const gateway::RestApi>;

aws::Outcome<ApiPointer> find_api(gateway::RestApis& apis, const Scope& scope, const std::string& id);

// Runs `call(edit)`, where edit(T&) is Status, with a `change(T&)` that is Outcome<void>.
template <class T, class Change, class Call>
auto edit_with(const Change& change, const Call& call) -> aws::Outcome<std::shared_ptr<const T>> {
    std::optional<aws::Failure> refused;
    Result<std::shared_ptr<const T>> changed = call([&](T& it) -> Status {
        aws::Outcome<void> outcome = change(it);
        if (outcome.ok()) return {};
        refused = std::move(outcome).error();
        return Error{ErrorCode::cancelled, "refused"};
    });
    if (refused) return std::move(*refused);
    return outcome_of(std::move(changed));
}

// Where `change`, an Outcome<void>(RestApi&), fails nothing changes and that failure is returned.
template <class Change>
aws::Outcome<ApiPointer> edit_api(gateway::RestApis& apis, const Scope& scope, const std::string& id,
                                  const Change& change) {
    TRY(find_api(apis, scope, id));  // for its sentence
    return edit_with<gateway::RestApi>(change, [&](const auto& edit) { return apis.edit(scope, id, edit); });
}

// Each finds it or says that there is none. Api is RestApi or const RestApi.
template <class Api>
auto resource_in(Api& api, const std::string& id) -> aws::Outcome<decltype(&api.resources.begin()->second)> {
    const auto at = api.resources.find(id);
    if (at == api.resources.end()) return not_found("Invalid Resource identifier specified");
    return &at->second;
}
template <class Api>
auto method_in(Api& api, const std::string& resource, const std::string& name)
    -> aws::Outcome<decltype(&api.resources.begin()->second.methods.begin()->second)> {
    TRY_ASSIGN(auto* found, resource_in(api, resource));
    const auto at = found->methods.find(name);
    if (at == found->methods.end()) return not_found("Invalid Method identifier specified");
    return &at->second;
}
template <class Api>
auto integration_in(Api& api, const std::string& resource, const std::string& name)
    -> aws::Outcome<decltype(&*api.resources.begin()->second.methods.begin()->second.integration)> {
    TRY_ASSIGN(auto* method, method_in(api, resource, name));
    if (!method->integration) return not_found("Invalid Integration identifier specified");
    return &*method->integration;
}
template <class Map>
auto response_in(Map& responses, const std::string& status) -> aws::Outcome<decltype(&responses.begin()->second)> {
    const auto at = responses.find(status);
    if (at == responses.end()) return not_found("Invalid Response status code specified");
    return &at->second;
}

}  // namespace millrace::service::apigateway
