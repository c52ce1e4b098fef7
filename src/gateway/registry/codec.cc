#include "src/gateway/registry/codec.h"

#include <concepts>

#include <boost/json.hpp>

// describe() names a struct's members once, for writing and for reading: an archive is called with each member's name
// and the member.
namespace millrace::gateway {
namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;

template <class T, class U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

void describe(auto& a, Is<Model> auto& it) {
    a("id", it.id), a("name", it.name), a("description", it.description);
    a("content_type", it.content_type), a("schema", it.schema);
}
void describe(auto& a, Is<RequestValidator> auto& it) {
    a("id", it.id), a("name", it.name), a("body", it.body), a("parameters", it.parameters);
}
void describe(auto& a, Is<Authorizer> auto& it) {
    a("id", it.id), a("name", it.name), a("type", it.type), a("auth_type", it.auth_type), a("uri", it.uri);
    a("credentials", it.credentials), a("identity_source", it.identity_source);
    a("validation_expression", it.validation_expression), a("result_ttl_s", it.result_ttl_s);
    a("provider_arns", it.provider_arns);
}
void describe(auto& a, Is<IntegrationResponse> auto& it) {
    a("status_code", it.status_code), a("selection_pattern", it.selection_pattern), a("parameters", it.parameters);
    a("templates", it.templates), a("content_handling", it.content_handling);
}
void describe(auto& a, Is<Integration> auto& it) {
    a("type", it.type), a("http_method", it.http_method), a("uri", it.uri), a("credentials", it.credentials);
    a("connection_type", it.connection_type), a("connection_id", it.connection_id), a("parameters", it.parameters);
    a("templates", it.templates), a("passthrough", it.passthrough), a("content_handling", it.content_handling);
    a("timeout_ms", it.timeout_ms), a("cache_namespace", it.cache_namespace);
    a("cache_key_parameters", it.cache_key_parameters), a("tls_insecure", it.tls_insecure);
    a("responses", it.responses);
}
void describe(auto& a, Is<MethodResponse> auto& it) {
    a("status_code", it.status_code), a("parameters", it.parameters), a("models", it.models);
}
void describe(auto& a, Is<Method> auto& it) {
    a("http_method", it.http_method), a("authorization", it.authorization), a("authorizer_id", it.authorizer_id);
    a("scopes", it.scopes), a("api_key_required", it.api_key_required), a("operation_name", it.operation_name);
    a("validator_id", it.validator_id), a("parameters", it.parameters), a("models", it.models);
    a("responses", it.responses), a("integration", it.integration);
}
void describe(auto& a, Is<Resource> auto& it) {
    a("id", it.id), a("parent_id", it.parent_id), a("path_part", it.path_part), a("path", it.path);
    a("methods", it.methods);
}
void describe(auto& a, Is<GatewayResponse> auto& it) {
    a("type", it.type), a("status_code", it.status_code), a("parameters", it.parameters);
    a("templates", it.templates);
}
void describe(auto& a, Is<RestApi> auto& it) {
    a("id", it.id), a("name", it.name), a("description", it.description), a("version", it.version);
    a("created", it.created), a("binary_media_types", it.binary_media_types);
    a("minimum_compression_bytes", it.minimum_compression_bytes), a("key_source", it.key_source);
    a("endpoint_types", it.endpoint_types), a("policy", it.policy);
    a("execute_endpoint_disabled", it.execute_endpoint_disabled), a("tags", it.tags), a("resources", it.resources);
    a("root_id", it.root_id), a("models", it.models), a("validators", it.validators);
    a("authorizers", it.authorizers), a("gateway_responses", it.gateway_responses);
}
void describe(auto& a, Is<Deployment> auto& it) {
    a("id", it.id), a("description", it.description), a("created", it.created), a("api", it.api);
}
void describe(auto& a, Is<DeploymentNote> auto& it) {
    a("id", it.id), a("description", it.description), a("created", it.created);
}
void describe(auto& a, Is<MethodSetting> auto& it) {
    a("metrics", it.metrics), a("logging_level", it.logging_level), a("data_trace", it.data_trace);
    a("burst_limit", it.burst_limit), a("rate_limit", it.rate_limit);
}
void describe(auto& a, Is<Stage> auto& it) {
    a("name", it.name), a("deployment_id", it.deployment_id), a("description", it.description);
    a("created", it.created), a("updated", it.updated), a("variables", it.variables), a("settings", it.settings);
    a("access_log_format", it.access_log_format), a("access_log_destination", it.access_log_destination);
    a("tracing", it.tracing), a("tags", it.tags);
}
void describe(auto& a, Is<ApiKey> auto& it) {
    a("id", it.id), a("name", it.name), a("description", it.description), a("customer_id", it.customer_id);
    a("value", it.value), a("enabled", it.enabled), a("created", it.created), a("updated", it.updated);
    a("tags", it.tags);
}
void describe(auto& a, Is<Throttle> auto& it) {
    a("rate", it.rate), a("burst", it.burst);
}
void describe(auto& a, Is<UsagePlan::ApiStage> auto& it) {
    a("api_id", it.api_id), a("stage", it.stage), a("throttle", it.throttle);
}
void describe(auto& a, Is<Quota> auto& it) {
    a("limit", it.limit), a("offset", it.offset), a("period", it.period);
}
void describe(auto& a, Is<UsagePlan> auto& it) {
    a("id", it.id), a("name", it.name), a("description", it.description), a("product_code", it.product_code);
    a("stages", it.stages), a("throttle", it.throttle), a("quota", it.quota), a("key_ids", it.key_ids);
    a("tags", it.tags);
}
void describe(auto& a, Is<BasePath> auto& it) {
    a("base_path", it.base_path), a("api_id", it.api_id), a("stage", it.stage);
}
void describe(auto& a, Is<DomainName> auto& it) {
    a("name", it.name), a("endpoint_types", it.endpoint_types), a("certificate_arn", it.certificate_arn);
    a("certificate_name", it.certificate_name), a("regional_certificate_arn", it.regional_certificate_arn);
    a("regional_certificate_name", it.regional_certificate_name), a("security_policy", it.security_policy);
    a("created", it.created), a("base_paths", it.base_paths), a("tags", it.tags);
}

class Writer {
  public:
    explicit Writer(json::object& out) : out_(out) {}
    template <class T>
    void operator()(std::string_view name, const T& value) {
        if constexpr (requires { value.empty(); }) {
            if (value.empty()) return;
        }
        if constexpr (requires { value.has_value(); }) {
            if (value.has_value()) out_[name] = written(*value);
        } else {
            out_[name] = written(value);
        }
    }

  private:
    static json::value written(const std::string& text) { return json::value(text); }
    static json::value written(TimestampMs time) { return time.value(); }
    static json::value written(bool flag) { return flag; }
    static json::value written(int32_t number) { return number; }
    static json::value written(double number) { return number; }
    template <class T>
    static json::value written(const std::vector<T>& values) {
        json::array out;
        for (const T& value : values) out.push_back(written(value));
        return out;
    }
    template <class T>
    static json::value written(const std::map<std::string, T>& values) {
        json::object out;
        for (const auto& [key, value] : values) out[key] = written(value);
        return out;
    }
    template <class T>
    static json::value written(const T& value) {
        json::object out;
        Writer writer(out);
        describe(writer, value);
        return out;
    }

    json::object& out_;
};

// Throws what boost::json throws where a member is not of its kind.
class Reader {
  public:
    explicit Reader(const json::object& in) : in_(in) {}
    template <class T>
    void operator()(std::string_view name, T& to) {
        if (const json::value* value = in_.if_contains(name)) read(*value, to);
    }

  private:
    static void read(const json::value& in, std::string& to) { to = json::value_to<std::string>(in); }
    static void read(const json::value& in, TimestampMs& to) { to = TimestampMs(in.to_number<int64_t>()); }
    static void read(const json::value& in, bool& to) { to = in.as_bool(); }
    static void read(const json::value& in, int32_t& to) { to = in.to_number<int32_t>(); }
    static void read(const json::value& in, double& to) { to = in.to_number<double>(); }
    template <class T>
    static void read(const json::value& in, std::optional<T>& to) {
        read(in, to.emplace());
    }
    template <class T>
    static void read(const json::value& in, std::vector<T>& to) {
        to.clear();
        for (const json::value& value : in.as_array()) read(value, to.emplace_back());
    }
    template <class T>
    static void read(const json::value& in, std::map<std::string, T>& to) {
        for (const auto& member : in.as_object()) read(member.value(), to[std::string(member.key())]);
    }
    template <class T>
    static void read(const json::value& in, T& to) {
        Reader reader(in.as_object());
        describe(reader, to);
    }

    const json::object& in_;
};

template <class T>
std::string text_of(const T& it) {
    json::object out{{"format", format_version}};
    Writer writer(out);
    describe(writer, it);
    return json::serialize(out);
}

template <class T>
Status read(std::string_view text, T* out) {
    try {
        const json::value parsed = json::parse(json::string_view(text.data(), text.size()));
        const json::object& object = parsed.as_object();
        if (object.at("format").to_number<int64_t>() != format_version) {
            return {ErrorCode::unsupported, "an entry of the REST APIs' registry was written by a newer millrace"};
        }
        Reader reader(object);
        describe(reader, *out);
        return {};
    } catch (const std::exception& problem) {
        return {ErrorCode::corruption,
                std::string("an entry of the REST APIs' registry does not parse: ") + problem.what()};
    }
}

}  // namespace

std::string encode(const RestApi& it) {
    return text_of(it);
}
std::string encode(const Deployment& it) {
    return text_of(it);
}
std::string encode(const Stage& it) {
    return text_of(it);
}
std::string encode(const ApiKey& it) {
    return text_of(it);
}
std::string encode(const UsagePlan& it) {
    return text_of(it);
}
std::string encode(const DomainName& it) {
    return text_of(it);
}

Status decode(const Scope& scope, std::string_view text, RestApi* out) {
    out->scope = scope;
    return read(text, out);
}
Status decode(const Scope& scope, std::string_view text, Deployment* out) {
    out->api.scope = scope;
    return read(text, out);
}
Status decode(const Scope&, std::string_view text, Stage* out) {
    return read(text, out);
}
Status decode(const Scope& scope, std::string_view text, ApiKey* out) {
    out->scope = scope;
    return read(text, out);
}
Status decode(const Scope& scope, std::string_view text, UsagePlan* out) {
    out->scope = scope;
    return read(text, out);
}
Status decode(const Scope& scope, std::string_view text, DomainName* out) {
    out->scope = scope;
    return read(text, out);
}
Status decode(const Scope&, std::string_view text, DeploymentNote* out) {
    return read(text, out);
}

}  // namespace millrace::gateway
