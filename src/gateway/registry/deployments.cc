#include "src/gateway/registry/new_id.h"
#include "src/gateway/registry/store.h"
#include "src/io/clock.h"

namespace millrace::gateway {
namespace {

// API Gateway has no quota of them; a bound of ours, as each holds a copy of the API on disk.
constexpr size_t deployments_max = 1000;

Error no_deployment() {
    return {ErrorCode::not_found, "Invalid Deployment identifier specified"};
}

}  // namespace

Status StoredRestApis::load_deployments() {
    Status status;
    TRY(registry_.for_each(deployment_kind, [&](const Scope& scope, const catalog::Entry& entry) {
        DeploymentNote note;
        Status decoded = decode(scope, entry.value, &note);
        if (!decoded.ok()) {
            if (status.ok()) status = with_context(decoded.error(), "the deployment " + entry.name);
            return;
        }
        Parts& parts = parts_[entry.name.substr(0, entry.name.find('/'))];
        parts.deployments[note.id] = note;
    }));
    return status;
}

Result<DeploymentNote> StoredRestApis::deploy(const Scope& scope, std::string_view api, std::string description) {
    const Lock lock(edits_);
    TRY_ASSIGN(Parts * parts, parts_of(scope, api));
    if (parts->deployments.size() >= deployments_max) {
        return Error{ErrorCode::resource_exhausted,
                     "An API has at most " + std::to_string(deployments_max) + " deployments: delete old ones"};
    }
    Deployment made;
    do {
        made.id = new_id(part_id_size);
    } while (parts->deployments.contains(made.id));
    made.description = std::move(description);
    made.created = clock_.now();
    made.api = *apis_.find(scope, api);
    TRY(registry_.put(deployment_kind, scope, child_key(api, made.id), encode(made)));
    DeploymentNote note{made.id, made.description, made.created};
    const Writing writing(mutex_);
    parts->deployments[note.id] = note;
    return note;
}

Result<std::shared_ptr<const Deployment>> StoredRestApis::load_deployment(const Parts& parts, std::string_view api,
                                                                          std::string_view id) {
    if (!parts.deployments.contains(id)) {
        return Error{ErrorCode::invalid_argument, "Deployment id does not exist"};
    }
    for (const auto& [name, served] : parts.stages) {
        if (served->deployment->id == id) return served->deployment;
    }
    TRY_ASSIGN(const std::optional<std::string> text, registry_.get(deployment_kind, parts.scope, child_key(api, id)));
    if (!text) return Error{ErrorCode::corruption, "the deployment " + child_key(api, id) + " is not on disk"};
    Deployment found;
    TRY(decode(parts.scope, *text, &found));
    return std::make_shared<const Deployment>(std::move(found));
}

Result<std::shared_ptr<const Deployment>> StoredRestApis::deployment(const Scope& scope, std::string_view api,
                                                                     std::string_view id) {
    const Lock lock(edits_);
    TRY_ASSIGN(const Parts* parts, parts_of(scope, api));
    if (!parts->deployments.contains(id)) return no_deployment();
    return load_deployment(*parts, api, id);
}

Result<std::vector<DeploymentNote>> StoredRestApis::deployments(const Scope& scope, std::string_view api) {
    const Reading reading(mutex_);
    TRY_ASSIGN(const Parts* parts, parts_of(scope, api));
    std::vector<DeploymentNote> notes;
    for (const auto& [id, note] : parts->deployments) notes.push_back(note);
    return notes;
}

Result<DeploymentNote> StoredRestApis::describe_deployment(const Scope& scope, std::string_view api,
                                                           std::string_view id, std::string description) {
    const Lock lock(edits_);
    TRY_ASSIGN(Parts * parts, parts_of(scope, api));
    if (!parts->deployments.contains(id)) return no_deployment();
    TRY_ASSIGN(const std::shared_ptr<const Deployment> before, load_deployment(*parts, api, id));
    Deployment changed = *before;
    changed.description = std::move(description);
    TRY(registry_.put(deployment_kind, scope, child_key(api, id), encode(changed)));
    DeploymentNote note{changed.id, changed.description, changed.created};
    const auto made = std::make_shared<const Deployment>(std::move(changed));
    const Writing writing(mutex_);
    parts->deployments[note.id] = note;
    for (auto& [name, served] : parts->stages) {
        if (served->deployment->id != id) continue;
        served = std::make_shared<const Served>(Served{made, served->stage, ++generation_});
    }
    return note;
}

Status StoredRestApis::remove_deployment(const Scope& scope, std::string_view api, std::string_view id) {
    const Lock lock(edits_);
    TRY_ASSIGN(Parts * parts, parts_of(scope, api));
    const auto at = parts->deployments.find(id);
    if (at == parts->deployments.end()) return no_deployment();
    for (const auto& [name, served] : parts->stages) {
        if (served->deployment->id == id) {
            return {ErrorCode::failed_precondition,
                    "Active stages pointing to this deployment must be moved or deleted"};
        }
    }
    TRY(registry_.remove(deployment_kind, scope, child_key(api, id)));
    const Writing writing(mutex_);
    parts->deployments.erase(at);
    return {};
}

}  // namespace millrace::gateway
