// The keys of usage plans, and what they have used.
#include <algorithm>

#include "src/base/time_text.h"
#include "src/gateway/access/access.h"
#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/page.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

template <class Out>
Out show(const gateway::ApiKey& key) {
    Out out;
    out.id = key.id;
    out.type = "API_KEY";
    out.value = key.value;
    out.name = unless_empty(key.name);
    return out;
}

bool holds(const gateway::UsagePlan& plan, const std::string& key) {
    return std::ranges::find(plan.key_ids, key) != plan.key_ids.end();
}

using DaysOfKey = std::pair<const std::string, std::vector<gateway::UsageOfDay>>;

struct UsagePage {
    std::optional<std::string> position;
    std::optional<std::vector<const DaysOfKey*>> items;
};

template <class Out>
Out show(const gateway::UsagePlan& plan, const UsagePage& page, const std::string& from, const std::string& to) {
    Out out;
    out.usagePlanId = plan.id;
    out.startDate = from;
    out.endDate = to;
    out.position = page.position;
    auto& items = out.items.emplace();
    for (const DaysOfKey* of_key : *page.items) {
        auto& shown_days = items[of_key->first];
        for (const gateway::UsageOfDay& day : of_key->second) shown_days.push_back({day.used, day.remaining});
    }
    return out;
}

}  // namespace

aws::Outcome<CreateUsagePlanKeyOutput> ApiGateway::create_usage_plan_key(const aws::CallContext& context,
                                                                         const CreateUsagePlanKeyInput& input) {
    if (input.keyType != "API_KEY") return bad_request("Invalid key type specified: " + input.keyType);
    TRY(outcome_of(apis_.find_plan(context.scope, input.usagePlanId)));
    TRY_ASSIGN(const auto key, outcome_of(apis_.find_key(context.scope, input.keyId)));
    const auto others = apis_.plans(context.scope);
    TRY(edit_with<gateway::UsagePlan>(
        [&](gateway::UsagePlan& plan) -> aws::Outcome<void> {
            if (holds(plan, key->id)) {
                return conflict("Usage Plan Key " + key->id + " is already in usage plan " + plan.id);
            }
            // Which of two plans held would be nobody's guess.
            for (const auto& other : others) {
                if (other->id == plan.id || !holds(*other, key->id)) continue;
                for (const auto& stage : other->stages) {
                    const bool both = std::ranges::any_of(plan.stages, [&](const auto& mine) {
                        return mine.api_id == stage.api_id && mine.stage == stage.stage;
                    });
                    if (both) {
                        return conflict("API Key " + key->id + " is already in usage plan " + other->id +
                                        " for the stage " + stage.api_id + ":" + stage.stage);
                    }
                }
            }
            plan.key_ids.push_back(key->id);
            return {};
        },
        [&](const auto& edit) { return apis_.edit_plan(context.scope, input.usagePlanId, edit); }));
    return show<CreateUsagePlanKeyOutput>(*key);
}

aws::Outcome<GetUsagePlanKeyOutput> ApiGateway::get_usage_plan_key(const aws::CallContext& context,
                                                                   const GetUsagePlanKeyInput& input) {
    TRY_ASSIGN(const auto plan, outcome_of(apis_.find_plan(context.scope, input.usagePlanId)));
    if (!holds(*plan, input.keyId)) return not_found("Invalid Usage Plan Key identifier specified");
    TRY_ASSIGN(const auto key, outcome_of(apis_.find_key(context.scope, input.keyId)));
    return show<GetUsagePlanKeyOutput>(*key);
}

aws::Outcome<GetUsagePlanKeysOutput> ApiGateway::get_usage_plan_keys(const aws::CallContext& context,
                                                                     const GetUsagePlanKeysInput& input) {
    TRY_ASSIGN(const auto plan, outcome_of(apis_.find_plan(context.scope, input.usagePlanId)));
    std::vector<std::shared_ptr<const gateway::ApiKey>> keys;
    for (const std::string& id : plan->key_ids) {
        const auto key = apis_.find_key(context.scope, id);
        if (key.ok() && (!input.nameQuery || (*key)->name.starts_with(*input.nameQuery))) keys.push_back(*key);
    }
    std::ranges::sort(keys, {}, [](const auto& key) -> const std::string& { return key->id; });
    return page_of<GetUsagePlanKeysOutput>(
        input, keys, [](const auto& key) -> const std::string& { return key->id; },
        [](const auto& key) { return show<UsagePlanKey>(*key); });
}

aws::Outcome<DeleteUsagePlanKeyOutput> ApiGateway::delete_usage_plan_key(const aws::CallContext& context,
                                                                         const DeleteUsagePlanKeyInput& input) {
    TRY_ASSIGN(const auto plan,
               edit_with<gateway::UsagePlan>(
                   [&](gateway::UsagePlan& it) -> aws::Outcome<void> {
                       if (std::erase(it.key_ids, input.keyId) == 0) {
                           return not_found("Invalid Usage Plan Key identifier specified");
                       }
                       return {};
                   },
                   [&](const auto& edit) { return apis_.edit_plan(context.scope, input.usagePlanId, edit); }));
    TRY(outcome_of(parts_.access.forget_usage(*plan, input.keyId)));
    return DeleteUsagePlanKeyOutput{};
}

aws::Outcome<GetUsageOutput> ApiGateway::get_usage(const aws::CallContext& context, const GetUsageInput& input) {
    TRY_ASSIGN(const auto plan, outcome_of(apis_.find_plan(context.scope, input.usagePlanId)));
    TRY_ASSIGN(const auto usage,
               outcome_of(parts_.access.usage(*plan, input.keyId.value_or(""), input.startDate, input.endDate)));
    if (input.keyId && usage.empty()) return not_found("Invalid Usage Plan Key identifier specified");
    TRY_ASSIGN(const UsagePage page,
               page_of<UsagePage>(
                   input, usage, [](const DaysOfKey& it) -> const std::string& { return it.first; },
                   [](const DaysOfKey& it) { return &it; }));
    return show<GetUsageOutput>(*plan, page, input.startDate, input.endDate);
}

aws::Outcome<UpdateUsageOutput> ApiGateway::update_usage(const aws::CallContext& context,
                                                         const UpdateUsageInput& input) {
    TRY_ASSIGN(const auto plan, outcome_of(apis_.find_plan(context.scope, input.usagePlanId)));
    if (!holds(*plan, input.keyId)) return not_found("Invalid Usage Plan Key identifier specified");
    struct Remaining {
        std::optional<int32_t> value;
    };
    static const PatchTable<Remaining> table(
        PatchErrors::naming_paths,
        {{{"/remaining", "replace"}, [](Remaining& it, const Patch& patch) -> aws::Outcome<void> {
              TRY_ASSIGN(it.value, parse_integer(patch, 0, INT32_MAX));
              return {};
          }}});
    Remaining remaining;
    TRY(table.apply(remaining, patches_of(input.patchOperations)));
    if (remaining.value) TRY(outcome_of(parts_.access.set_remaining(*plan, input.keyId, *remaining.value)));
    const std::string today = iso_seconds(parts_.access.now()).substr(0, 10);
    TRY_ASSIGN(const auto usage, outcome_of(parts_.access.usage(*plan, input.keyId, today, today)));
    UsagePage page;
    page.items.emplace();
    for (const DaysOfKey& of_key : usage) page.items->push_back(&of_key);
    return show<UpdateUsageOutput>(*plan, page, today, today);
}

}  // namespace millrace::service::apigateway
