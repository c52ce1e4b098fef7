// Custom domains of REST APIs and of HTTP APIs are kept apart, and a host is asked of both: a name is one account's.
#pragma once

#include <string_view>

#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::catalog {
class Registry;
}

namespace millrace::gateway {

constexpr std::string_view rest_domain_kind = "gateway.domain";  // in the Registry, by name
constexpr std::string_view http_domain_kind = "httpapi.domain";  // likewise

// already_exists where another account has the name under `other_kind`.
Status check_no_others_domain(catalog::Registry& registry, std::string_view other_kind, const Scope& scope,
                              std::string_view name);

}  // namespace millrace::gateway
