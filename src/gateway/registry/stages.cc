#include "src/gateway/registry/store.h"
#include "src/io/clock.h"

namespace millrace::gateway {
namespace {

Error no_stage() {
    return {ErrorCode::not_found, "Invalid stage identifier specified"};
}

}  // namespace

Status StoredRestApis::load_stages() {
    Status status;
    TRY(registry_.for_each(stage_kind, [&](const Scope& scope, const catalog::Entry& entry) {
        const std::string api = entry.name.substr(0, entry.name.find('/'));
        const auto load_one = [&]() -> Status {
            Stage stage;
            TRY(decode(scope, entry.value, &stage));
            Parts& parts = parts_[api];
            TRY_ASSIGN(auto deployment, load_deployment(parts, api, stage.deployment_id));
            parts.stages[stage.name] = std::make_shared<const Served>(
                Served{std::move(deployment), std::make_shared<const Stage>(stage), ++generation_});
            return {};
        };
        Status loaded = load_one();
        if (!loaded.ok() && status.ok()) status = with_context(loaded.error(), "the stage " + entry.name);
    }));
    return status;
}

// Durable, then served.
Status StoredRestApis::serve(Parts& parts, std::string_view api, std::shared_ptr<const Stage> stage) {
    TRY_ASSIGN(auto deployment, load_deployment(parts, api, stage->deployment_id));
    TRY(registry_.put(stage_kind, parts.scope, child_key(api, stage->name), encode(*stage)));
    const Writing writing(mutex_);
    std::shared_ptr<const Served>& served = parts.stages[stage->name];
    served = std::make_shared<const Served>(Served{std::move(deployment), std::move(stage), ++generation_});
    return {};
}

Result<std::shared_ptr<const Stage>> StoredRestApis::create_stage(const Scope& scope, std::string_view api,
                                                                  Stage stage) {
    const Lock lock(edits_);
    TRY_ASSIGN(Parts * parts, parts_of(scope, api));
    if (parts->stages.contains(stage.name)) return Error{ErrorCode::already_exists, "Stage already exists"};
    stage.created = stage.updated = clock_.now();
    const auto made = std::make_shared<const Stage>(std::move(stage));
    TRY(serve(*parts, api, made));
    return made;
}

Result<std::shared_ptr<const Stage>> StoredRestApis::edit_stage(const Scope& scope, std::string_view api,
                                                                std::string_view name, const StageEdit& edit) {
    const Lock lock(edits_);
    TRY_ASSIGN(Parts * parts, parts_of(scope, api));
    const auto at = parts->stages.find(name);
    if (at == parts->stages.end()) return no_stage();
    Stage changed = *at->second->stage;
    TRY(edit(changed));
    changed.updated = clock_.now();
    const auto made = std::make_shared<const Stage>(std::move(changed));
    TRY(serve(*parts, api, made));
    return made;
}

Status StoredRestApis::remove_stage(const Scope& scope, std::string_view api, std::string_view name) {
    const Lock lock(edits_);
    TRY_ASSIGN(Parts * parts, parts_of(scope, api));
    const auto at = parts->stages.find(name);
    if (at == parts->stages.end()) return no_stage();
    TRY(registry_.remove(stage_kind, scope, child_key(api, name)));
    const Writing writing(mutex_);
    parts->stages.erase(at);
    return {};
}

Result<std::shared_ptr<const Stage>> StoredRestApis::find_stage(const Scope& scope, std::string_view api,
                                                                std::string_view name) {
    const Reading reading(mutex_);
    TRY_ASSIGN(const Parts* parts, parts_of(scope, api));
    const auto at = parts->stages.find(name);
    if (at == parts->stages.end()) return no_stage();
    return at->second->stage;
}

Result<std::vector<std::shared_ptr<const Stage>>> StoredRestApis::stages(const Scope& scope, std::string_view api) {
    const Reading reading(mutex_);
    TRY_ASSIGN(const Parts* parts, parts_of(scope, api));
    std::vector<std::shared_ptr<const Stage>> out;
    for (const auto& [name, served] : parts->stages) out.push_back(served->stage);
    return out;
}

std::shared_ptr<const Served> StoredRestApis::served(std::string_view api, std::string_view stage) {
    const Reading reading(mutex_);
    const auto parts = parts_.find(api);
    if (parts == parts_.end()) return nullptr;
    const auto at = parts->second.stages.find(stage);
    return at == parts->second.stages.end() ? nullptr : at->second;
}

}  // namespace millrace::gateway
