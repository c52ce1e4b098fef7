#include "src/gateway/rest/context.h"

#include <ctime>

#include "src/base/json_text.h"
#include "src/gateway/rest/compiled.h"

namespace millrace::gateway {
namespace {

std::string log_time(TimestampMs time) {
    const std::time_t seconds = static_cast<std::time_t>(time.value() / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char shown[40];
    return {shown, std::strftime(shown, sizeof shown, "%d/%b/%Y:%H:%M:%S +0000", &parts)};
}

std::string protocol_of(const http::RequestHead& head) {
    return head.version == 20 ? "HTTP/2.0" : head.version == 10 ? "HTTP/1.0" : "HTTP/1.1";
}

std::string json_text(std::string_view text) {
    std::string out;
    append_json_string(text, out);
    return out;
}

using Value = std::optional<std::string>;

Value some(std::string_view text) {
    return text.empty() ? Value() : Value(std::string(text));
}

Value identity_text(const Call& call, std::string_view name) {
    const Identity& identity = call.identity;
    if (name == "sourceIp") return call.head().peer_address;
    if (name == "userAgent") return some(call.head().headers.get("user-agent"));
    if (name == "apiKey") return some(identity.api_key);
    if (name == "apiKeyId") return some(identity.api_key_id);
    if (name == "accountId") return some(identity.account);
    if (name == "accessKey") return some(identity.access_key);
    if (name == "caller" || name == "user") return some(identity.caller);
    if (name == "userArn") return some(identity.user_arn);
    return std::nullopt;
}

Value error_text(const Call& call, std::string_view name) {
    if (name == "message") return some(call.error_message);
    if (name == "messageString") return call.error_message.empty() ? "null" : json_text(call.error_message);
    if (name == "responseType") return some(call.error_type);
    if (name == "validationErrorString") return some(call.validation_error);
    return std::nullopt;
}

Value integration_text(const Call& call, std::string_view name) {
    if (name == "status" || name == "integrationStatus")
        return call.integration_status == 0 ? Value() : std::to_string(call.integration_status);
    if (name == "latency") return call.integration_ms < 0 ? Value() : std::to_string(call.integration_ms);
    if (name == "error") return some(call.integration_error);
    if (name == "requestId") return some(call.integration_request_id);
    return std::nullopt;
}

Value authorizer_text(const Call& call, std::string_view name) {
    if (name == "principalId") return some(call.identity.principal);
    const auto found = call.identity.authorizer.find(std::string(name));
    return found == call.identity.authorizer.end() ? Value() : Value(found->second);
}

Value of_api(const Call& call, std::string_view name) {
    if (name == "apiId") return call.place.api_id;
    if (name == "stage") return call.place.stage;
    if (call.stage == nullptr) return std::nullopt;
    if (name == "accountId") return call.stage->api().scope.account;
    if (name == "deploymentId") return call.stage->deployment().id;
    if (name == "resourcePath") return call.method == nullptr ? Value() : call.method->resource->path;
    if (name == "resourceId") return call.method == nullptr ? Value() : call.method->resource->id;
    if (name == "operationName") return call.method == nullptr ? Value() : some(call.method->method->operation_name);
    return std::nullopt;
}

class ContextObject final : public vtl::Object {
  public:
    ContextObject(Call& call, std::string prefix) : call_(call), prefix_(std::move(prefix)) {}

    std::optional<vtl::Value> property(std::string_view name) const override {
        if (prefix_.empty()) {
            if (name == "requestOverride")
                return override_of(call_.request_override, {"header", "path", "querystring"});
            if (name == "responseOverride") return override_of(call_.response_override, {"header"});
            if (name == "authorizer" || name == "identity" || name == "error" || name == "integration")
                return vtl::Value::ObjectRef(std::make_shared<ContextObject>(call_, std::string(name) + "."));
        }
        return vtl::Value(context_text(call_, prefix_ + std::string(name)).value_or(""));
    }

    std::optional<vtl::Value> call(std::string_view name, const std::vector<vtl::Value>& arguments) const override {
        if (name == "get" && arguments.size() == 1) return property(arguments[0].text());
        return std::nullopt;
    }

  private:
    static vtl::Value override_of(vtl::Value& made, std::initializer_list<const char*> parts) {
        if (made.is_null()) {
            made = vtl::make_map();
            for (const char* part : parts) made.map()->put(part, vtl::make_map());
        }
        return made;
    }

    Call& call_;
    const std::string prefix_;
};

class Writer {
  public:
    explicit Writer(std::string& out) : out_(out) {}
    void field(std::string_view name, const std::optional<std::string>& value) {
        begin(name);
        if (value) {
            append_json_string(*value, out_);
        } else {
            out_ += "null";
        }
    }
    void number(std::string_view name, int64_t value) {
        begin(name);
        out_ += std::to_string(value);
    }
    void begin(std::string_view name) {
        if (out_.back() != '{') out_ += ',';
        append_json_string(name, out_);
        out_ += ':';
    }

  private:
    std::string& out_;
};

}  // namespace

std::optional<std::string> context_text(const Call& call, std::string_view name) {
    const auto below = [&](std::string_view prefix) { return name.substr(prefix.size()); };
    if (name.starts_with("identity.")) return identity_text(call, below("identity."));
    if (name.starts_with("authorizer.")) return authorizer_text(call, below("authorizer."));
    if (name.starts_with("error.")) return error_text(call, below("error."));
    if (name.starts_with("integration.")) return integration_text(call, below("integration."));
    if (name == "requestId" || name == "awsEndpointRequestId")
        return name == "requestId" ? Value(call.request_id) : some(call.integration_request_id);
    if (name == "extendedRequestId") return call.extended_id;
    if (name == "httpMethod") return call.head().method;
    if (name == "path") return call.place.request_path;
    if (name == "protocol") return protocol_of(call.head());
    if (name == "domainName") return call.place.domain_name;
    if (name == "domainPrefix") return call.place.domain_prefix;
    if (name == "requestTime") return log_time(call.received);
    if (name == "requestTimeEpoch") return std::to_string(call.received.value());
    if (name == "xrayTraceId") return call.trace_id;
    if (name == "status") return call.status == 0 ? Value() : std::to_string(call.status);
    if (name == "integrationStatus" || name == "integrationErrorMessage" || name == "integrationLatency")
        return integration_text(call, name == "integrationErrorMessage" ? "error"
                                      : name == "integrationLatency"    ? "latency"
                                                                        : "status");
    return of_api(call, name);
}

vtl::Value make_context(Call& call) {
    return vtl::Value::ObjectRef(std::make_shared<ContextObject>(call, ""));
}

void append_request_context(const Call& call, std::string& out) {
    out += '{';
    Writer writer(out);
    for (const std::string_view name :
         {"accountId", "apiId", "deploymentId", "domainName", "domainPrefix", "extendedRequestId", "httpMethod", "path",
          "protocol", "requestId", "requestTime", "resourceId", "resourcePath", "stage"}) {
        writer.field(name, context_text(call, name));
    }
    if (!call.method->method->operation_name.empty())
        writer.field("operationName", call.method->method->operation_name);
    writer.number("requestTimeEpoch", call.received.value());
    if (!call.identity.principal.empty() || !call.identity.authorizer.empty()) {
        writer.begin("authorizer");
        out += '{';
        if (!call.identity.principal.empty()) writer.field("principalId", call.identity.principal);
        for (const auto& [name, value] : call.identity.authorizer) writer.field(name, value);
        if (call.identity.authorizer_ms >= 0) writer.number("integrationLatency", call.identity.authorizer_ms);
        out += '}';
    }
    writer.begin("identity");
    out += '{';
    for (const std::string_view name :
         {"accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
          "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "sourceIp", "user", "userAgent", "userArn"}) {
        writer.field(name, identity_text(call, name));
    }
    for (const std::string_view name : {"apiKey", "apiKeyId"}) {
        if (const auto value = identity_text(call, name)) writer.field(name, value);
    }
    out += "}}";
}

}  // namespace millrace::gateway
