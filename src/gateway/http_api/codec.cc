// Each struct's members are listed once, in fields(); a Writer or a Reader goes through them.
#include "src/gateway/http_api/codec.h"

#include <boost/json.hpp>

namespace millrace::gateway::http_api {
namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;

template <class Archive>
void fields(Archive& a, Cors& it) {
    a("credentials", it.allow_credentials);
    a("headers", it.allow_headers);
    a("methods", it.allow_methods);
    a("origins", it.allow_origins);
    a("expose", it.expose_headers);
    a("max_age_s", it.max_age_s);
}
template <class Archive>
void fields(Archive& a, Route& it) {
    a("id", it.id);
    a("key", it.key);
    a("authorization_type", it.authorization_type);
    a("authorizer_id", it.authorizer_id);
    a("scopes", it.scopes);
    a("operation_name", it.operation_name);
    a("target", it.target);
    a("managed", it.managed);
}
template <class Archive>
void fields(Archive& a, Integration& it) {
    a("id", it.id);
    a("type", it.type);
    a("subtype", it.subtype);
    a("uri", it.uri);
    a("method", it.method);
    a("payload_version", it.payload_version);
    a("credentials", it.credentials);
    a("description", it.description);
    a("connection_type", it.connection_type);
    a("timeout_ms", it.timeout_ms);
    a("request_parameters", it.request_parameters);
    a("response_parameters", it.response_parameters);
    a("managed", it.managed);
}
template <class Archive>
void fields(Archive& a, Authorizer& it) {
    a("id", it.id);
    a("name", it.name);
    a("type", it.type);
    a("identity_sources", it.identity_sources);
    a("issuer", it.issuer);
    a("audience", it.audience);
    a("uri", it.uri);
    a("credentials", it.credentials);
    a("payload_version", it.payload_version);
    a("simple_responses", it.simple_responses);
    a("result_ttl_s", it.result_ttl_s);
}
template <class Archive>
void fields(Archive& a, Snapshot& it) {
    a("routes", it.routes);
    a("integrations", it.integrations);
    a("authorizers", it.authorizers);
    a("cors", it.cors);
}
template <class Archive>
void fields(Archive& a, Deployment& it) {
    a("id", it.id);
    a("description", it.description);
    a("created", it.created);
    a("automatic", it.automatic);
}
template <class Archive>
void fields(Archive& a, RouteSettings& it) {
    a("detailed_metrics", it.detailed_metrics);
    a("burst_limit", it.burst_limit);
    a("rate_limit", it.rate_limit);
}
template <class Archive>
void fields(Archive& a, Stage& it) {
    a("name", it.name);
    a("deployment_id", it.deployment_id);
    a("description", it.description);
    a("created", it.created);
    a("updated", it.updated);
    a("auto_deploy", it.auto_deploy);
    a("managed", it.managed);
    a("variables", it.variables);
    a("tags", it.tags);
    a("settings", it.settings);
    a("route_settings", it.route_settings);
    a("access_log_format", it.access_log_format);
    a("access_log_destination", it.access_log_destination);
}
template <class Archive>
void fields(Archive& a, HttpApi& it) {
    a("id", it.id);
    a("name", it.name);
    a("description", it.description);
    a("version", it.version);
    a("created", it.created);
    a("execute_endpoint_disabled", it.execute_endpoint_disabled);
    a("tags", it.tags);
    a("current", it.current);
    a("deployments", it.deployments);
    a("stages", it.stages);
}
template <class Archive>
void fields(Archive& a, ApiMapping& it) {
    a("id", it.id);
    a("key", it.key);
    a("api_id", it.api_id);
    a("stage", it.stage);
}
template <class Archive>
void fields(Archive& a, DomainName& it) {
    a("name", it.name);
    a("certificate_arn", it.certificate_arn);
    a("certificate_name", it.certificate_name);
    a("endpoint_type", it.endpoint_type);
    a("security_policy", it.security_policy);
    a("created", it.created);
    a("tags", it.tags);
    a("mappings", it.mappings);
}

// Members that are as a new struct has them may be left out; here only empty texts, lists and maps are.
class Writer {
  public:
    template <class T>
    void operator()(std::string_view name, const T& value) {
        json::value written = write(value);
        const bool empty = (written.is_string() && written.as_string().empty()) ||
                           (written.is_array() && written.as_array().empty()) ||
                           (written.is_object() && written.as_object().empty()) || written.is_null();
        if (!empty) object[name] = std::move(written);
    }
    json::object object;

  private:
    static json::value write(const std::string& text) { return json::string(text); }
    static json::value write(bool flag) { return flag; }
    static json::value write(int32_t number) { return number; }
    static json::value write(double number) { return number; }
    static json::value write(TimestampMs time) { return time.value(); }
    template <class T>
    static json::value write(const std::optional<T>& value) {
        return value ? write(*value) : json::value(nullptr);
    }
    template <class T>
    static json::value write(const std::vector<T>& list) {
        json::array array;
        for (const T& one : list) array.push_back(write(one));
        return array;
    }
    template <class T>
    static json::value write(const std::map<std::string, T>& map) {
        json::object inner;
        for (const auto& [key, value] : map) inner[key] = write(value);
        return inner;
    }
    template <class T>
        requires std::is_class_v<T>
    static json::value write(const T& it) {
        Writer inner;
        fields(inner, const_cast<T&>(it));
        return std::move(inner.object);
    }
};

// What is absent stays as a new struct has it, but for texts, lists and maps: those were empty. Throws where a member
// is of another kind; caught by decode().
class Reader {
  public:
    explicit Reader(const json::object& object) : object_(object) {}
    template <class T>
    void operator()(std::string_view name, T& value) {
        const json::value* found = object_.if_contains(name);
        if (found != nullptr) return read(*found, value);
        if constexpr (!std::is_arithmetic_v<T>) value = T{};
    }

  private:
    static void read(const json::value& from, std::string& to) {
        to.assign(from.as_string().data(), from.as_string().size());
    }
    static void read(const json::value& from, bool& to) { to = from.as_bool(); }
    static void read(const json::value& from, int32_t& to) { to = json::value_to<int32_t>(from); }
    static void read(const json::value& from, double& to) { to = json::value_to<double>(from); }
    static void read(const json::value& from, TimestampMs& to) { to = TimestampMs(from.as_int64()); }
    template <class T>
    static void read(const json::value& from, std::optional<T>& to) {
        read(from, to.emplace());
    }
    template <class T>
    static void read(const json::value& from, std::vector<T>& to) {
        to.clear();
        for (const json::value& one : from.as_array()) read(one, to.emplace_back());
    }
    template <class T>
    static void read(const json::value& from, std::map<std::string, T>& to) {
        to.clear();
        for (const auto& member : from.as_object()) read(member.value(), to[member.key()]);
    }
    template <class T>
        requires std::is_class_v<T>
    static void read(const json::value& from, T& to) {
        Reader inner(from.as_object());
        fields(inner, to);
    }

    const json::object& object_;
};

template <class T>
std::string encode_any(const T& it) {
    Writer writer;
    fields(writer, const_cast<T&>(it));
    writer.object["format"] = format_version;
    return json::serialize(writer.object);
}

template <class T>
Result<T> decode(std::string_view text, std::string_view what) {
    try {
        const json::value value = json::parse(text);
        const json::object& object = value.as_object();
        if (object.at("format").as_int64() != format_version) throw std::runtime_error("it is of another format");
        T it;
        Reader reader(object);
        fields(reader, it);
        return it;
    } catch (const std::exception& failure) {
        return Error{ErrorCode::corruption, std::string(what) + " can not be read: " + failure.what()};
    }
}

}  // namespace

std::string encode(const HttpApi& api) {
    return encode_any(api);
}
std::string encode(const Snapshot& snapshot) {
    return encode_any(snapshot);
}
std::string encode(const DomainName& domain) {
    return encode_any(domain);
}

Result<HttpApi> decode_api(std::string_view text, const Scope& scope) {
    TRY_ASSIGN(HttpApi api, decode<HttpApi>(text, "an HTTP API"));
    api.scope = scope;
    return api;
}
Result<Snapshot> decode_snapshot(std::string_view text) {
    return decode<Snapshot>(text, "a deployment of an HTTP API");
}
Result<DomainName> decode_domain(std::string_view text, const Scope& scope) {
    TRY_ASSIGN(DomainName domain, decode<DomainName>(text, "a domain name"));
    domain.scope = scope;
    return domain;
}

}  // namespace millrace::gateway::http_api
