#include "src/gateway/registry/domain_owner.h"
#include "src/gateway/registry/store.h"
#include "src/io/clock.h"

namespace millrace::gateway {
namespace {

constexpr size_t domains_max = 120;  // API Gateway's quota of public custom domain names of an account and region

Error no_domain() {
    return {ErrorCode::not_found, "Invalid domain name identifier specified"};
}

}  // namespace

Result<std::shared_ptr<const DomainName>> StoredRestApis::create_domain(DomainName domain) {
    const Lock lock(edits_);
    if (hosts_.contains(domain.name)) {
        return Error{ErrorCode::already_exists, "The domain name you provided already exists."};
    }
    TRY(check_no_others_domain(registry_, http_domain_kind, domain.scope, domain.name));
    if (domains_.list(domain.scope).size() >= domains_max) {
        return Error{ErrorCode::resource_exhausted, "Domain name limit exceeded"};
    }
    domain.created = clock_.now();
    TRY(domains_.write(domain.scope, domain.name, domain));
    const auto made = std::make_shared<const DomainName>(std::move(domain));
    const Writing writing(mutex_);
    domains_.place(made->scope, made->name, made);
    hosts_[made->name] = made;
    return made;
}

Result<std::shared_ptr<const DomainName>> StoredRestApis::edit_domain(const Scope& scope, std::string_view name,
                                                                      const DomainEdit& edit) {
    const Lock lock(edits_);
    const auto before = domains_.find(scope, name);
    if (!before) return no_domain();
    DomainName changed = *before;
    TRY(edit(changed));
    TRY(domains_.write(scope, changed.name, changed));
    const auto made = std::make_shared<const DomainName>(std::move(changed));
    const Writing writing(mutex_);
    domains_.place(scope, made->name, made);
    hosts_[made->name] = made;
    return made;
}

Result<std::shared_ptr<const DomainName>> StoredRestApis::find_domain(const Scope& scope, std::string_view name) {
    const Reading reading(mutex_);
    auto found = domains_.find(scope, name);
    if (!found) return no_domain();
    return found;
}

std::vector<std::shared_ptr<const DomainName>> StoredRestApis::domains(const Scope& scope) {
    const Reading reading(mutex_);
    return domains_.list(scope);
}

Status StoredRestApis::remove_domain(const Scope& scope, std::string_view name) {
    const Lock lock(edits_);
    const auto domain = domains_.find(scope, name);
    if (!domain) return no_domain();
    TRY(domains_.erase(scope, domain->name));
    const Writing writing(mutex_);
    domains_.drop(scope, domain->name);
    hosts_.erase(domain->name);
    return {};
}

std::shared_ptr<const DomainName> StoredRestApis::domain_of_host(std::string_view host) {
    const Reading reading(mutex_);
    const auto at = hosts_.find(host);
    return at == hosts_.end() ? nullptr : at->second;
}

}  // namespace millrace::gateway
