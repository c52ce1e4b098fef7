// REST APIs and what belongs to them, as the registry keeps them: JSON with a format number. Members that are empty
// are left out and unknown ones ignored, so a field can be added without a new format.
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/gateway/definition.h"
#include "src/gateway/registry/domain_owner.h"

namespace millrace::gateway {

constexpr std::string_view api_kind = "gateway.api";                // by id: RestApi
constexpr std::string_view deployment_kind = "gateway.deployment";  // child_key(): Deployment
constexpr std::string_view stage_kind = "gateway.stage";            // child_key(): Stage
constexpr std::string_view key_kind = "gateway.key";                // by id: ApiKey
constexpr std::string_view plan_kind = "gateway.plan";              // by id: UsagePlan
constexpr std::string_view domain_kind = rest_domain_kind;          // by name: DomainName

// "API/NAME": of deployments and stages.
inline std::string child_key(std::string_view api, std::string_view name) {
    return std::string(api) + "/" + std::string(name);
}

std::string encode(const RestApi& it);
std::string encode(const Deployment& it);
std::string encode(const Stage& it);
std::string encode(const ApiKey& it);
std::string encode(const UsagePlan& it);
std::string encode(const DomainName& it);

// corruption where the text is not what encode() wrote; unsupported where a newer millrace did. The scope is the
// registry's.
Status decode(const Scope& scope, std::string_view text, RestApi* out);
Status decode(const Scope& scope, std::string_view text, Deployment* out);
Status decode(const Scope& scope, std::string_view text, Stage* out);
Status decode(const Scope& scope, std::string_view text, ApiKey* out);
Status decode(const Scope& scope, std::string_view text, UsagePlan* out);
Status decode(const Scope& scope, std::string_view text, DomainName* out);
// The same without the snapshot.
Status decode(const Scope& scope, std::string_view text, DeploymentNote* out);

}  // namespace millrace::gateway
