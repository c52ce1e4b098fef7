#include <algorithm>

#include "src/gateway/access/access.h"
#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/key_import.h"
#include "src/service/apigateway/page.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

constexpr std::string_view no_stage_keys = "API keys belong to stages through usage plans";

const PatchTable<gateway::ApiKey>& patch_table() {
    using gateway::ApiKey;
    static const PatchTable<ApiKey> table(
        PatchErrors::naming_paths, {
                                       {{"/name", "replace"}, patch_text(&ApiKey::name)},
                                       {{"/description", "replace"}, patch_text(&ApiKey::description)},
                                       {{"/enabled", "replace"}, patch_flag(&ApiKey::enabled)},
                                       {{"/customerId", "replace"}, patch_text(&ApiKey::customer_id)},
                                       {{"/stages", "add remove"}, patch_refused<ApiKey>("stages", no_stage_keys)},
                                   });
    return table;
}

aws::Outcome<void> check_value(const std::string& value) {
    if (value.size() < key_value_bytes_min) return bad_request("API Key value should be at least 20 characters");
    if (value.size() > key_value_bytes_max) return bad_request("API Key value should be at most 128 characters");
    for (const char c : value) {
        if (c < '!' || c > '~') return bad_request("API Key value should be printable ASCII without spaces");
    }
    return {};
}

}  // namespace

aws::Outcome<CreateApiKeyOutput> ApiGateway::create_api_key(const aws::CallContext& context,
                                                            const CreateApiKeyInput& input) {
    if (input.value) TRY(check_value(*input.value));
    if (!input.generateDistinctId.value_or(true)) {
        return not_honoured("generateDistinctId", "a key's identifier is never its value");
    }
    gateway::ApiKey key;
    key.scope = context.scope;
    key.name = input.name.value_or("");
    key.description = input.description.value_or("");
    key.customer_id = input.customerId.value_or("");
    key.value = input.value.value_or("");
    key.enabled = input.enabled.value_or(false);
    if (input.tags) key.tags = *input.tags;
    TRY(check_tags(key.tags));
    TRY_ASSIGN(const auto made, outcome_of(apis_.create_key(std::move(key))));
    return shown<CreateApiKeyOutput>(*made, true);
}

aws::Outcome<GetApiKeyOutput> ApiGateway::get_api_key(const aws::CallContext& context, const GetApiKeyInput& input) {
    TRY_ASSIGN(const auto key, outcome_of(apis_.find_key(context.scope, input.apiKey)));
    return shown<GetApiKeyOutput>(*key, input.includeValue.value_or(false));
}

aws::Outcome<GetApiKeysOutput> ApiGateway::get_api_keys(const aws::CallContext& context, const GetApiKeysInput& input) {
    auto keys = apis_.keys(context.scope);
    std::erase_if(keys, [&](const auto& key) {
        return (input.nameQuery && !key->name.starts_with(*input.nameQuery)) ||
               (input.customerId && key->customer_id != *input.customerId);
    });
    return page_of<GetApiKeysOutput>(
        input, keys, [](const auto& key) -> const std::string& { return key->id; },
        [&](const auto& key) { return shown<ApiKey>(*key, input.includeValues.value_or(false)); });
}

aws::Outcome<UpdateApiKeyOutput> ApiGateway::update_api_key(const aws::CallContext& context,
                                                            const UpdateApiKeyInput& input) {
    TRY_ASSIGN(const auto key,
               edit_with<gateway::ApiKey>(
                   [&](gateway::ApiKey& it) { return patch_table().apply(it, patches_of(input.patchOperations)); },
                   [&](const auto& edit) { return apis_.edit_key(context.scope, input.apiKey, edit); }));
    return shown<UpdateApiKeyOutput>(*key, false);
}

aws::Outcome<DeleteApiKeyOutput> ApiGateway::delete_api_key(const aws::CallContext& context,
                                                            const DeleteApiKeyInput& input) {
    TRY_ASSIGN(const auto key, outcome_of(apis_.find_key(context.scope, input.apiKey)));
    std::vector<std::shared_ptr<const gateway::UsagePlan>> plans = apis_.plans(context.scope);
    TRY(outcome_of(apis_.remove_key(context.scope, input.apiKey)));
    for (const auto& plan : plans) {
        if (std::ranges::find(plan->key_ids, key->id) == plan->key_ids.end()) continue;
        TRY(outcome_of(parts_.access.forget_usage(*plan, key->id)));
    }
    return DeleteApiKeyOutput{};
}

aws::Outcome<ImportApiKeysOutput> ApiGateway::import_api_keys(const aws::CallContext& context,
                                                              const ImportApiKeysInput& input) {
    TRY_ASSIGN(const std::vector<ImportedKey> rows, parse_key_csv(input.body));
    for (const ImportedKey& row : rows) {
        if (!row.value.empty()) TRY(check_value(row.value));
        for (const std::string& plan : row.plan_ids) TRY(outcome_of(apis_.find_plan(context.scope, plan)));
    }
    ImportApiKeysOutput output;
    auto& ids = output.ids.emplace();
    auto& warnings = output.warnings.emplace();
    for (const ImportedKey& row : rows) {
        gateway::ApiKey key;
        key.scope = context.scope;
        key.name = row.name;
        key.value = row.value;
        key.description = row.description;
        key.enabled = row.enabled;
        const auto made = apis_.create_key(std::move(key));
        if (!made.ok() && made.error().code == ErrorCode::already_exists) {
            if (input.failOnWarnings.value_or(false)) return conflict("API Key already exists: " + row.name);
            warnings.push_back("API Key already exists: " + row.name);
            continue;
        }
        if (!made.ok()) return failure_of(made.error());
        ids.push_back((*made)->id);
        for (const std::string& plan : row.plan_ids) {
            TRY(outcome_of(apis_.edit_plan(context.scope, plan, [&](gateway::UsagePlan& it) -> Status {
                it.key_ids.push_back((*made)->id);
                return {};
            })));
        }
    }
    return output;
}

}  // namespace millrace::service::apigateway
