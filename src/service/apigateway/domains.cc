#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/page.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

constexpr std::string_view no_routing_rules = "base path mappings say what a path leads to";
constexpr std::string_view no_tls_policies = "the server's own TLS settings hold for every domain";

template <class Out>
Out show(const gateway::DomainName& it) {
    Out out;
    out.domainName = it.name;
    out.domainNameArn = "arn:aws:apigateway:" + it.scope.region + "::/domainnames/" + it.name;
    out.certificateName = unless_empty(it.certificate_name);
    out.certificateArn = unless_empty(it.certificate_arn);
    out.regionalCertificateName = unless_empty(it.regional_certificate_name);
    out.regionalCertificateArn = unless_empty(it.regional_certificate_arn);
    // A name to point the domain's own at. It leads here as every name under localhost does; what is asked under it
    // alone is nobody's, as at AWS.
    const std::string target =
        "d-" + hex_encode(md5(it.name)).substr(0, 10) + ".execute-api." + it.scope.region + ".localhost";
    if (it.endpoint_types.front() == "EDGE") {
        out.distributionDomainName = target;
        out.distributionHostedZoneId = "Z2FDTNDATAQYW2";
    } else {
        out.regionalDomainName = target;
        out.regionalHostedZoneId = "Z1UJRXOUMOOFQ8";
    }
    auto& endpoint = out.endpointConfiguration.emplace();
    endpoint.types = it.endpoint_types;
    endpoint.ipAddressType = "ipv4";
    out.domainNameStatus = "AVAILABLE";
    out.securityPolicy = it.security_policy;
    out.routingMode = "BASE_PATH_MAPPING_ONLY";
    out.tags = unless_empty(it.tags);
    return out;
}

aws::Outcome<void> check_name(const std::string& name) {
    const bool good = name.size() <= 253 && name.find('.') != std::string::npos && name.front() != '.' &&
                      name.back() != '.' && name.find("..") == std::string::npos &&
                      only_of(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") && !only_of(name, "0123456789.");
    if (good) return {};
    return bad_request(
        "Invalid domain name specified: " + name +
        " (lower-case letters, digits, hyphens and dots; wildcards are not served, addresses are no names)");
}

aws::Outcome<void> take_policy(gateway::DomainName& domain, const Patch& patch) {
    if (patch.text() != "TLS_1_0" && patch.text() != "TLS_1_2") return not_honoured("securityPolicy", no_tls_policies);
    domain.security_policy = patch.text();
    return {};
}

aws::Outcome<void> take_type(gateway::DomainName& domain, const Patch& patch) {
    TRY(check_endpoint_types({patch.text()}));
    domain.endpoint_types = {patch.text()};
    return {};
}

const PatchTable<gateway::DomainName>& patch_table() {
    using gateway::DomainName;
    static const PatchTable<DomainName> table(
        PatchErrors::naming_paths,
        {
            {{"/certificateName", "replace remove"}, patch_text(&DomainName::certificate_name)},
            {{"/certificateArn", "add replace remove"}, patch_text(&DomainName::certificate_arn)},
            {{"/regionalCertificateName", "add replace remove"}, patch_text(&DomainName::regional_certificate_name)},
            {{"/regionalCertificateArn", "add replace remove"}, patch_text(&DomainName::regional_certificate_arn)},
            {{"/endpointConfiguration/types/{}", "replace"}, take_type},
            {{"/endpointConfiguration/ipAddressType", "replace"},
             patch_fixed<DomainName>("endpointConfiguration.ipAddressType", "ipv4", "the server's address is its own")},
            {{"/securityPolicy", "replace"}, take_policy},
            {{"/mutualTlsAuthentication/{}", "add replace remove"},
             patch_refused<DomainName>("mutualTlsAuthentication", "clients have no certificates")},
            {{"/routingMode", "replace"},
             patch_fixed<DomainName>("routingMode", "BASE_PATH_MAPPING_ONLY", no_routing_rules)},
        });
    return table;
}

}  // namespace

aws::Outcome<CreateDomainNameOutput> ApiGateway::create_domain_name(const aws::CallContext& context,
                                                                    const CreateDomainNameInput& input) {
    TRY(check_name(input.domainName));
    gateway::DomainName domain;
    domain.scope = context.scope;
    domain.name = input.domainName;
    domain.certificate_name = input.certificateName.value_or("");
    domain.certificate_arn = input.certificateArn.value_or("");
    domain.regional_certificate_name = input.regionalCertificateName.value_or("");
    domain.regional_certificate_arn = input.regionalCertificateArn.value_or("");
    if (input.endpointConfiguration && input.endpointConfiguration->types) {
        TRY(check_endpoint_types(*input.endpointConfiguration->types));
        domain.endpoint_types = *input.endpointConfiguration->types;
    }
    if (input.endpointConfiguration && input.endpointConfiguration->ipAddressType.value_or("ipv4") != "ipv4") {
        return not_honoured("endpointConfiguration.ipAddressType", "the server's address is its own");
    }
    if (input.routingMode.value_or("BASE_PATH_MAPPING_ONLY") != "BASE_PATH_MAPPING_ONLY") {
        return not_honoured("routingMode", no_routing_rules);
    }
    const std::string policy = input.securityPolicy.value_or("TLS_1_2");
    if (policy != "TLS_1_0" && policy != "TLS_1_2") return not_honoured("securityPolicy", no_tls_policies);
    domain.security_policy = policy;
    if (input.tags) domain.tags = *input.tags;
    TRY(check_tags(domain.tags));
    Result<std::shared_ptr<const gateway::DomainName>> made = apis_.create_domain(std::move(domain));
    if (!made.ok() && made.error().code == ErrorCode::already_exists) return bad_request(made.error().message);
    TRY_ASSIGN(const auto created, outcome_of(std::move(made)));
    return show<CreateDomainNameOutput>(*created);
}

aws::Outcome<GetDomainNameOutput> ApiGateway::get_domain_name(const aws::CallContext& context,
                                                              const GetDomainNameInput& input) {
    TRY_ASSIGN(const auto domain, outcome_of(apis_.find_domain(context.scope, input.domainName)));
    return show<GetDomainNameOutput>(*domain);
}

aws::Outcome<GetDomainNamesOutput> ApiGateway::get_domain_names(const aws::CallContext& context,
                                                                const GetDomainNamesInput& input) {
    return page_of<GetDomainNamesOutput>(
        input, apis_.domains(context.scope), [](const auto& domain) -> const std::string& { return domain->name; },
        [](const auto& domain) { return show<DomainName>(*domain); });
}

aws::Outcome<UpdateDomainNameOutput> ApiGateway::update_domain_name(const aws::CallContext& context,
                                                                    const UpdateDomainNameInput& input) {
    TRY_ASSIGN(const auto domain,
               edit_with<gateway::DomainName>(
                   [&](gateway::DomainName& it) { return patch_table().apply(it, patches_of(input.patchOperations)); },
                   [&](const auto& edit) { return apis_.edit_domain(context.scope, input.domainName, edit); }));
    return show<UpdateDomainNameOutput>(*domain);
}

aws::Outcome<DeleteDomainNameOutput> ApiGateway::delete_domain_name(const aws::CallContext& context,
                                                                    const DeleteDomainNameInput& input) {
    TRY(outcome_of(apis_.remove_domain(context.scope, input.domainName)));
    return DeleteDomainNameOutput{};
}

}  // namespace millrace::service::apigateway
