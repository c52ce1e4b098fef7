// The registry of REST APIs over the catalog's. One change at a time: `edits_` is held across a check and the write
// that it decides about; `mutex_` only while memory is looked at or changed, so the data plane never waits for a disk.
// What is in memory changes under both: who holds `edits_` may read without `mutex_`.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/gateway/registry/kept.h"
#include "src/gateway/rest_apis.h"

namespace millrace::gateway {

class StoredRestApis final : public RestApis {
  public:
    StoredRestApis(catalog::Registry& registry, const io::Clock& clock);
    Status load();

    // apis.cc
    Result<std::shared_ptr<const RestApi>> create(RestApi api) override;
    Result<std::shared_ptr<const RestApi>> find(const Scope& scope, std::string_view id) override;
    std::vector<std::shared_ptr<const RestApi>> list(const Scope& scope) override;
    Result<std::shared_ptr<const RestApi>> edit(const Scope& scope, std::string_view id, const Edit& edit) override;
    Status remove(const Scope& scope, std::string_view id) override;

    // deployments.cc
    Result<DeploymentNote> deploy(const Scope& scope, std::string_view api, std::string description) override;
    Result<std::shared_ptr<const Deployment>> deployment(const Scope& scope, std::string_view api,
                                                         std::string_view id) override;
    Result<std::vector<DeploymentNote>> deployments(const Scope& scope, std::string_view api) override;
    Result<DeploymentNote> describe_deployment(const Scope& scope, std::string_view api, std::string_view id,
                                               std::string description) override;
    Status remove_deployment(const Scope& scope, std::string_view api, std::string_view id) override;

    // stages.cc
    Result<std::shared_ptr<const Stage>> create_stage(const Scope& scope, std::string_view api, Stage stage) override;
    Result<std::shared_ptr<const Stage>> edit_stage(const Scope& scope, std::string_view api, std::string_view name,
                                                    const StageEdit& edit) override;
    Status remove_stage(const Scope& scope, std::string_view api, std::string_view name) override;
    Result<std::shared_ptr<const Stage>> find_stage(const Scope& scope, std::string_view api,
                                                    std::string_view name) override;
    Result<std::vector<std::shared_ptr<const Stage>>> stages(const Scope& scope, std::string_view api) override;
    std::shared_ptr<const Served> served(std::string_view api, std::string_view stage) override;

    // keys.cc
    Result<std::shared_ptr<const ApiKey>> create_key(ApiKey key) override;
    Result<std::shared_ptr<const ApiKey>> edit_key(const Scope& scope, std::string_view id,
                                                   const KeyEdit& edit) override;
    Result<std::shared_ptr<const ApiKey>> find_key(const Scope& scope, std::string_view id) override;
    std::vector<std::shared_ptr<const ApiKey>> keys(const Scope& scope) override;
    Status remove_key(const Scope& scope, std::string_view id) override;
    std::shared_ptr<const ApiKey> find_key_value(const Scope& scope, std::string_view value) override;
    Result<std::shared_ptr<const UsagePlan>> create_plan(UsagePlan plan) override;
    Result<std::shared_ptr<const UsagePlan>> edit_plan(const Scope& scope, std::string_view id,
                                                       const PlanEdit& edit) override;
    Result<std::shared_ptr<const UsagePlan>> find_plan(const Scope& scope, std::string_view id) override;
    std::vector<std::shared_ptr<const UsagePlan>> plans(const Scope& scope) override;
    Status remove_plan(const Scope& scope, std::string_view id) override;
    std::shared_ptr<const UsagePlan> plan_of(const Scope& scope, std::string_view key_id, std::string_view api,
                                             std::string_view stage) override;

    // domains.cc
    Result<std::shared_ptr<const DomainName>> create_domain(DomainName domain) override;
    Result<std::shared_ptr<const DomainName>> edit_domain(const Scope& scope, std::string_view name,
                                                          const DomainEdit& edit) override;
    Result<std::shared_ptr<const DomainName>> find_domain(const Scope& scope, std::string_view name) override;
    std::vector<std::shared_ptr<const DomainName>> domains(const Scope& scope) override;
    Status remove_domain(const Scope& scope, std::string_view name) override;
    std::shared_ptr<const DomainName> domain_of_host(std::string_view host) override;

  private:
    using Lock = std::lock_guard<std::mutex>;
    using Writing = std::lock_guard<std::shared_mutex>;
    using Reading = std::shared_lock<std::shared_mutex>;

    // What hangs on an API.
    struct Parts {
        Scope scope;
        std::map<std::string, DeploymentNote, std::less<>> deployments;            // by id
        std::map<std::string, std::shared_ptr<const Served>, std::less<>> stages;  // by name
    };

    // not_found as the API is not that scope's. With either lock held.
    Result<Parts*> parts_of(const Scope& scope, std::string_view api);
    Status forget_orphans(std::string_view kind);
    Status load_deployments();
    Status load_stages();
    // invalid_argument where there is none. With edits_ held.
    Result<std::shared_ptr<const Deployment>> load_deployment(const Parts& parts, std::string_view api,
                                                              std::string_view id);
    Status serve(Parts& parts, std::string_view api, std::shared_ptr<const Stage> stage);
    Status write_plan(const UsagePlan& plan);
    void index_plan(const UsagePlan& plan, const std::shared_ptr<const UsagePlan>& indexed);

    catalog::Registry& registry_;
    const io::Clock& clock_;
    std::mutex edits_;
    std::shared_mutex mutex_;
    Kept<RestApi> apis_;
    Kept<ApiKey> keys_;
    Kept<UsagePlan> plans_;
    Kept<DomainName> domains_;
    std::map<std::string, Parts, std::less<>> parts_;  // by API
    std::map<std::pair<Scope, std::string>, std::shared_ptr<const ApiKey>> key_values_;
    std::unordered_map<std::string, std::vector<std::shared_ptr<const UsagePlan>>> plans_by_key_;
    std::map<std::string, std::shared_ptr<const DomainName>, std::less<>> hosts_;
    uint64_t generation_ = 0;  // of what was served last
};

}  // namespace millrace::gateway
