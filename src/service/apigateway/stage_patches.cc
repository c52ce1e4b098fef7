#include "src/service/apigateway/stage_patches.h"

#include <cmath>

#include "src/gateway/access/reports.h"
#include "src/service/apigateway/check.h"

namespace millrace::service::apigateway {
namespace {

using gateway::MethodSetting;
using gateway::Stage;

constexpr std::string_view no_cache = "there are no cache clusters: answers are not kept";
constexpr std::string_view no_execution_logs = "there are no execution logs: access logs have a line a request";
constexpr std::string_view no_canaries = "there are no canaries: a stage serves one deployment";

// "/{resource path}/{method}/...": the key of methodSettings is those two parts as they came, escapes and all.
std::string setting_key(const Patch& patch) {
    const size_t start = patch.path.starts_with('/') ? 1 : 0;
    const size_t slash = patch.path.find('/', start);
    const size_t end = patch.path.find('/', slash + 1);
    return patch.path.substr(start, end == std::string::npos ? end : end - start);
}

aws::Failure no_setting(const Patch& patch) {
    return bad_request("Cannot remove method setting " + setting_key(patch) +
                       " because there is no method setting for this method ");
}

template <class Apply>
auto setting(Apply apply) {
    return [apply](Stage& stage, const Patch& patch) -> aws::Outcome<void> {
        const std::string key = setting_key(patch);
        if (patch.removes() && !stage.settings.contains(key)) return no_setting(patch);
        return apply(stage.settings[key], patch);
    };
}

aws::Outcome<void> remove_setting(Stage& stage, const Patch& patch) {
    if (stage.settings.erase(setting_key(patch)) == 0) return no_setting(patch);
    return {};
}

aws::Outcome<void> take_metrics(MethodSetting& it, const Patch& patch) {
    TRY_ASSIGN(it.metrics, parse_flag(patch));
    return {};
}
aws::Outcome<void> take_level(MethodSetting& it, const Patch& patch) {
    if (patch.text() == "ERROR" || patch.text() == "INFO") return not_honoured("logging.loglevel", no_execution_logs);
    if (patch.text() != "OFF") return bad_request("Invalid logging level specified. Valid options are OFF,ERROR,INFO");
    it.logging_level = patch.text();
    return {};
}
// -1: no bound of the stage's own, as tools write it.
aws::Outcome<void> take_burst(MethodSetting& it, const Patch& patch) {
    if (patch.removes()) {
        it.burst_limit.reset();
        return {};
    }
    TRY_ASSIGN(it.burst_limit, parse_integer(patch, -1, INT32_MAX));
    return {};
}
aws::Outcome<void> take_rate(MethodSetting& it, const Patch& patch) {
    if (patch.removes()) {
        it.rate_limit.reset();
        return {};
    }
    TRY_ASSIGN(const double rate, parse_number(patch));
    if (rate < 0 && rate != -1) return bad_request("Invalid rate limit specified: " + patch.text());
    it.rate_limit = rate;
    return {};
}

// Settings of what there is not: only as they are without it.
auto fixed_setting(std::string_view name, std::string_view only, std::string_view reason) {
    return setting([=](MethodSetting&, const Patch& patch) -> aws::Outcome<void> {
        if (patch.removes() || patch.text() == only) return {};
        return not_honoured(name, reason);
    });
}
auto cache_setting(std::string_view name, std::string_view only) {
    return fixed_setting(name, only, no_cache);
}

aws::Outcome<void> take_log(std::string& to, const Patch& patch) {
    if (patch.text().empty()) return bad_request("Access Log value must not be empty");
    to = patch.text();
    return {};
}

aws::Outcome<void> wrong_log(Stage&, const Patch&) {
    return bad_request(
        "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, "
        "/accessLogSettings/format]");
}

aws::Outcome<void> take_variable(Stage& stage, const Patch& patch) {
    if (patch.removes()) {
        stage.variables.erase(patch.parts.back());
    } else {
        stage.variables[patch.parts.back()] = patch.text();
    }
    return {};
}

const PatchTable<Stage>& patch_table() {
    static const PatchTable<Stage> table(
        PatchErrors::naming_paths,
        {
            {{"/deploymentId", "replace"}, patch_text(&Stage::deployment_id)},
            {{"/deploymentId", "copy"}, patch_refused<Stage>("canarySettings", no_canaries)},
            {{"/description", "replace remove"}, patch_text(&Stage::description)},
            {{"/variables/{}", "add replace remove"}, take_variable},
            {{"/variables", "copy remove"}, patch_refused<Stage>("canarySettings", no_canaries)},
            {{"/tracingEnabled", "replace"}, patch_fixed<Stage>("tracingEnabled", "false", "there is no X-Ray")},
            {{"/cacheClusterEnabled", "replace"}, patch_fixed<Stage>("cacheClusterEnabled", "false", no_cache)},
            {{"/cacheClusterSize", "replace"}, patch_refused<Stage>("cacheClusterSize", no_cache)},
            {{"/clientCertificateId", "replace remove"},
             patch_fixed<Stage>("clientCertificateId", "", "there are no client certificates")},
            {{"/documentationVersion", "replace remove"},
             patch_fixed<Stage>("documentationVersion", "", "there are no documentation parts")},
            {{"/canarySettings", "add replace remove copy"}, patch_refused<Stage>("canarySettings", no_canaries)},
            {{"/canarySettings/{*}", "add replace remove copy"}, patch_refused<Stage>("canarySettings", no_canaries)},
            {{"/accessLogSettings", "remove"},
             [](Stage& stage, const Patch&) -> aws::Outcome<void> {
                 stage.access_log_destination.clear();
                 stage.access_log_format.clear();
                 return {};
             }},
            {{"/accessLogSettings/destinationArn", "add replace"},
             [](Stage& stage, const Patch& patch) { return take_log(stage.access_log_destination, patch); }},
            {{"/accessLogSettings/format", "add replace"},
             [](Stage& stage, const Patch& patch) { return take_log(stage.access_log_format, patch); }},
            {{"/accessLogSettings/{}", "add replace"}, wrong_log},
            {{"/{}/{}/metrics/enabled", "replace"}, setting(take_metrics)},
            {{"/{}/{}/logging/dataTrace", "replace"}, fixed_setting("logging.dataTrace", "false", no_execution_logs)},
            {{"/{}/{}/logging/loglevel", "replace"}, setting(take_level)},
            {{"/{}/{}/throttling/burstLimit", "replace remove"}, setting(take_burst)},
            {{"/{}/{}/throttling/rateLimit", "replace remove"}, setting(take_rate)},
            {{"/{}/{}/caching/enabled", "replace"}, cache_setting("caching.enabled", "false")},
            {{"/{}/{}/caching/ttlInSeconds", "replace"}, cache_setting("caching.ttlInSeconds", "300")},
            {{"/{}/{}/caching/dataEncrypted", "replace"}, cache_setting("caching.dataEncrypted", "false")},
            {{"/{}/{}/caching/requireAuthorizationForCacheControl", "replace"},
             cache_setting("caching.requireAuthorizationForCacheControl", "true")},
            {{"/{}/{}/caching/unauthorizedCacheControlHeaderStrategy", "replace"},
             cache_setting("caching.unauthorizedCacheControlHeaderStrategy", "SUCCEED_WITH_RESPONSE_HEADER")},
            {{"/{}/{}", "remove"}, remove_setting},
        });
    return table;
}

}  // namespace

aws::Outcome<void> patch_stage(gateway::Stage& stage, const std::vector<Patch>& patches, const Scope& scope) {
    TRY(patch_table().apply(stage, patches));
    // Each half may come in a patch of its own; together they have to be of use.
    if (!stage.access_log_destination.empty() && !stage.access_log_format.empty()) {
        TRY(outcome_of(
            gateway::check_access_log(stage.access_log_format, stage.access_log_destination, scope.account)));
    }
    return check_variables(stage.variables);
}

}  // namespace millrace::service::apigateway
