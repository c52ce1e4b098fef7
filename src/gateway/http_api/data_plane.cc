#include "src/gateway/http_api/data_plane.h"

#include <algorithm>

#include "src/base/checksum.h"
#include "src/gateway/access/reports.h"
#include "src/gateway/http_api/access_log.h"
#include "src/gateway/http_api/cors.h"
#include "src/gateway/http_api/plane.h"
#include "src/gateway/http_api/route_key.h"
#include "src/gateway/http_api/throttle.h"
#include "src/gateway/text/aws_request.h"

namespace millrace::gateway::http_api {
namespace {

constexpr std::string_view mark = ".execute-api.";

std::string lower_host(const http::RequestHead& head) {
    std::string_view host = head.headers.get("host");
    const size_t colon = host.rfind(':');
    if (colon != std::string_view::npos) host = host.substr(0, colon);
    std::string low(host);
    for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return low;
}

// "ID.execute-api.localhost", with a region before "localhost" or not, or AWS's own name: the ID.
std::string_view api_of_host(std::string_view host) {
    const size_t at = host.find(mark);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = host.substr(at + mark.size());
    const bool ours = rest == "localhost" || rest.ends_with(".localhost") || rest.ends_with(".amazonaws.com");
    return ours ? host.substr(0, at) : std::string_view();
}

// "/prod/orders" begins with the segment "prod"; what is left begins with a slash.
bool take_prefix(std::string_view path, std::string_view prefix, std::string* rest) {
    if (prefix.empty()) {
        *rest = path;
        return true;
    }
    if (!path.substr(std::min<size_t>(1, path.size())).starts_with(prefix)) return false;
    path.remove_prefix(1 + prefix.size());
    if (!path.empty() && !path.starts_with('/')) return false;
    *rest = path.empty() ? std::string_view("/") : path;
    return true;
}

class Server final : public DataPlane {
  public:
    Server(DataPlaneOptions options, DataPlaneParts parts)
        : plane_{std::move(parts),
                 AnswerCache(options.answers_max, options.answer_bytes_max),
                 Deadlines::make(),
                 nullptr,
                 io::make_executor({.name = "issuers",
                                    .threads_max = options.issuer_threads_max,
                                    .queue_max = options.outward_waiting_max}),
                 std::make_unique<HostTurns>(
                     HostTurnsOptions{.name = "http-api",
                                      .threads_max = options.outward_threads_max,
                                      .waiting_max = options.outward_waiting_max,
                                      .of_host_max = std::max(1u, options.outward_threads_max / 4),
                                      .of_host_waiting_max = std::max(1u, options.outward_waiting_max / 4)})} {
        plane_.issuers =
            Issuers::make([this](const std::string& url) { return fetch(url); }, *plane_.issuing, plane_.parts.clock);
    }
    ~Server() override {
        plane_.issuing->stop();  // who has a key goes on, perhaps outward
        plane_.outward->stop();
    }

    bool takes(const http::RequestHead& head) const override {
        const std::string host = lower_host(head);
        const std::string_view id = api_of_host(host);
        if (!id.empty()) return plane_.parts.apis.of_host(id) != nullptr;
        return plane_.parts.apis.domain_of_host(host) != nullptr && !is_for_aws(head);
    }

    void handle(std::unique_ptr<http::Exchange> exchange, const VerifySigner& verify) override {
        const auto call = std::make_shared<Call>();
        call->exchange = std::move(exchange);
        call->request_id = random_uuid();
        call->received = plane_.parts.clock.now();
        call->started_ns = plane_.parts.clock.monotonic_ns();
        if (!find_stage(*call)) return finish(plane_, call, message(404, "Not Found"));
        const Snapshot& snapshot = *call->deployment->snapshot;
        if (snapshot.cors && is_preflight(call->head())) {
            return finish(plane_, call, preflight_response(call->head(), *snapshot.cors));
        }
        RouteTable::Match match = call->deployment->routes->find(call->head().method, call->path);
        if (match.route == nullptr) return finish(plane_, call, message(404, "Not Found"));
        call->route = match.route;
        call->parameters = std::move(match.parameters);
        call->rest_name = std::move(match.rest_name);
        call->rest = std::move(match.rest);
        constexpr std::string_view target = "integrations/";
        if (call->route->target.starts_with(target)) {
            const auto at = snapshot.integrations.find(call->route->target.substr(target.size()));
            if (at != snapshot.integrations.end()) call->integration = &at->second;
        }
        if (call->exchange->body().size() > payload_bytes_max) {
            return finish(plane_, call, message(413, "Request Entity Too Large"));
        }
        if (!throttle_.admit(*call->api, *call->stage, call->route->key, call->started_ns)) {
            return finish(plane_, call, message(429, "Too Many Requests"));
        }
        authorize(plane_, call, verify, [this, call] { integrate(plane_, call); });
    }

    void forget_answers(std::string_view api, std::string_view stage) override {
        plane_.answers.forget(std::string(api) + "/" + std::string(stage) + "/");
    }

  private:
    // The API, the stage and what of the path is below it. False: there is none, or it serves nothing yet.
    bool find_stage(Call& call) const {
        const std::string host = lower_host(call.head());
        const std::string& path = call.head().path;
        const std::string_view id = api_of_host(host);
        std::string stage_name;
        if (!id.empty()) {
            call.api = plane_.parts.apis.of_host(id);
            if (call.api == nullptr || call.api->execute_endpoint_disabled) return false;
            for (const auto& [name, stage] : call.api->stages) {
                if (name != "$default" && take_prefix(path, name, &call.path)) stage_name = name;
            }
            if (stage_name.empty()) {
                stage_name = "$default";
                call.path = path;
            }
        } else if (!find_mapping(host, call, &stage_name)) {
            return false;
        }
        const auto stage = call.api->stages.find(stage_name);
        if (stage == call.api->stages.end()) return false;
        const auto deployment = call.api->deployments.find(stage->second.deployment_id);
        if (deployment == call.api->deployments.end()) return false;
        call.stage = &stage->second;
        call.deployment = &deployment->second;
        return true;
    }

    // The mapping with the longest key that begins the path.
    bool find_mapping(const std::string& host, Call& call, std::string* stage) const {
        const HttpApis::Domain domain = plane_.parts.apis.domain_of_host(host);
        if (domain == nullptr) return false;
        const ApiMapping* best = nullptr;
        std::string rest;
        for (const auto& [id, mapping] : domain->mappings) {
            if (best != nullptr && best->key.size() >= mapping.key.size()) continue;
            if (!take_prefix(call.head().path, mapping.key, &rest)) continue;
            best = &mapping;
            call.path = rest;
        }
        if (best == nullptr) return false;
        call.api = plane_.parts.apis.of_host(best->api_id);
        *stage = best->stage;
        return call.api != nullptr;
    }

    Result<std::string> fetch(const std::string& url) const {
        http::OutboundRequest request;
        request.url = url;
        request.connect_ms_max = 3'000;
        request.first_byte_ms_max = 5'000;
        request.total_ms_max = 10'000;
        request.response_bytes_max = 1 << 20;
        request.headers.add("accept", "application/json");
        TRY_ASSIGN(http::OutboundResponse response, plane_.parts.outbound.call(request));
        if (response.status != 200) {
            return Error{ErrorCode::unavailable, url + " answered " + std::to_string(response.status)};
        }
        return std::move(response.body);
    }

    Plane plane_;
    Throttle throttle_;
};

// A route's settings stand for the stage's.
bool has_detailed_metrics(const Call& call) {
    if (call.route == nullptr) return false;
    const auto own = call.stage->route_settings.find(call.route->key);
    return call.stage->settings.detailed_metrics ||
           (own != call.stage->route_settings.end() && own->second.detailed_metrics);
}

void count(Plane& plane, const Call& call, int status) {
    if (plane.parts.reports == nullptr || call.stage == nullptr) return;
    CountedRequest counted{call.api->scope.account, call.api->id, call.stage->name};
    if (has_detailed_metrics(call)) {
        counted.http_method = call.head().method;
        const std::string_view key = call.route->key;
        counted.resource_path = key.substr(std::min(key.size(), key.find(' ') + 1));  // "$default" as it is
    }
    counted.status = status;
    counted.latency_ms = (plane.parts.clock.monotonic_ns() - call.started_ns) / 1'000'000;
    if (call.integration_ended_ns != 0)
        counted.integration_latency_ms = (call.integration_ended_ns - call.integration_started_ns) / 1'000'000;
    plane.parts.reports->count(counted);
}

}  // namespace

std::unique_ptr<DataPlane> DataPlane::make(DataPlaneOptions options, DataPlaneParts parts) {
    return std::make_unique<Server>(options, std::move(parts));
}

namespace {

// By whoever has turned `answered`: the call is his alone.
void send(Plane& plane, const CallRef& call, http::Response response) {
    if (const uint64_t deadline = call->deadline; deadline != 0) plane.deadlines->remove(deadline);
    if (call->deployment != nullptr && call->deployment->snapshot->cors && !is_preflight(call->head())) {
        add_cors(call->head(), *call->deployment->snapshot->cors, response);
    }
    response.headers.set("apigw-requestid", call->request_id);
    count(plane, *call, response.status);
    log_access(plane, *call, response);
    call->exchange->respond(std::move(response));
}

}  // namespace

void finish(Plane& plane, const CallRef& call, http::Response response, std::string error) {
    if (call->answered.exchange(true)) return;
    if (!error.empty()) call->error = std::move(error);
    send(plane, call, std::move(response));
}

void integrate(Plane& plane, const CallRef& call) {
    if (call->integration == nullptr) return finish(plane, call, message(500, "Internal Server Error"));
    call->integration_started_ns = plane.parts.clock.monotonic_ns();
    const std::weak_ptr<Call> waiting = call;
    call->deadline = plane.deadlines->add(call->integration->timeout_ms, [&plane, waiting] {
        const CallRef late = waiting.lock();
        if (late == nullptr) return;
        finish(plane, late, message(503, "Service Unavailable"), "the integration did not answer in time");
    });
    if (call->integration->type == "HTTP_PROXY") return call_url(plane, call);
    if (!call->integration->subtype.empty()) return call_service(plane, call);
    call_function(plane, call);
}

void integrated(Plane& plane, const CallRef& call, http::Response response, std::string error) {
    if (call->answered.exchange(true)) return;  // its time was over
    call->error = std::move(error);
    call->integration_ended_ns = plane.parts.clock.monotonic_ns();
    call->integration_status = response.status;
    map_response(*call, response);
    send(plane, call, std::move(response));
}

}  // namespace millrace::gateway::http_api
