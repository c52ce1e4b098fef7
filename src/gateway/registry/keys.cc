// API keys, and the usage plans that they are in.
#include <algorithm>

#include "src/gateway/registry/new_id.h"
#include "src/gateway/registry/store.h"
#include "src/io/clock.h"

namespace millrace::gateway {
namespace {

constexpr size_t keys_max = 10'000;  // API Gateway's quota of an account and region
constexpr size_t plans_max = 300;    // likewise

Error no_key() {
    return {ErrorCode::not_found, "Invalid API Key identifier specified"};
}
Error no_plan() {
    return {ErrorCode::not_found, "Invalid Usage Plan ID specified"};
}

bool holds_stage(const UsagePlan& plan, std::string_view api, std::string_view stage) {
    return std::ranges::any_of(plan.stages, [&](const auto& it) { return it.api_id == api && it.stage == stage; });
}

}  // namespace

Result<std::shared_ptr<const ApiKey>> StoredRestApis::create_key(ApiKey key) {
    const Lock lock(edits_);
    if (keys_.list(key.scope).size() >= keys_max) {
        return Error{ErrorCode::resource_exhausted, "API Key limit exceeded"};
    }
    key.id = new_id(api_id_size);
    if (key.value.empty()) key.value = new_id(key_value_size);
    if (key_values_.contains({key.scope, key.value})) {
        return Error{ErrorCode::already_exists, "API Key already exists"};
    }
    key.created = key.updated = clock_.now();
    TRY(keys_.write(key.scope, key.id, key));
    const auto made = std::make_shared<const ApiKey>(std::move(key));
    const Writing writing(mutex_);
    keys_.place(made->scope, made->id, made);
    key_values_[{made->scope, made->value}] = made;
    return made;
}

Result<std::shared_ptr<const ApiKey>> StoredRestApis::edit_key(const Scope& scope, std::string_view id,
                                                               const KeyEdit& edit) {
    const Lock lock(edits_);
    const auto before = keys_.find(scope, id);
    if (!before) return no_key();
    ApiKey changed = *before;
    TRY(edit(changed));
    changed.value = before->value;  // for ever
    changed.updated = clock_.now();
    TRY(keys_.write(scope, changed.id, changed));
    const auto made = std::make_shared<const ApiKey>(std::move(changed));
    const Writing writing(mutex_);
    keys_.place(scope, made->id, made);
    key_values_[{scope, made->value}] = made;
    return made;
}

Result<std::shared_ptr<const ApiKey>> StoredRestApis::find_key(const Scope& scope, std::string_view id) {
    const Reading reading(mutex_);
    auto found = keys_.find(scope, id);
    if (!found) return no_key();
    return found;
}

std::vector<std::shared_ptr<const ApiKey>> StoredRestApis::keys(const Scope& scope) {
    const Reading reading(mutex_);
    return keys_.list(scope);
}

Status StoredRestApis::remove_key(const Scope& scope, std::string_view id) {
    const Lock lock(edits_);
    const auto key = keys_.find(scope, id);
    if (!key) return no_key();
    for (const auto& plan : plans_.list(scope)) {
        UsagePlan without = *plan;
        if (std::erase(without.key_ids, key->id) > 0) TRY(write_plan(without));
    }
    TRY(keys_.erase(scope, key->id));
    const Writing writing(mutex_);
    keys_.drop(scope, key->id);
    key_values_.erase({scope, key->value});
    return {};
}

std::shared_ptr<const ApiKey> StoredRestApis::find_key_value(const Scope& scope, std::string_view value) {
    const Reading reading(mutex_);
    const auto at = key_values_.find({scope, std::string(value)});
    return at == key_values_.end() ? nullptr : at->second;
}

// With both locks held, or before there are other threads. `indexed` null: out of the index.
void StoredRestApis::index_plan(const UsagePlan& plan, const std::shared_ptr<const UsagePlan>& indexed) {
    for (const std::string& key : plan.key_ids) {
        auto& plans = plans_by_key_[key];
        std::erase_if(plans, [&](const auto& it) { return it->id == plan.id && it->scope == plan.scope; });
        if (indexed) plans.push_back(indexed);
        if (plans.empty()) plans_by_key_.erase(key);
    }
}

// With edits_ held.
Status StoredRestApis::write_plan(const UsagePlan& plan) {
    TRY(plans_.write(plan.scope, plan.id, plan));
    const auto made = std::make_shared<const UsagePlan>(plan);
    const Writing writing(mutex_);
    if (const auto before = plans_.find(plan.scope, plan.id)) index_plan(*before, nullptr);
    plans_.place(plan.scope, plan.id, made);
    index_plan(*made, made);
    return {};
}

Result<std::shared_ptr<const UsagePlan>> StoredRestApis::create_plan(UsagePlan plan) {
    const Lock lock(edits_);
    if (plans_.list(plan.scope).size() >= plans_max) {
        return Error{ErrorCode::resource_exhausted, "Usage Plan limit exceeded"};
    }
    do {
        plan.id = new_id(part_id_size);
    } while (plans_.find(plan.scope, plan.id));
    TRY(write_plan(plan));
    return plans_.find(plan.scope, plan.id);
}

Result<std::shared_ptr<const UsagePlan>> StoredRestApis::edit_plan(const Scope& scope, std::string_view id,
                                                                   const PlanEdit& edit) {
    const Lock lock(edits_);
    const auto before = plans_.find(scope, id);
    if (!before) return no_plan();
    UsagePlan changed = *before;
    TRY(edit(changed));
    TRY(write_plan(changed));
    return plans_.find(scope, id);
}

Result<std::shared_ptr<const UsagePlan>> StoredRestApis::find_plan(const Scope& scope, std::string_view id) {
    const Reading reading(mutex_);
    auto found = plans_.find(scope, id);
    if (!found) return no_plan();
    return found;
}

std::vector<std::shared_ptr<const UsagePlan>> StoredRestApis::plans(const Scope& scope) {
    const Reading reading(mutex_);
    return plans_.list(scope);
}

Status StoredRestApis::remove_plan(const Scope& scope, std::string_view id) {
    const Lock lock(edits_);
    const auto plan = plans_.find(scope, id);
    if (!plan) return no_plan();
    TRY(plans_.erase(scope, plan->id));
    const Writing writing(mutex_);
    index_plan(*plan, nullptr);
    plans_.drop(scope, plan->id);
    return {};
}

std::shared_ptr<const UsagePlan> StoredRestApis::plan_of(const Scope& scope, std::string_view key_id,
                                                         std::string_view api, std::string_view stage) {
    const Reading reading(mutex_);
    const auto at = plans_by_key_.find(std::string(key_id));
    if (at == plans_by_key_.end()) return nullptr;
    for (const auto& plan : at->second) {
        if (plan->scope == scope && holds_stage(*plan, api, stage)) return plan;
    }
    return nullptr;
}

}  // namespace millrace::gateway
