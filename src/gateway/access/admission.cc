#include "src/gateway/access/admission.h"

#include <array>

#include "src/gateway/access/refusals.h"
#include "src/http/message.h"
#include "src/io/clock.h"

namespace millrace::gateway {
namespace {

// What has been taken so far; goes back unless it is kept.
class Taken {
  public:
    ~Taken() {
        for (size_t i = 0; i < count_; ++i) taken_[i].bucket->give_back(*taken_[i].size);
    }
    bool take(const Throttled& throttled, int64_t now_ns) {
        if (!throttled.size) return true;
        if (!throttled.bucket->take(*throttled.size, now_ns)) return false;
        taken_[count_++] = throttled;
        return true;
    }
    void keep() { count_ = 0; }

  private:
    std::array<Throttled, 3> taken_;
    size_t count_ = 0;
};

// A plan's throttle of a key: of the method where the plan has one for it, else the plan's own.
Throttled throttle_of(const UsagePlan& plan, const std::string& key_id, const AccessRequest& request,
                      const Served& served, TokenBuckets& buckets, int64_t now_ns) {
    const auto throttled = [&](const Throttle& throttle, const std::string& name) {
        return Throttled{BucketSize{throttle.rate, static_cast<double>(throttle.burst)},
                         buckets.find("plan/" + plan.id + '/' + key_id + name, now_ns)};
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

}  // namespace

std::optional<AccessRefusal> Admission::admit(const AccessRequest& request, const std::string& authorizer_key,
                                              Identity* identity) {
    const AccessRules& rules = *request.rules;
    const Served& served = *rules.served;
    const RestApi& api = served.deployment->api;
    const int64_t now_ns = clock_.monotonic_ns();
    Taken taken;
    std::shared_ptr<const UsagePlan> plan;
    if (request.method->api_key_required) {
        const bool by_authorizer = api.key_source == "AUTHORIZER";
        const std::string_view value =
            by_authorizer ? std::string_view(authorizer_key) : request.head->headers.get("x-api-key");
        const auto key = value.empty() ? nullptr : apis_.find_key_value(api.scope, value);
        if (!key || !key->enabled) return invalid_api_key();
        plan = apis_.plan_of(api.scope, key->id, api.id, served.stage->name);
        if (!plan) return invalid_api_key();
        identity->api_key = key->value;
        identity->api_key_id = key->id;
        if (!taken.take(throttle_of(*plan, key->id, request, served, buckets_, now_ns), now_ns)) return throttled();
    }
    if (const auto method = rules.methods.find(request.method); method != rules.methods.end()) {
        if (!taken.take(method->second, now_ns)) return throttled();
    }
    if (!taken.take(rules.account, now_ns)) return throttled();
    if (plan && !counts_.count(*plan, identity->api_key_id, day_of(clock_.now()))) return quota_exceeded();
    taken.keep();
    return std::nullopt;
}

}  // namespace millrace::gateway
