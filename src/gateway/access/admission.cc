#include "src/gateway/access/admission.h"

#include "src/gateway/access/refusals.h"
#include "src/http/message.h"
#include "src/io/clock.h"

namespace millrace::gateway {

bool Pass::take(const Throttled& throttled, int64_t now_ns) {
    if (!throttled.size) return true;
    if (!throttled.bucket->take(*throttled.size, now_ns)) {
        give_back();
        return false;
    }
    taken[taken_count++] = throttled;
    return true;
}

void Pass::give_back() {
    for (size_t i = 0; i < taken_count; ++i) taken[i].bucket->give_back(*taken[i].size);
    taken_count = 0;
}

void Admission::find_key(const AccessRequest& request, std::string_view value, Pass* pass) const {
    const Served& served = *request.rules->served;
    const RestApi& api = served.deployment->api;
    pass->key = value.empty() ? nullptr : apis_.find_key_value(api.scope, value);
    if (pass->key && !pass->key->enabled) pass->key = nullptr;
    pass->plan = pass->key ? apis_.plan_of(api.scope, pass->key->id, api.id, served.stage->name) : nullptr;
}

// Of the method where the plan has one for it, else the plan's own; each key has its bucket.
Throttled Admission::throttle_of_plan(const AccessRequest& request, const Pass& pass, int64_t now_ns) {
    if (!pass.plan) return {};
    const UsagePlan& plan = *pass.plan;
    const Served& served = *request.rules->served;
    const auto throttled = [&](const Throttle& throttle, const std::string& name) {
        return Throttled{BucketSize{throttle.rate, static_cast<double>(throttle.burst)},
                         buckets_.find("plan/" + plan.id + '/' + pass.key->id + name, now_ns)};
    };
    for (const UsagePlan::ApiStage& stage : plan.stages) {
        if (stage.api_id != served.deployment->api.id || stage.stage != served.stage->name) continue;
        for (const std::string& method : {request.head->method, request.method->http_method}) {
            const auto at = stage.throttle.find(request.resource->path + '/' + method);
            if (at == stage.throttle.end()) continue;
            return throttled(at->second, '/' + stage.api_id + '/' + stage.stage + at->first);
        }
    }
    if (plan.throttle) return throttled(*plan.throttle, "");
    return {};
}

std::optional<AccessRefusal> Admission::throttle(const AccessRequest& request, Pass* pass) {
    const AccessRules& rules = *request.rules;
    const int64_t now_ns = clock_.monotonic_ns();
    if (request.method->api_key_required && rules.served->deployment->api.key_source != "AUTHORIZER") {
        find_key(request, request.head->headers.get("x-api-key"), pass);
        if (!pass->take(throttle_of_plan(request, *pass, now_ns), now_ns)) return throttled();
    }
    if (const auto method = rules.methods.find(request.method); method != rules.methods.end()) {
        if (!pass->take(method->second, now_ns)) return throttled();
    }
    if (!pass->take(rules.account, now_ns)) return throttled();
    return std::nullopt;
}

std::optional<AccessRefusal> Admission::admit(const AccessRequest& request, const std::string& authorizer_key,
                                              Pass* pass, Identity* identity) {
    if (!request.method->api_key_required) return std::nullopt;
    if (request.rules->served->deployment->api.key_source == "AUTHORIZER") {
        find_key(request, authorizer_key, pass);
        const int64_t now_ns = clock_.monotonic_ns();
        if (!pass->take(throttle_of_plan(request, *pass, now_ns), now_ns)) return throttled();
    }
    if (!pass->plan) return invalid_api_key();
    identity->api_key = pass->key->value;
    identity->api_key_id = pass->key->id;
    if (!counts_.count(*pass->plan, identity->api_key_id, day_of(clock_.now()))) {
        pass->give_back();
        return quota_exceeded();
    }
    return std::nullopt;
}

}  // namespace millrace::gateway
