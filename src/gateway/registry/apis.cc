#include "src/gateway/registry/new_id.h"
#include "src/gateway/registry/store.h"
#include "src/io/clock.h"

namespace millrace::gateway {
namespace {

constexpr size_t apis_max = 600;  // of an account and region; API Gateway's quota of regional and private APIs

void add_default_models(RestApi& api) {
    api.models["Empty"] = {new_id(part_id_size), "Empty", "This is a default empty schema model", "application/json",
                           "{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Empty "
                           "Schema\",\n  \"type\" : \"object\"\n}"};
    api.models["Error"] = {new_id(part_id_size), "Error", "This is a default error schema model", "application/json",
                           "{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Error "
                           "Schema\",\n  \"type\" : \"object\",\n  \"properties\" : {\n    \"message\" : { \"type\" : "
                           "\"string\" }\n  }\n}"};
}

Error no_api() {
    return {ErrorCode::not_found, "Invalid API identifier specified"};
}

}  // namespace

void begin(RestApi& api) {
    api.root_id = new_id(api_id_size);
    Resource& root = api.resources[api.root_id];
    root.id = api.root_id;
    root.path = "/";
    add_default_models(api);
}

Result<std::unique_ptr<RestApis>> RestApis::open(catalog::Registry& registry, const io::Clock& clock) {
    auto store = std::make_unique<StoredRestApis>(registry, clock);
    TRY(store->load());
    return std::unique_ptr<RestApis>(std::move(store));
}

StoredRestApis::StoredRestApis(catalog::Registry& registry, const io::Clock& clock)
    : registry_(registry),
      clock_(clock),
      apis_(registry, api_kind),
      keys_(registry, key_kind),
      plans_(registry, plan_kind),
      domains_(registry, domain_kind) {}

Status StoredRestApis::load() {
    TRY(apis_.load([&](const Scope& scope, const std::string& id, const auto&) { parts_[id].scope = scope; }));
    TRY(forget_orphans(deployment_kind));
    TRY(forget_orphans(stage_kind));
    TRY(load_deployments());
    TRY(load_stages());
    TRY(keys_.load(
        [&](const Scope& scope, const std::string&, const auto& key) { key_values_[{scope, key->value}] = key; }));
    TRY(plans_.load([&](const Scope&, const std::string&, const auto& plan) { index_plan(*plan, plan); }));
    return domains_.load([&](const Scope&, const std::string& name, const auto& domain) { hosts_[name] = domain; });
}

// An API's entry goes first when it is removed: what a crash left of it has nobody any more.
Status StoredRestApis::forget_orphans(std::string_view kind) {
    std::vector<std::pair<Scope, std::string>> orphans;
    TRY(registry_.for_each(kind, [&](const Scope& scope, const catalog::Entry& entry) {
        const std::string_view name = entry.name;
        if (!parts_.contains(name.substr(0, name.find('/')))) orphans.emplace_back(scope, entry.name);
    }));
    for (const auto& [scope, name] : orphans) TRY(registry_.remove(kind, scope, name));
    return {};
}

Result<StoredRestApis::Parts*> StoredRestApis::parts_of(const Scope& scope, std::string_view api) {
    const auto at = parts_.find(api);
    if (at == parts_.end() || at->second.scope != scope) return no_api();
    return &at->second;
}

Result<std::shared_ptr<const RestApi>> StoredRestApis::create(RestApi api) {
    const Lock lock(edits_);
    if (apis_.list(api.scope).size() >= apis_max) {
        return Error{ErrorCode::resource_exhausted,
                     "Maximum number of REST APIs for this account has been reached: " + std::to_string(apis_max)};
    }
    do {
        api.id = new_id(api_id_size);
    } while (parts_.contains(api.id));
    api.created = clock_.now();
    if (api.root_id.empty()) begin(api);
    TRY(apis_.write(api.scope, api.id, api));
    const auto made = std::make_shared<const RestApi>(std::move(api));
    const Writing writing(mutex_);
    apis_.place(made->scope, made->id, made);
    parts_[made->id].scope = made->scope;
    return made;
}

Result<std::shared_ptr<const RestApi>> StoredRestApis::find(const Scope& scope, std::string_view id) {
    const Reading reading(mutex_);
    auto found = apis_.find(scope, id);
    if (!found) return no_api();
    return found;
}

std::vector<std::shared_ptr<const RestApi>> StoredRestApis::list(const Scope& scope) {
    const Reading reading(mutex_);
    return apis_.list(scope);
}

Result<std::shared_ptr<const RestApi>> StoredRestApis::edit(const Scope& scope, std::string_view id, const Edit& edit) {
    const Lock lock(edits_);
    const auto before = apis_.find(scope, id);
    if (!before) return no_api();
    RestApi changed = *before;
    TRY(edit(changed));
    TRY(apis_.write(scope, changed.id, changed));
    const auto made = std::make_shared<const RestApi>(std::move(changed));
    const Writing writing(mutex_);
    apis_.place(scope, made->id, made);
    return made;
}

Status StoredRestApis::remove(const Scope& scope, std::string_view id) {
    const Lock lock(edits_);
    TRY_ASSIGN(Parts * parts, parts_of(scope, id));
    const std::string name(id);
    TRY(apis_.erase(scope, name));
    Status status;  // of what hangs on it: forget_orphans finds what is left
    for (const auto& [stage, served] : parts->stages) {
        if (Status gone = registry_.remove(stage_kind, scope, child_key(id, stage)); !gone.ok()) status = gone;
    }
    for (const auto& [deployment, note] : parts->deployments) {
        if (Status gone = registry_.remove(deployment_kind, scope, child_key(id, deployment)); !gone.ok()) {
            status = gone;
        }
    }
    const Writing writing(mutex_);
    apis_.drop(scope, name);
    parts_.erase(name);
    return status;
}

}  // namespace millrace::gateway
