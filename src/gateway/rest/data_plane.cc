#include "src/gateway/rest/data_plane.h"

#include <algorithm>

#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/gateway/access/reports.h"
#include "src/gateway/rest/body.h"
#include "src/gateway/rest/engine.h"
#include "src/gateway/rest/place.h"
#include "src/gateway/rest/request_ids.h"
#include "src/io/clock.h"

namespace millrace::gateway {
namespace {

constexpr uint32_t heavy_threads = 2;

}  // namespace

std::unique_ptr<DataPlane> DataPlane::make(DataPlaneOptions options, DataPlaneParts parts) {
    return std::make_unique<Engine>(options, std::move(parts));
}

Engine::Engine(DataPlaneOptions options, DataPlaneParts parts)
    : options_(options),
      parts_(std::move(parts)),
      deadlines_(Deadlines::make()),
      heavy_(io::make_executor(
          {.name = "gateway-large", .threads_max = heavy_threads, .queue_max = options_.http_waiting_max})),
      turns_({.name = "gateway",
              .threads_max = options_.http_threads_max,
              .waiting_max = options_.http_waiting_max,
              .of_host_max = std::max(1u, options_.http_threads_max / 4),
              .of_host_waiting_max = std::max(1u, options_.http_waiting_max / 4)}) {}
Engine::~Engine() = default;

bool Engine::takes(const http::RequestHead& head) const {
    return is_for_an_api(head, parts_.apis);
}

std::shared_ptr<const CompiledStage> Engine::stage_of(const Place& place) {
    std::shared_ptr<const Served> served = parts_.apis.served(place.api_id, place.stage);
    if (served == nullptr) return nullptr;
    const std::string key = place.api_id + "/" + place.stage;
    {
        std::lock_guard lock(mutex_);
        const auto known = stages_.find(key);
        if (known != stages_.end() && known->second->served().generation == served->generation) return known->second;
    }
    auto made = std::make_shared<const CompiledStage>(served, parts_.access.compile(served));
    std::lock_guard lock(mutex_);
    if (stages_.size() >= options_.stages_kept_max && !stages_.contains(key)) stages_.clear();
    stages_[key] = made;
    return made;
}

void Engine::handle(std::unique_ptr<http::Exchange> exchange, std::string access_key, VerifySignature verify) {
    auto call = std::make_shared<Call>();
    call->exchange = std::move(exchange);
    call->verify = std::move(verify);
    call->received = parts_.clock.now();
    call->request_id = make_request_id();
    call->extended_id = make_extended_id();
    const std::string_view trace = call->head().headers.get("x-amzn-trace-id");
    call->trace_id = trace.empty() ? make_trace_id(call->received) : std::string(trace);

    std::optional<Place> place = place_of(call->head(), parts_.apis);
    if (!place) return refuse(call, {"ACCESS_DENIED", 403, "Forbidden", "ForbiddenException"});
    call->place = std::move(*place);
    call->stage = stage_of(call->place);
    if (call->stage == nullptr) return refuse(call, {"ACCESS_DENIED", 403, "Forbidden", "ForbiddenException"});
    if (call->stage->api().execute_endpoint_disabled && !call->place.custom_domain)
        return refuse(call, {"ACCESS_DENIED", 403, "Forbidden", "ForbiddenException"});

    RouteMatch match = call->stage->routes().find(call->head().method, call->place.path);
    if (match.method == nullptr) {
        return refuse(call, {"MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token",
                             "MissingAuthenticationTokenException"});
    }
    call->method = &call->stage->method(*match.resource, *match.method);
    call->path_parameters = std::move(match.parameters);
    call->rest_name = std::move(match.rest_name);
    call->rest = std::move(match.rest);
    call->query = parse_query(call->head().query);
    call->body = call->exchange->body();
    if (call->body.size() > body_bytes_max) {
        return refuse(call, {"REQUEST_TOO_LARGE", 413, "Request Entity Too Large", "RequestEntityTooLargeException"});
    }
    admit(call, std::move(access_key));
}

void Engine::admit(const CallRef& call, std::string access_key) {
    AccessRequest request;
    request.rules = call->stage->rules();
    request.resource = call->method->resource;
    request.method = call->method->method;
    request.head = &call->head();
    request.path = call->place.path;
    request.request_path = call->place.request_path;
    request.source_ip = call->head().peer_address;
    request.request_id = call->request_id;
    request.domain_name = call->place.domain_name;
    call->access_key = std::move(access_key);
    request.access_key = call->access_key;
    request.path_parameters = &call->path_parameters;
    request.parameters = &call->query;
    request.verify = call->verify;
    parts_.access.check(std::move(request), [this, call](AccessVerdict verdict) {
        auto said = std::make_shared<AccessVerdict>(std::move(verdict));
        call->exchange->post([this, call, said] {
            call->identity = std::move(said->identity);
            if (!said->refusal) return run(call, call->body.size(), [this, call] { check(call); });
            AccessRefusal& refusal = *said->refusal;
            refuse(call, {refusal.type, refusal.status, std::move(refusal.message), std::move(refusal.error_type)});
        });
    });
}

}  // namespace millrace::gateway
