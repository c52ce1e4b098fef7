#include "src/gateway/http_api/http_apis.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "src/base/checksum.h"
#include "src/catalog/registry.h"
#include "src/gateway/http_api/codec.h"
#include "src/gateway/http_api/route_key.h"
#include "src/gateway/registry/domain_owner.h"
#include "src/io/clock.h"

namespace millrace::gateway::http_api {
namespace {

constexpr std::string_view api_kind = "httpapi.api";
constexpr std::string_view deployment_kind = "httpapi.deployment";  // "API/DEPLOYMENT"
constexpr std::string_view domain_kind = http_domain_kind;

Error no_api(std::string_view id) {
    return {ErrorCode::not_found, "Invalid API identifier specified " + std::string(id)};
}
Error no_domain() {
    return {ErrorCode::not_found, "The domain name resource specified in the request was not found."};
}

std::string deployment_name(const std::string& api, const std::string& deployment) {
    return api + "/" + deployment;
}

void give(Deployment& deployment, Snapshot snapshot) {
    deployment.snapshot = std::make_shared<const Snapshot>(std::move(snapshot));
    deployment.routes = std::make_shared<const RouteTable>(deployment.snapshot->routes);
}

class Registered final : public HttpApis {
  public:
    Registered(catalog::Registry& registry, const io::Clock& clock) : registry_(registry), clock_(clock) {}

    Status load() {
        Status damaged;
        TRY(registry_.for_each(api_kind, [&](const Scope& scope, const catalog::Entry& entry) {
            Result<HttpApi> api = decode_api(entry.value, scope);
            if (!api.ok()) return static_cast<void>(damaged = with_context(api.error(), entry.name));
            apis_[entry.name] = std::make_shared<const HttpApi>(std::move(api).value());
        }));
        TRY(damaged);
        std::vector<std::pair<Scope, std::string>> orphans;
        TRY(registry_.for_each(deployment_kind, [&](const Scope& scope, const catalog::Entry& entry) {
            if (!take_snapshot(entry, damaged)) orphans.emplace_back(scope, entry.name);
        }));
        TRY(damaged);
        for (const auto& [scope, name] : orphans) TRY(registry_.remove(deployment_kind, scope, name));
        for (const auto& [id, api] : apis_) {
            for (const auto& [deployment_id, deployment] : api->deployments) {
                if (deployment.snapshot) continue;
                return Error{ErrorCode::corruption, "HTTP API " + id + ": deployment " + deployment_id + " is missing"};
            }
        }
        TRY(registry_.for_each(domain_kind, [&](const Scope& scope, const catalog::Entry& entry) {
            Result<DomainName> domain = decode_domain(entry.value, scope);
            if (!domain.ok()) return static_cast<void>(damaged = with_context(domain.error(), entry.name));
            domains_[entry.name] = std::make_shared<const DomainName>(std::move(domain).value());
        }));
        return damaged;
    }

    Result<Api> create(HttpApi api) override {
        const std::lock_guard writer(writers_);
        if (list(api.scope).size() >= apis_max) return too_many("APIs", apis_max);
        do {
            api.id = new_id(10);
        } while (of_host(api.id) != nullptr);
        api.created = clock_.now();
        return store(std::move(api), nullptr);
    }

    Result<Api> find(const Scope& scope, std::string_view id) override {
        Api api = of_host(id);
        if (api == nullptr || api->scope != scope) return no_api(id);
        return api;
    }

    std::vector<Api> list(const Scope& scope) override {
        const std::lock_guard reader(readers_);
        std::vector<Api> found;
        for (const auto& [id, api] : apis_) {
            if (api->scope == scope) found.push_back(api);
        }
        return found;
    }

    Result<Api> edit(const Scope& scope, std::string_view id, const Edit& edit) override {
        const std::lock_guard writer(writers_);
        TRY_ASSIGN(const Api before, find(scope, id));
        HttpApi after = *before;
        TRY(edit(after));
        if (!(after.current == before->current)) TRY(deploy_by_itself(after));
        return store(std::move(after), before);
    }

    Status remove(const Scope& scope, std::string_view id) override {
        const std::lock_guard writer(writers_);
        TRY_ASSIGN(const Api api, find(scope, id));
        TRY(registry_.remove(api_kind, scope, id));
        {
            const std::lock_guard reader(readers_);
            apis_.erase(api->id);
        }
        for (const auto& [deployment_id, deployment] : api->deployments) {
            TRY(registry_.remove(deployment_kind, scope, deployment_name(api->id, deployment_id)));
        }
        return {};
    }

    Api of_host(std::string_view id) override {
        const std::lock_guard reader(readers_);
        const auto at = apis_.find(id);
        return at == apis_.end() ? nullptr : at->second;
    }

    Result<Domain> create_domain(DomainName domain) override {
        const std::lock_guard writer(writers_);
        if (domain_of_host(domain.name) != nullptr) {
            return Error{ErrorCode::already_exists, "The domain name you provided already exists."};
        }
        TRY(check_no_others_domain(registry_, rest_domain_kind, domain.scope, domain.name));
        if (domains(domain.scope).size() >= domains_max) return too_many("domain names", domains_max);
        domain.created = clock_.now();
        return store(std::move(domain));
    }

    Result<Domain> find_domain(const Scope& scope, std::string_view name) override {
        Domain domain = domain_of_host(name);
        if (domain == nullptr || domain->scope != scope) return no_domain();
        return domain;
    }

    std::vector<Domain> domains(const Scope& scope) override {
        const std::lock_guard reader(readers_);
        std::vector<Domain> found;
        for (const auto& [name, domain] : domains_) {
            if (domain->scope == scope) found.push_back(domain);
        }
        return found;
    }

    Result<Domain> edit_domain(const Scope& scope, std::string_view name, const DomainEdit& edit) override {
        const std::lock_guard writer(writers_);
        TRY_ASSIGN(const Domain before, find_domain(scope, name));
        DomainName after = *before;
        TRY(edit(after));
        return store(std::move(after));
    }

    Status remove_domain(const Scope& scope, std::string_view name) override {
        const std::lock_guard writer(writers_);
        TRY_ASSIGN(const Domain domain, find_domain(scope, name));
        TRY(registry_.remove(domain_kind, scope, domain->name));
        const std::lock_guard reader(readers_);
        domains_.erase(domain->name);
        return {};
    }

    Domain domain_of_host(std::string_view host) override {
        const std::lock_guard reader(readers_);
        const auto at = domains_.find(host);
        return at == domains_.end() ? nullptr : at->second;
    }

  private:
    static Error too_many(std::string_view what, size_t limit) {
        return {ErrorCode::resource_exhausted,
                "Maximum number of " + std::string(what) + " has been reached: " + std::to_string(limit)};
    }

    // False: no API names it; a crash came between the two writes.
    bool take_snapshot(const catalog::Entry& entry, Status& damaged) {
        const size_t slash = entry.name.find('/');
        const auto api = apis_.find(entry.name.substr(0, slash));
        if (api == apis_.end()) return false;
        HttpApi changed = *api->second;
        const auto deployment = changed.deployments.find(entry.name.substr(slash + 1));
        if (deployment == changed.deployments.end()) return false;
        Result<Snapshot> snapshot = decode_snapshot(entry.value);
        if (!snapshot.ok()) {
            damaged = with_context(snapshot.error(), entry.name);
            return true;
        }
        give(deployment->second, std::move(snapshot).value());
        api->second = std::make_shared<const HttpApi>(std::move(changed));
        return true;
    }

    Status deploy_by_itself(HttpApi& api) {
        const bool any =
            std::any_of(api.stages.begin(), api.stages.end(), [](const auto& one) { return one.second.auto_deploy; });
        if (!any) return {};
        TRY_ASSIGN(const std::string id,
                   add_deployment(api, "Automatic deployment triggered by changes to the Api configuration", true,
                                  clock_.now()));
        for (auto& [name, stage] : api.stages) {
            if (!stage.auto_deploy) continue;
            stage.deployment_id = id;
            stage.updated = clock_.now();
        }
        return {};
    }

    static void drop_unused(HttpApi& api) {
        std::set<std::string_view> used;
        for (const auto& [name, stage] : api.stages) used.insert(stage.deployment_id);
        std::erase_if(api.deployments,
                      [&](const auto& one) { return one.second.automatic && !used.contains(one.first); });
    }

    // New snapshots, then the API, then those that are gone are forgotten.
    Result<Api> store(HttpApi api, const Api& before) {
        drop_unused(api);
        const auto had = [&](const std::string& id) { return before != nullptr && before->deployments.contains(id); };
        for (const auto& [id, deployment] : api.deployments) {
            if (had(id)) continue;
            TRY(registry_.put(deployment_kind, api.scope, deployment_name(api.id, id), encode(*deployment.snapshot)));
        }
        TRY(registry_.put(api_kind, api.scope, api.id, encode(api)));
        Api stored = std::make_shared<const HttpApi>(std::move(api));
        {
            const std::lock_guard reader(readers_);
            apis_[stored->id] = stored;
        }
        if (before == nullptr) return stored;
        for (const auto& [id, deployment] : before->deployments) {
            if (stored->deployments.contains(id)) continue;
            TRY(registry_.remove(deployment_kind, stored->scope, deployment_name(stored->id, id)));
        }
        return stored;
    }

    Result<Domain> store(DomainName domain) {
        TRY(registry_.put(domain_kind, domain.scope, domain.name, encode(domain)));
        Domain stored = std::make_shared<const DomainName>(std::move(domain));
        const std::lock_guard reader(readers_);
        domains_[stored->name] = stored;
        return stored;
    }

    catalog::Registry& registry_;
    const io::Clock& clock_;
    std::mutex writers_;  // held over disk; before readers_
    std::mutex readers_;
    std::map<std::string, Api, std::less<>> apis_;
    std::map<std::string, Domain, std::less<>> domains_;
};

}  // namespace

Result<std::unique_ptr<HttpApis>> HttpApis::open(catalog::Registry& registry, const io::Clock& clock) {
    auto apis = std::make_unique<Registered>(registry, clock);
    TRY(apis->load());
    return std::unique_ptr<HttpApis>(std::move(apis));
}

Result<std::string> add_deployment(HttpApi& api, std::string description, bool automatic, TimestampMs now) {
    if (api.deployments.size() >= deployments_max) {
        return Error{ErrorCode::resource_exhausted, "Maximum number of deployments has been reached: 1000"};
    }
    Deployment deployment;
    do {
        deployment.id = new_id(6);
    } while (api.deployments.contains(deployment.id));
    deployment.description = std::move(description);
    deployment.created = now;
    deployment.automatic = automatic;
    give(deployment, api.current);
    const std::string id = deployment.id;
    api.deployments.emplace(id, std::move(deployment));
    return id;
}

std::string new_id(size_t characters) {
    static constexpr char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::string id = random_bytes(characters);
    for (char& c : id) c = letters[static_cast<unsigned char>(c) % 36];
    return id;
}

}  // namespace millrace::gateway::http_api
