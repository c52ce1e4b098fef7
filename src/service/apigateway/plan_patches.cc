#include "src/service/apigateway/plan_patches.h"

#include <algorithm>

namespace millrace::service::apigateway {
namespace {

using gateway::Throttle;
using gateway::UsagePlan;

struct Target {
    UsagePlan& plan;
    const CheckStage& check_stage;
};

auto text(std::string UsagePlan::* member) {
    return [member](Target& it, const Patch& patch) -> aws::Outcome<void> {
        it.plan.*member = patch.removes() ? "" : patch.text();
        return {};
    };
}

aws::Outcome<void> take_throttle(Throttle& throttle, const Patch& patch) {
    if (patch.parts.back() == "rateLimit") {
        TRY_ASSIGN(throttle.rate, parse_number(patch));
    } else {
        TRY_ASSIGN(throttle.burst, parse_integer(patch, 0, INT32_MAX));
    }
    return {};
}

aws::Outcome<void> take_plan_throttle(Target& it, const Patch& patch) {
    if (!it.plan.throttle) it.plan.throttle.emplace();
    return take_throttle(*it.plan.throttle, patch);
}

aws::Outcome<void> take_quota(Target& it, const Patch& patch) {
    if (!it.plan.quota) it.plan.quota.emplace();
    const std::string& name = patch.parts.back();
    if (name == "period") {
        it.plan.quota->period = patch.text();
        return {};
    }
    int32_t& to = name == "limit" ? it.plan.quota->limit : it.plan.quota->offset;
    TRY_ASSIGN(to, parse_integer(patch, 0, INT32_MAX));
    return {};
}

// "API:STAGE"
aws::Outcome<std::pair<std::string, std::string>> parse_stage(const std::string& text) {
    const size_t colon = text.find(':');
    if (colon == std::string::npos) return bad_request("Invalid API Stage specified");
    return std::pair(text.substr(0, colon), text.substr(colon + 1));
}

auto find_stage(UsagePlan& plan, const std::string& api, const std::string& stage) {
    return std::ranges::find_if(plan.stages, [&](const auto& it) { return it.api_id == api && it.stage == stage; });
}

aws::Outcome<void> take_stage(Target& it, const Patch& patch) {
    TRY_ASSIGN(const auto named, parse_stage(patch.text()));
    const auto& [api, stage] = named;
    const auto at = find_stage(it.plan, api, stage);
    if (patch.removes()) {
        if (at == it.plan.stages.end()) return not_found("API Stage not found: " + patch.text());
        it.plan.stages.erase(at);
        return {};
    }
    TRY(it.check_stage(api, stage));
    if (at == it.plan.stages.end()) it.plan.stages.push_back({api, stage, {}});
    return {};
}

// "/apiStages/API:STAGE/throttle/PATH/METHOD/rateLimit"; PATH's slashes escaped or not. It is kept as "/PATH/METHOD".
std::string method_key(const Patch& patch, size_t parts_after) {
    std::string key;
    for (size_t i = 3; i + parts_after < patch.parts.size(); ++i) {
        const std::string& part = patch.parts[i];
        if (part.empty()) continue;
        if (!part.starts_with('/')) key += '/';
        key += part == "/" ? "" : part;
    }
    return key;
}

aws::Outcome<void> take_method_throttle(Target& it, const Patch& patch) {
    TRY_ASSIGN(const auto named, parse_stage(patch.parts[1]));
    const auto at = find_stage(it.plan, named.first, named.second);
    if (at == it.plan.stages.end()) return not_found("API Stage not found: " + patch.parts[1]);
    if (!patch.removes()) return take_throttle(at->throttle[method_key(patch, 1)], patch);
    if (patch.parts.size() == 3) {
        at->throttle.clear();
        return {};
    }
    if (at->throttle.erase(method_key(patch, 0)) == 0) return not_found("Invalid parameter name specified");
    return {};
}

const PatchTable<Target>& patch_table() {
    static const PatchTable<Target> table(
        PatchErrors::naming_paths, {
                                       {{"/name", "replace"}, text(&UsagePlan::name)},
                                       {{"/description", "replace"}, text(&UsagePlan::description)},
                                       {{"/productCode", "add replace remove"}, text(&UsagePlan::product_code)},
                                       {{"/apiStages", "add remove"}, take_stage},
                                       {{"/apiStages/{}/throttle/{*}/rateLimit", "add replace"}, take_method_throttle},
                                       {{"/apiStages/{}/throttle/{*}/burstLimit", "add replace"}, take_method_throttle},
                                       {{"/apiStages/{}/throttle/{*}", "remove"}, take_method_throttle},
                                       {{"/apiStages/{}/throttle", "remove"}, take_method_throttle},
                                       {{"/throttle/rateLimit", "add replace"}, take_plan_throttle},
                                       {{"/throttle/burstLimit", "add replace"}, take_plan_throttle},
                                       {{"/throttle", "remove"},
                                        [](Target& it, const Patch&) -> aws::Outcome<void> {
                                            it.plan.throttle.reset();
                                            return {};
                                        }},
                                       {{"/quota/limit", "add replace"}, take_quota},
                                       {{"/quota/offset", "add replace"}, take_quota},
                                       {{"/quota/period", "add replace"}, take_quota},
                                       {{"/quota", "remove"},
                                        [](Target& it, const Patch&) -> aws::Outcome<void> {
                                            it.plan.quota.reset();
                                            return {};
                                        }},
                                   });
    return table;
}

}  // namespace

aws::Outcome<void> patch_plan(gateway::UsagePlan& plan, const std::vector<Patch>& patches,
                              const CheckStage& check_stage) {
    Target target{plan, check_stage};
    TRY(patch_table().apply(target, patches));
    return check_plan(plan);
}

aws::Outcome<void> check_plan(const gateway::UsagePlan& plan) {
    if (plan.name.empty()) return bad_request("Usage Plan name cannot be empty");
    if (!plan.quota) return {};
    const gateway::Quota& quota = *plan.quota;
    const int32_t offsets = quota.period == "DAY" ? 1 : quota.period == "WEEK" ? 7 : quota.period == "MONTH" ? 28 : 0;
    if (offsets == 0) return bad_request("Invalid quota period specified. Valid options are DAY,WEEK,MONTH");
    if (quota.limit < 1) return bad_request("Usage Plan quota limit must be positive");
    if (quota.offset < 0 || quota.offset >= offsets) {
        return bad_request(
            "Usage Plan quota offset must be zero in the DAY period, 0 to 6 in the WEEK period and 0 to "
            "27 in the MONTH period");
    }
    return {};
}

}  // namespace millrace::service::apigateway
