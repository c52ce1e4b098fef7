// The registry of HTTP APIs: what API Gateway v2's control plane edits and its data plane serves. Everything is durable
// on return, and in memory for the data plane.
//
// An API is one entry; each deployment's snapshot is one of its own, written before the API that names it. Any thread.
// What is handed out is immutable: an edit makes a new one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/gateway/http_api/definition.h"

namespace millrace::catalog {
class Registry;
}
namespace millrace::io {
class Clock;
}

namespace millrace::gateway::http_api {

// AWS's quotas: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
constexpr size_t apis_max = 600;
constexpr size_t routes_max = 300;
constexpr size_t integrations_max = 300;
constexpr size_t authorizers_max = 10;
constexpr size_t stages_max = 10;
constexpr size_t deployments_max = 1'000;  // a choice of ours
constexpr size_t mappings_max = 200;
constexpr size_t domains_max = 120;

class HttpApis {
  public:
    using Api = std::shared_ptr<const HttpApi>;
    using Domain = std::shared_ptr<const DomainName>;

    // `registry` and `clock` outlive it. corruption, io.
    static Result<std::unique_ptr<HttpApis>> open(catalog::Registry& registry, const io::Clock& clock);
    virtual ~HttpApis() = default;

    // Fills in id and created. resource_exhausted.
    virtual Result<Api> create(HttpApi api) = 0;
    virtual Result<Api> find(const Scope& scope, std::string_view id) = 0;  // not_found
    virtual std::vector<Api> list(const Scope& scope) = 0;                  // by id
    // One after the other for an API. The edit's error is returned and nothing changes. Where `current` changed, every
    // stage that deploys by itself gets a new deployment, and automatic ones that no stage serves any more go.
    using Edit = std::function<Status(HttpApi&)>;
    virtual Result<Api> edit(const Scope& scope, std::string_view id, const Edit& edit) = 0;
    virtual Status remove(const Scope& scope, std::string_view id) = 0;  // with all it has; not_found

    // The data plane's: whichever scope's. null where there is none. No disk, one short lock.
    virtual Api of_host(std::string_view api_id) = 0;

    virtual Result<Domain> create_domain(DomainName domain) = 0;  // already_exists, resource_exhausted
    virtual Result<Domain> find_domain(const Scope& scope, std::string_view name) = 0;  // not_found
    virtual std::vector<Domain> domains(const Scope& scope) = 0;
    using DomainEdit = std::function<Status(DomainName&)>;
    virtual Result<Domain> edit_domain(const Scope& scope, std::string_view name, const DomainEdit& edit) = 0;
    virtual Status remove_domain(const Scope& scope, std::string_view name) = 0;
    virtual Domain domain_of_host(std::string_view host) = 0;  // in lower case, without its port
};

// Adds a deployment of what `current` is to an API that is being edited; returns its id.
Result<std::string> add_deployment(HttpApi& api, std::string description, bool automatic, TimestampMs now);
// As AWS's: ten characters of [a-z0-9] (APIs), seven (the rest).
std::string new_id(size_t characters = 7);

}  // namespace millrace::gateway::http_api
