// The end of a request: ids, compression, the answer, and what is told of it.
#include "src/gateway/access/reports.h"
#include "src/gateway/rest/body.h"
#include "src/gateway/rest/context.h"
#include "src/gateway/rest/engine.h"
#include "src/gateway/rest/execution_log.h"

namespace millrace::gateway {
namespace {

void compress(const Call& call, http::Response* response) {
    const std::optional<int32_t>& from = call.stage->api().minimum_compression_bytes;
    if (!from || response->body.empty() || response->body.size() < static_cast<size_t>(std::max(*from, 0))) return;
    if (response->headers.find("content-encoding") != nullptr) return;
    if (!accepts_gzip(call.head().headers.get("accept-encoding"))) return;
    response->body = gzip(response->body);
    response->headers.add("content-encoding", "gzip");
}

}  // namespace

void Engine::finish(const CallRef& call, http::Response response) {
    call->status = response.status;
    response.headers.set("x-amzn-requestid", call->request_id);
    response.headers.set("x-amz-apigw-id", call->extended_id);
    if (call->stage == nullptr) return call->exchange->respond(std::move(response));
    if (response.body.size() > body_bytes_max) {
        response.status = call->status = 500;
        response.headers.set("content-type", "application/json");
        response.body = "{\"message\":\"Internal server error\"}";
        call->integration_error = "The answer is larger than 10 MB";
    }
    if (call->log) {  // a test: no stage's figures, no stage's log
        log_method_answer(*call, response);
        return call->exchange->respond(std::move(response));
    }
    compress(*call, &response);
    FinishedRequest finished;
    finished.served = call->stage->served_ref();
    finished.resource_path = call->method == nullptr ? std::string_view() : call->method->resource->path;
    finished.http_method = call->head().method;
    finished.status = response.status;
    finished.latency_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - call->begun).count();
    finished.integration_latency_ms = call->integration_ms;
    finished.response_bytes = response.body.size();
    finished.context = [&call](std::string_view name) { return context_text(*call, name); };
    call->exchange->respond(std::move(response));
    if (parts_.reports != nullptr) parts_.reports->finished(finished);
}

}  // namespace millrace::gateway
