#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/limits.h"
#include "src/service/apigateway/page.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

constexpr std::string_view no_path = "(none)";  // as AWS writes the empty base path

std::string kept_path(const std::string& path) {
    return path.empty() ? std::string(no_path) : path;
}

aws::Outcome<void> check_path(const std::string& path) {
    if (path == no_path || only_of(path, std::string(alphanumeric) + "$-_.+!*'()/")) return {};
    return bad_request("Base path only allows alphanumerics and $-_.+!*'()/: " + path);
}

aws::Outcome<void> check_target(gateway::RestApis& apis, const Scope& scope, const gateway::BasePath& it) {
    if (!apis.find(scope, it.api_id).ok()) return bad_request("Invalid REST API identifier specified");
    if (!it.stage.empty() && !apis.find_stage(scope, it.api_id, it.stage).ok()) {
        return bad_request("Invalid stage identifier specified");
    }
    return {};
}

const PatchTable<gateway::BasePath>& patch_table() {
    using gateway::BasePath;
    static const PatchTable<BasePath> table(PatchErrors::naming_paths,
                                            {
                                                {{"/basePath", "replace"},
                                                 [](BasePath& it, const Patch& patch) -> aws::Outcome<void> {
                                                     it.base_path = kept_path(patch.text());
                                                     return check_path(it.base_path);
                                                 }},
                                                {{"/stage", "replace"}, patch_text(&BasePath::stage)},
                                                {{"/restapiId", "replace"}, patch_text(&BasePath::api_id)},
                                                {{"/restApiId", "replace"}, patch_text(&BasePath::api_id)},
                                            });
    return table;
}

template <class Domain>
auto mapping_in(Domain& domain, const std::string& path) -> aws::Outcome<decltype(&domain.base_paths.begin()->second)> {
    const auto at = domain.base_paths.find(kept_path(path));
    if (at == domain.base_paths.end()) return not_found("Invalid base path mapping identifier specified");
    return &at->second;
}

// Where `change`, an Outcome<void>(DomainName&), fails nothing changes.
template <class Change>
aws::Outcome<void> edit_domain(gateway::RestApis& apis, const Scope& scope, const std::string& name,
                               const Change& change) {
    TRY(edit_with<gateway::DomainName>(change, [&](const auto& edit) { return apis.edit_domain(scope, name, edit); }));
    return {};
}

}  // namespace

aws::Outcome<CreateBasePathMappingOutput> ApiGateway::create_base_path_mapping(
    const aws::CallContext& context, const CreateBasePathMappingInput& input) {
    const gateway::BasePath made{kept_path(input.basePath.value_or("")), input.restApiId, input.stage.value_or("")};
    TRY(check_path(made.base_path));
    TRY(outcome_of(apis_.find_domain(context.scope, input.domainName)));
    TRY(check_target(apis_, context.scope, made));
    TRY(edit_domain(apis_, context.scope, input.domainName, [&](gateway::DomainName& domain) -> aws::Outcome<void> {
        if (domain.base_paths.contains(made.base_path)) {
            return conflict("Base path already exists for this domain name");
        }
        if (domain.base_paths.size() >= base_paths_max) {
            return limit_exceeded("Maximum number of base path mappings has been reached: 200");
        }
        domain.base_paths[made.base_path] = made;
        return {};
    }));
    return shown<CreateBasePathMappingOutput>(made);
}

aws::Outcome<GetBasePathMappingOutput> ApiGateway::get_base_path_mapping(const aws::CallContext& context,
                                                                         const GetBasePathMappingInput& input) {
    TRY_ASSIGN(const auto domain, outcome_of(apis_.find_domain(context.scope, input.domainName)));
    TRY_ASSIGN(const gateway::BasePath* found, mapping_in(*domain, input.basePath));
    return shown<GetBasePathMappingOutput>(*found);
}

aws::Outcome<GetBasePathMappingsOutput> ApiGateway::get_base_path_mappings(const aws::CallContext& context,
                                                                           const GetBasePathMappingsInput& input) {
    TRY_ASSIGN(const auto domain, outcome_of(apis_.find_domain(context.scope, input.domainName)));
    return page_of<GetBasePathMappingsOutput>(
        input, domain->base_paths, [](const auto& it) -> const std::string& { return it.first; },
        [](const auto& it) { return shown<BasePathMapping>(it.second); });
}

aws::Outcome<UpdateBasePathMappingOutput> ApiGateway::update_base_path_mapping(
    const aws::CallContext& context, const UpdateBasePathMappingInput& input) {
    TRY_ASSIGN(const auto before, outcome_of(apis_.find_domain(context.scope, input.domainName)));
    TRY_ASSIGN(const gateway::BasePath* found, mapping_in(*before, input.basePath));
    gateway::BasePath changed = *found;
    TRY(patch_table().apply(changed, patches_of(input.patchOperations)));
    TRY(check_target(apis_, context.scope, changed));
    TRY(edit_domain(apis_, context.scope, input.domainName, [&](gateway::DomainName& domain) -> aws::Outcome<void> {
        TRY(mapping_in(domain, input.basePath));
        domain.base_paths.erase(kept_path(input.basePath));
        if (!domain.base_paths.emplace(changed.base_path, changed).second) {
            return conflict("Base path already exists for this domain name");
        }
        return {};
    }));
    return shown<UpdateBasePathMappingOutput>(changed);
}

aws::Outcome<DeleteBasePathMappingOutput> ApiGateway::delete_base_path_mapping(
    const aws::CallContext& context, const DeleteBasePathMappingInput& input) {
    TRY(edit_domain(apis_, context.scope, input.domainName, [&](gateway::DomainName& domain) -> aws::Outcome<void> {
        TRY(mapping_in(domain, input.basePath));
        domain.base_paths.erase(kept_path(input.basePath));
        return {};
    }));
    return DeleteBasePathMappingOutput{};
}

}  // namespace millrace::service::apigateway
