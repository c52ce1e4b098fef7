// The registry of REST APIs: what API Gateway's control plane edits and its data plane serves. Everything is durable on
// return, and in memory for the data plane.
//
// Any thread. What is handed out is immutable: an edit makes a new one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/gateway/definition.h"

namespace millrace::catalog {
class Registry;
}
namespace millrace::io {
class Clock;
}

namespace millrace::gateway {

// What a stage serves now. A new one whenever the stage, its deployment, or what its methods use outside the snapshot
// (usage plans are asked apart) changes; `generation` differs then, and is never used again.
struct Served {
    std::shared_ptr<const Deployment> deployment;
    std::shared_ptr<const Stage> stage;
    uint64_t generation = 0;
};

// What AWS puts into a new API: its root resource, the models "Empty" and "Error".
void begin(RestApi& api);

class RestApis {
  public:
    // `registry` and `clock` outlive it.
    static Result<std::unique_ptr<RestApis>> open(catalog::Registry& registry, const io::Clock& clock);
    virtual ~RestApis() = default;

    // Fills in id and created, and what begin() does where that was not called. resource_exhausted.
    virtual Result<std::shared_ptr<const RestApi>> create(RestApi api) = 0;
    virtual Result<std::shared_ptr<const RestApi>> find(const Scope& scope, std::string_view id) = 0;  // not_found
    virtual std::vector<std::shared_ptr<const RestApi>> list(const Scope& scope) = 0;                  // by id
    // One after the other for an API. The edit's error is returned and nothing changes.
    using Edit = std::function<Status(RestApi&)>;
    virtual Result<std::shared_ptr<const RestApi>> edit(const Scope& scope, std::string_view id, const Edit& edit) = 0;
    virtual Status remove(const Scope& scope, std::string_view id) = 0;  // with its deployments and stages

    // Deployments and stages of an API; not_found also where the API is not there. A deployment is read from disk
    // unless a stage serves it.
    virtual Result<DeploymentNote> deploy(const Scope& scope, std::string_view api, std::string description) = 0;
    virtual Result<std::shared_ptr<const Deployment>> deployment(const Scope& scope, std::string_view api,
                                                                 std::string_view id) = 0;
    virtual Result<std::vector<DeploymentNote>> deployments(const Scope& scope, std::string_view api) = 0;  // by id
    virtual Result<DeploymentNote> describe_deployment(const Scope& scope, std::string_view api, std::string_view id,
                                                       std::string description) = 0;
    // failed_precondition while a stage serves it.
    virtual Status remove_deployment(const Scope& scope, std::string_view api, std::string_view id) = 0;
    // already_exists; invalid_argument where there is no such deployment, of edit_stage too. Both fill in the times.
    virtual Result<std::shared_ptr<const Stage>> create_stage(const Scope& scope, std::string_view api,
                                                              Stage stage) = 0;
    using StageEdit = std::function<Status(Stage&)>;
    virtual Result<std::shared_ptr<const Stage>> edit_stage(const Scope& scope, std::string_view api,
                                                            std::string_view name, const StageEdit& edit) = 0;
    virtual Status remove_stage(const Scope& scope, std::string_view api, std::string_view name) = 0;
    virtual Result<std::shared_ptr<const Stage>> find_stage(const Scope& scope, std::string_view api,
                                                            std::string_view name) = 0;
    virtual Result<std::vector<std::shared_ptr<const Stage>>> stages(const Scope& scope, std::string_view api) = 0;

    // The data plane's way in: by the API's id alone, as its host name says it. null where there is none. No disk, one
    // short lock.
    virtual std::shared_ptr<const Served> served(std::string_view api, std::string_view stage) = 0;

    // API keys. create fills in id, times, and value where it is "". already_exists: the value.
    virtual Result<std::shared_ptr<const ApiKey>> create_key(ApiKey key) = 0;
    using KeyEdit = std::function<Status(ApiKey&)>;
    virtual Result<std::shared_ptr<const ApiKey>> edit_key(const Scope& scope, std::string_view id,
                                                           const KeyEdit& edit) = 0;
    virtual Result<std::shared_ptr<const ApiKey>> find_key(const Scope& scope, std::string_view id) = 0;
    virtual std::vector<std::shared_ptr<const ApiKey>> keys(const Scope& scope) = 0;
    virtual Status remove_key(const Scope& scope, std::string_view id) = 0;  // out of its plans, too
    // The data plane's: which enabled or disabled key of the account has this value; null where none has.
    virtual std::shared_ptr<const ApiKey> find_key_value(const Scope& scope, std::string_view value) = 0;

    virtual Result<std::shared_ptr<const UsagePlan>> create_plan(UsagePlan plan) = 0;  // fills in id
    using PlanEdit = std::function<Status(UsagePlan&)>;
    virtual Result<std::shared_ptr<const UsagePlan>> edit_plan(const Scope& scope, std::string_view id,
                                                               const PlanEdit& edit) = 0;
    virtual Result<std::shared_ptr<const UsagePlan>> find_plan(const Scope& scope, std::string_view id) = 0;
    virtual std::vector<std::shared_ptr<const UsagePlan>> plans(const Scope& scope) = 0;
    virtual Status remove_plan(const Scope& scope, std::string_view id) = 0;
    // The data plane's: the plan that holds both this key and this stage; null where none does.
    virtual std::shared_ptr<const UsagePlan> plan_of(const Scope& scope, std::string_view key_id, std::string_view api,
                                                     std::string_view stage) = 0;

    // Custom domains: a name is one scope's alone.
    virtual Result<std::shared_ptr<const DomainName>> create_domain(DomainName domain) = 0;  // already_exists
    using DomainEdit = std::function<Status(DomainName&)>;
    virtual Result<std::shared_ptr<const DomainName>> edit_domain(const Scope& scope, std::string_view name,
                                                                  const DomainEdit& edit) = 0;
    virtual Result<std::shared_ptr<const DomainName>> find_domain(const Scope& scope, std::string_view name) = 0;
    virtual std::vector<std::shared_ptr<const DomainName>> domains(const Scope& scope) = 0;
    virtual Status remove_domain(const Scope& scope, std::string_view name) = 0;
    // The data plane's, by Host without its port, in lower case; null where there is none.
    virtual std::shared_ptr<const DomainName> domain_of_host(std::string_view host) = 0;
};

}  // namespace millrace::gateway
