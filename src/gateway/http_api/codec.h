// HTTP APIs, snapshots and domain names as the registry keeps them: JSON, with a version field.
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/gateway/http_api/definition.h"

namespace millrace::gateway::http_api {

std::string encode(const HttpApi& api);  // without its deployments' snapshots
std::string encode(const Snapshot& snapshot);
std::string encode(const DomainName& domain);
// corruption. The scope is the registry's.
Result<HttpApi> decode_api(std::string_view text, const Scope& scope);
Result<Snapshot> decode_snapshot(std::string_view text);
Result<DomainName> decode_domain(std::string_view text, const Scope& scope);

}  // namespace millrace::gateway::http_api
