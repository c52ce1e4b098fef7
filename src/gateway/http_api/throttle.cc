#include "src/gateway/http_api/throttle.h"

#include <algorithm>

namespace millrace::gateway::http_api {

bool Throttle::admit(const HttpApi& api, const Stage& stage, const std::string& route_key, int64_t now_ns) {
    const auto own = stage.route_settings.find(route_key);
    const RouteSettings* settings = &stage.settings;
    if (own != stage.route_settings.end() && (own->second.rate_limit || own->second.burst_limit)) {
        settings = &own->second;
    }
    if (!settings->rate_limit && !settings->burst_limit) return true;
    const double rate = settings->rate_limit ? *settings->rate_limit : *settings->burst_limit;
    const double burst = settings->burst_limit ? *settings->burst_limit : std::max(1.0, rate);

    return buckets_.find(api.id + "/" + stage.name + "/" + route_key, now_ns)->take({rate, burst}, now_ns);
}

}  // namespace millrace::gateway::http_api
