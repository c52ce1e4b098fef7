#include "src/gateway/registry/domain_owner.h"

#include "src/catalog/registry.h"

namespace millrace::gateway {

Status check_no_others_domain(catalog::Registry& registry, std::string_view other_kind, const Scope& scope,
                              std::string_view name) {
    bool taken = false;
    TRY(registry.for_each(other_kind, [&](const Scope& owner, const catalog::Entry& entry) {
        taken = taken || (entry.name == name && owner.account != scope.account);
    }));
    if (!taken) return {};
    return {ErrorCode::already_exists, "The domain name you provided already exists."};
}

}  // namespace millrace::gateway
