#include "src/gateway/http_api/access_log.h"

#include "src/base/base64.h"
#include "src/base/json_text.h"
#include "src/gateway/access/log_format.h"

namespace millrace::gateway::http_api {
namespace {

constexpr std::string_view group_mark = ":log-group:";
constexpr std::string_view stream_mark = ":deliverystream/";

std::string_view after(std::string_view text, std::string_view what) {
    const size_t at = text.find(what);
    return at == std::string_view::npos ? std::string_view() : text.substr(at + what.size());
}

void put_on_firehose(Plane& plane, const Call& call, std::string_view stream, const std::string& line) {
    ServiceCall put;
    put.scope = call.api->scope;
    put.service = "firehose";
    put.operation = "PutRecord";
    put.body = "{\"DeliveryStreamName\":";
    append_json_string(stream, put.body);
    put.body += ",\"Record\":{\"Data\":\"" + base64_encode(line + "\n") + "\"}}";
    plane.parts.caller.call(std::move(put), [](ServiceAnswer) {});
}

}  // namespace

void log_access(Plane& plane, const Call& call, const http::Response& response) {
    if (call.stage == nullptr || call.stage->access_log_destination.empty()) return;
    const int64_t took_ms = (plane.parts.clock.monotonic_ns() - call.started_ns) / 1'000'000;
    const Result<LogFormat> format = LogFormat::parse(call.stage->access_log_format);
    if (!format.ok()) return;  // the control plane let none such in
    const std::string line = format->line([&](std::string_view name) -> std::optional<std::string> {
        if (name == "status") return std::to_string(response.status);
        if (name == "responseLength") return std::to_string(response.body.size());
        if (name == "responseLatency") return std::to_string(took_ms);
        return context_variable(call, name);
    });
    const std::string_view destination = call.stage->access_log_destination;
    if (const std::string_view stream = after(destination, stream_mark); !stream.empty()) {
        return put_on_firehose(plane, call, stream, line);
    }
    std::string_view group = after(destination, group_mark);
    if (group.ends_with(":*")) group.remove_suffix(2);
    plane.parts.lines.write(call.api->scope, std::string(group), call.api->id + "/" + call.stage->name, call.received,
                            line);
}

Status check_access_log(std::string_view format, std::string_view destination) {
    const std::string_view stream = after(destination, stream_mark);
    const bool group = destination.starts_with("arn:") && !after(destination, group_mark).empty();
    if (!group && !(destination.starts_with("arn:") && stream.starts_with("amazon-apigateway-"))) {
        return Error{ErrorCode::invalid_argument,
                     "Access log destination must be the ARN of a log group, or of a Firehose delivery stream whose "
                     "name begins with amazon-apigateway-"};
    }
    const Result<LogFormat> parsed = LogFormat::parse(format);
    return parsed.ok() ? Status{} : Status(parsed.error());
}

}  // namespace millrace::gateway::http_api
