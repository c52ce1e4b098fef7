// Custom domains: whoever sends their name as Host is served by the API that the path is mapped to. Whether the name
// leads here is the operator's to see to, as is its certificate (the server's own, src/http/tls.h).
#include <algorithm>

#include "src/service/apigatewayv2/apigatewayv2.h"
#include "src/service/apigatewayv2/checks.h"
#include "src/service/apigatewayv2/errors.h"
#include "src/service/apigatewayv2/page.h"
#include "src/service/apigatewayv2/shown.h"

namespace millrace::service::apigatewayv2 {

using namespace aws::apigatewayv2;

namespace {

Result<std::string> host_of(std::string name) {
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    const bool good = !name.empty() && name.size() <= 253 && name.find('.') != std::string::npos &&
                      std::all_of(name.begin(), name.end(), [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
                      });
    if (!good) return bad_request("Invalid domain name: " + name + ". Wildcards are not served");
    if (name.find_first_not_of("0123456789.") == std::string::npos) {
        return bad_request("Invalid domain name: " + name + " is an address");
    }
    if (name.find(".execute-api.") != std::string::npos || name.find(".lambda-url.") != std::string::npos) {
        return bad_request("Invalid domain name: " + name + " is a host of the server's own");
    }
    return name;
}

template <class Input>
Status take_configuration(const Input& input, engine::DomainName& domain) {
    if (input.RoutingMode && *input.RoutingMode != "API_MAPPING_ONLY") {
        return bad_request("Millrace does not honour RoutingMode " + *input.RoutingMode +
                           ": there are no routing rules");
    }
    if (!input.DomainNameConfigurations || input.DomainNameConfigurations->empty()) return {};
    if (input.DomainNameConfigurations->size() > 1) {
        return bad_request("Millrace does not honour more than one of DomainNameConfigurations");
    }
    const DomainNameConfiguration& given = input.DomainNameConfigurations->front();
    if (given.OwnershipVerificationCertificateArn) {
        return bad_request("Millrace does not honour OwnershipVerificationCertificateArn: ownership is not verified");
    }
    if (given.EndpointType && *given.EndpointType != "REGIONAL") {
        return bad_request("HTTP APIs have domain names of EndpointType REGIONAL");
    }
    if (given.IpAddressType && *given.IpAddressType != "ipv4") {
        return bad_request("Millrace does not honour IpAddressType " + *given.IpAddressType);
    }
    take(given.CertificateArn, domain.certificate_arn);
    take(given.CertificateName, domain.certificate_name);
    take(given.SecurityPolicy, domain.security_policy);
    return {};
}

// The mapping's API and stage have to be there; its key may be no other's.
Status check_mapping(const engine::ApiMapping& mapping, const engine::DomainName& domain, engine::HttpApis& apis) {
    const auto api = apis.find(domain.scope, mapping.api_id);
    if (!api.ok()) {
        return bad_request("Invalid API identifier specified: " + mapping.api_id +
                           " is no HTTP API (REST APIs are mapped by API Gateway's own CreateBasePathMapping)");
    }
    if (!(*api)->stages.contains(mapping.stage)) return bad_request("Invalid stage identifier specified");
    const std::string& key = mapping.key;
    const bool good = key.size() <= 300 && !key.starts_with('/') && !key.ends_with('/') &&
                      key.find("//") == std::string::npos && std::all_of(key.begin(), key.end(), [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                 std::string_view("$-_.+!*'()/").find(c) != std::string_view::npos;
                      });
    if (!good) return bad_request("API mapping key should not start with '/' or have consecutive '/'s.");
    for (const auto& [id, other] : domain.mappings) {
        if (id != mapping.id && other.key == key) {
            return Error{ErrorCode::already_exists, "ApiMapping key already exists for this domain name"};
        }
    }
    return {};
}

}  // namespace

aws::Outcome<CreateDomainNameOutput> ApiGatewayV2::create_domain_name(const Context& context,
                                                                      const CreateDomainNameInput& input) {
    engine::DomainName domain;
    domain.scope = context.scope;
    take(input.Tags, domain.tags);
    Result<std::string> name = host_of(input.DomainName);
    if (!name.ok()) return failure_of(name.error());
    domain.name = *name;
    for (const Status& status : {check_tags(domain.tags), take_configuration(input, domain)}) {
        if (!status.ok()) return failure_of(status.error());
    }
    const auto created = apis_.create_domain(std::move(domain));
    if (!created.ok()) return failure_of(created.error());
    return show_domain<CreateDomainNameOutput>(**created);
}

aws::Outcome<GetDomainNameOutput> ApiGatewayV2::get_domain_name(const Context& context,
                                                                const GetDomainNameInput& input) {
    const auto domain = apis_.find_domain(context.scope, input.DomainName);
    if (!domain.ok()) return failure_of(domain.error());
    return show_domain<GetDomainNameOutput>(**domain);
}

aws::Outcome<GetDomainNamesOutput> ApiGatewayV2::get_domain_names(const Context& context,
                                                                  const GetDomainNamesInput& input) {
    std::map<std::string, engine::HttpApis::Domain> all;
    for (engine::HttpApis::Domain& domain : apis_.domains(context.scope)) all[domain->name] = std::move(domain);
    GetDomainNamesOutput out;
    const Status filled = fill_page(
        input, all, out, [](const engine::HttpApis::Domain& domain) { return show_domain<DomainName>(*domain); });
    if (!filled.ok()) return failure_of(filled.error());
    return out;
}

aws::Outcome<UpdateDomainNameOutput> ApiGatewayV2::update_domain_name(const Context& context,
                                                                      const UpdateDomainNameInput& input) {
    const auto changed = apis_.edit_domain(context.scope, input.DomainName, [&](engine::DomainName& domain) -> Status {
        return take_configuration(input, domain);
    });
    if (!changed.ok()) return failure_of(changed.error());
    return show_domain<UpdateDomainNameOutput>(**changed);
}

aws::Outcome<DeleteDomainNameOutput> ApiGatewayV2::delete_domain_name(const Context& context,
                                                                      const DeleteDomainNameInput& input) {
    const Status removed = apis_.remove_domain(context.scope, input.DomainName);
    if (!removed.ok()) return failure_of(removed.error());
    return DeleteDomainNameOutput{};
}

aws::Outcome<CreateApiMappingOutput> ApiGatewayV2::create_api_mapping(const Context& context,
                                                                      const CreateApiMappingInput& input) {
    engine::ApiMapping mapping{engine::new_id(6), input.ApiMappingKey.value_or(""), input.ApiId, input.Stage};
    const auto changed = apis_.edit_domain(context.scope, input.DomainName, [&](engine::DomainName& domain) -> Status {
        if (domain.mappings.size() >= engine::mappings_max) {
            return Error{ErrorCode::resource_exhausted, "Maximum number of API mappings has been reached: 200"};
        }
        TRY(check_mapping(mapping, domain, apis_));
        domain.mappings[mapping.id] = mapping;
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return show_mapping<CreateApiMappingOutput>(mapping);
}

aws::Outcome<GetApiMappingOutput> ApiGatewayV2::get_api_mapping(const Context& context,
                                                                const GetApiMappingInput& input) {
    const auto domain = apis_.find_domain(context.scope, input.DomainName);
    if (!domain.ok()) return failure_of(domain.error());
    const auto at = (*domain)->mappings.find(input.ApiMappingId);
    if (at == (*domain)->mappings.end()) return failure_of(none_such("ApiMapping", input.ApiMappingId));
    return show_mapping<GetApiMappingOutput>(at->second);
}

aws::Outcome<GetApiMappingsOutput> ApiGatewayV2::get_api_mappings(const Context& context,
                                                                  const GetApiMappingsInput& input) {
    const auto domain = apis_.find_domain(context.scope, input.DomainName);
    if (!domain.ok()) return failure_of(domain.error());
    GetApiMappingsOutput out;
    const Status filled = fill_page(input, (*domain)->mappings, out, show_mapping<ApiMapping>);
    if (!filled.ok()) return failure_of(filled.error());
    return out;
}

aws::Outcome<UpdateApiMappingOutput> ApiGatewayV2::update_api_mapping(const Context& context,
                                                                      const UpdateApiMappingInput& input) {
    engine::ApiMapping mapping;
    const auto changed = apis_.edit_domain(context.scope, input.DomainName, [&](engine::DomainName& domain) -> Status {
        const auto at = domain.mappings.find(input.ApiMappingId);
        if (at == domain.mappings.end()) return none_such("ApiMapping", input.ApiMappingId);
        mapping = at->second;
        take(input.ApiId, mapping.api_id);
        take(input.ApiMappingKey, mapping.key);
        take(input.Stage, mapping.stage);
        TRY(check_mapping(mapping, domain, apis_));
        at->second = mapping;
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return show_mapping<UpdateApiMappingOutput>(mapping);
}

aws::Outcome<DeleteApiMappingOutput> ApiGatewayV2::delete_api_mapping(const Context& context,
                                                                      const DeleteApiMappingInput& input) {
    const auto changed = apis_.edit_domain(context.scope, input.DomainName, [&](engine::DomainName& domain) -> Status {
        if (domain.mappings.erase(input.ApiMappingId) == 0) return none_such("ApiMapping", input.ApiMappingId);
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return DeleteApiMappingOutput{};
}

}  // namespace millrace::service::apigatewayv2
