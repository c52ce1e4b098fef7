#include "src/function/registry/record_codec.h"

#include <cstdio>

#include <boost/json.hpp>

namespace millrace::function {
namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;

std::string hex16(uint64_t number) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
    return text;
}

// --- writing ---

void put(json::object& out, std::string_view name, const std::string& text) {
    if (!text.empty()) out[name] = text;
}
void put(json::object& out, std::string_view name, const std::vector<std::string>& texts) {
    if (!texts.empty()) out[name] = json::value_from(texts);
}
void put(json::object& out, std::string_view name, const std::map<std::string, std::string>& texts) {
    if (texts.empty()) return;
    json::object& inner = out[name].emplace_object();
    for (const auto& [key, value] : texts) inner[key] = value;
}
template <class T, class Encode>
void put_all(json::object& out, std::string_view name, const std::map<std::string, T>& all, Encode encode_one) {
    if (all.empty()) return;
    json::object& inner = out[name].emplace_object();
    for (const auto& [key, value] : all) inner[key] = encode_one(value);
}

json::object write_definition(const FunctionDefinition& it) {
    json::object out{
        {"name", it.name},
        {"version", it.version},
        {"package_sha256", it.package_sha256},
        {"package_bytes", it.package_bytes},
        {"unpacked_bytes", it.unpacked_bytes},
        {"timeout_s", it.timeout_s},
        {"memory_mb", it.memory_mb},
        {"ephemeral_mb", it.ephemeral_mb},
        {"revision_id", it.revision_id},
        {"modified", it.modified.value()},
    };
    put(out, "runtime", it.runtime);
    put(out, "handler", it.handler);
    put(out, "role", it.role);
    put(out, "description", it.description);
    put(out, "architecture", it.architecture);
    put(out, "log_group", it.logging.group);
    if (it.logging.json) out["json_logs"] = true;
    put(out, "application_log_level", it.logging.application_level);
    put(out, "system_log_level", it.logging.system_level);
    put(out, "environment", it.environment);
    if (!it.layers.empty()) {
        json::array& layers = out["layers"].emplace_array();
        for (const UsedLayer& layer : it.layers) {
            layers.push_back(json::object{{"arn", layer.arn},
                                          {"package_sha256", layer.package_sha256},
                                          {"package_bytes", layer.package_bytes},
                                          {"unpacked_bytes", layer.unpacked_bytes}});
        }
    }
    return out;
}

json::object write_policy(const Policy& it) {
    json::object out{{"revision_id", it.revision_id}};
    put(out, "statements", it.statements);
    return out;
}

json::object write_alias(const Alias& it) {
    json::object out{{"version", it.version}, {"revision_id", it.revision_id}};
    put(out, "description", it.description);
    put_all(out, "additional", it.additional, [](double share) { return share; });
    return out;
}

json::object write_url(const UrlConfig& it) {
    json::object out{
        {"id", it.id}, {"auth_type", it.auth_type}, {"created", it.created.value()}, {"modified", it.modified.value()}};
    if (it.streams) out["streams"] = true;
    if (it.cors) {
        json::object& cors = out["cors"].emplace_object();
        cors["allow_credentials"] = it.cors->allow_credentials;
        cors["max_age_s"] = it.cors->max_age_s;
        put(cors, "allow_headers", it.cors->allow_headers);
        put(cors, "allow_methods", it.cors->allow_methods);
        put(cors, "allow_origins", it.cors->allow_origins);
        put(cors, "expose_headers", it.cors->expose_headers);
    }
    return out;
}

json::object write_event_invoke(const EventInvokeConfig& it) {
    json::object out{{"modified", it.modified.value()}};
    if (it.retries_max) out["retries_max"] = *it.retries_max;
    if (it.age_s_max) out["age_s_max"] = *it.age_s_max;
    put(out, "on_success", it.on_success);
    put(out, "on_failure", it.on_failure);
    return out;
}

std::string text_of(json::object object) {
    object["format"] = format_version;
    return json::serialize(object);
}

// --- reading; throws what boost::json throws where a member is not of its kind ---

template <class T>
void get(const json::object& in, std::string_view name, T* out) {
    const json::value* value = in.if_contains(name);
    if (value == nullptr) return;
    if constexpr (std::is_same_v<T, TimestampMs>) {
        *out = TimestampMs(value->to_number<int64_t>());
    } else if constexpr (std::is_same_v<T, bool>) {
        *out = value->as_bool();
    } else if constexpr (std::is_arithmetic_v<T>) {
        *out = value->to_number<T>();
    } else {
        *out = json::value_to<T>(*value);
    }
}
template <class T>
void get(const json::object& in, std::string_view name, std::optional<T>* out) {
    if (in.contains(name)) get(in, name, &out->emplace());
}
template <class T, class Decode>
void get_all(const json::object& in, std::string_view name, std::map<std::string, T>* out, Decode decode_one) {
    const json::value* value = in.if_contains(name);
    if (value == nullptr) return;
    for (const auto& member : value->as_object()) {
        out->emplace(std::string(member.key()), decode_one(std::string(member.key()), member.value()));
    }
}

UsedLayer read_layer(const json::object& in) {
    UsedLayer layer;
    get(in, "arn", &layer.arn);
    get(in, "package_sha256", &layer.package_sha256);
    get(in, "package_bytes", &layer.package_bytes);
    get(in, "unpacked_bytes", &layer.unpacked_bytes);
    return layer;
}

FunctionDefinition read_definition(const Scope& scope, const json::object& in) {
    FunctionDefinition it;
    it.scope = scope;
    get(in, "name", &it.name);
    get(in, "version", &it.version);
    get(in, "package_sha256", &it.package_sha256);
    get(in, "package_bytes", &it.package_bytes);
    get(in, "unpacked_bytes", &it.unpacked_bytes);
    get(in, "timeout_s", &it.timeout_s);
    get(in, "memory_mb", &it.memory_mb);
    get(in, "ephemeral_mb", &it.ephemeral_mb);
    get(in, "revision_id", &it.revision_id);
    get(in, "modified", &it.modified);
    get(in, "runtime", &it.runtime);
    get(in, "handler", &it.handler);
    get(in, "role", &it.role);
    get(in, "description", &it.description);
    get(in, "architecture", &it.architecture);
    get(in, "log_group", &it.logging.group);
    get(in, "json_logs", &it.logging.json);
    get(in, "application_log_level", &it.logging.application_level);
    get(in, "system_log_level", &it.logging.system_level);
    get(in, "environment", &it.environment);
    if (const json::value* layers = in.if_contains("layers")) {
        for (const json::value& layer : layers->as_array()) it.layers.push_back(read_layer(layer.as_object()));
    }
    return it;
}

Policy read_policy(const json::object& in) {
    Policy it;
    get(in, "revision_id", &it.revision_id);
    get(in, "statements", &it.statements);
    return it;
}

Alias read_alias(const std::string& name, const json::object& in) {
    Alias it;
    it.name = name;
    get(in, "version", &it.version);
    get(in, "revision_id", &it.revision_id);
    get(in, "description", &it.description);
    get_all(in, "additional", &it.additional,
            [](const std::string&, const json::value& share) { return share.to_number<double>(); });
    return it;
}

UrlConfig read_url(const json::object& in) {
    UrlConfig it;
    get(in, "id", &it.id);
    get(in, "auth_type", &it.auth_type);
    get(in, "streams", &it.streams);
    get(in, "created", &it.created);
    get(in, "modified", &it.modified);
    if (const json::value* value = in.if_contains("cors")) {
        const json::object& cors = value->as_object();
        UrlCors& to = it.cors.emplace();
        get(cors, "allow_credentials", &to.allow_credentials);
        get(cors, "max_age_s", &to.max_age_s);
        get(cors, "allow_headers", &to.allow_headers);
        get(cors, "allow_methods", &to.allow_methods);
        get(cors, "allow_origins", &to.allow_origins);
        get(cors, "expose_headers", &to.expose_headers);
    }
    return it;
}

EventInvokeConfig read_event_invoke(const json::object& in) {
    EventInvokeConfig it;
    get(in, "modified", &it.modified);
    get(in, "retries_max", &it.retries_max);
    get(in, "age_s_max", &it.age_s_max);
    get(in, "on_success", &it.on_success);
    get(in, "on_failure", &it.on_failure);
    return it;
}

FunctionRecord read_record(const Scope& scope, const json::object& in) {
    FunctionRecord it;
    it.latest = read_definition(scope, in.at("latest").as_object());
    get(in, "incarnation", &it.incarnation);
    get(in, "version_next", &it.version_next);
    get(in, "version_newest", &it.version_newest);
    get(in, "version_newest_described", &it.version_newest_described);
    get(in, "reserved_concurrency", &it.reserved_concurrency);
    get(in, "tags", &it.tags);
    get(in, "created", &it.created);
    get_all(in, "aliases", &it.aliases,
            [](const std::string& name, const json::value& v) { return read_alias(name, v.as_object()); });
    get_all(in, "policies", &it.policies,
            [](const std::string&, const json::value& v) { return read_policy(v.as_object()); });
    get_all(in, "urls", &it.urls, [](const std::string&, const json::value& v) { return read_url(v.as_object()); });
    get_all(in, "event_invoke", &it.event_invoke,
            [](const std::string&, const json::value& v) { return read_event_invoke(v.as_object()); });
    get_all(in, "provisioned", &it.provisioned, [](const std::string&, const json::value& v) {
        Provisioned one;
        get(v.as_object(), "count", &one.count);
        get(v.as_object(), "modified", &one.modified);
        return one;
    });
    return it;
}

LayerVersion read_layer_version(const Scope& scope, const json::object& in) {
    LayerVersion it;
    it.scope = scope;
    get(in, "layer", &it.layer);
    get(in, "version", &it.version);
    get(in, "description", &it.description);
    get(in, "license", &it.license);
    get(in, "runtimes", &it.runtimes);
    get(in, "architectures", &it.architectures);
    get(in, "package_sha256", &it.package_sha256);
    get(in, "package_bytes", &it.package_bytes);
    get(in, "unpacked_bytes", &it.unpacked_bytes);
    get(in, "created", &it.created);
    if (const json::value* policy = in.if_contains("policy")) it.policy = read_policy(policy->as_object());
    return it;
}

template <class T>
Result<T> read(const Scope& scope, std::string_view text, T (*decode_one)(const Scope&, const json::object&)) {
    try {
        const json::value parsed = json::parse(json::string_view(text.data(), text.size()));
        if (parsed.at("format").to_number<int64_t>() != format_version) {
            return Error{ErrorCode::unsupported, "an entry of the functions' registry was written by a newer millrace"};
        }
        return decode_one(scope, parsed.as_object());
    } catch (const std::exception& problem) {
        return Error{ErrorCode::corruption,
                     std::string("an entry of the functions' registry does not parse: ") + problem.what()};
    }
}

}  // namespace

std::string version_key(std::string_view name, uint64_t incarnation, uint64_t number) {
    return std::string(name) + ":" + hex16(incarnation) + ":" + hex16(number);
}

std::string layer_version_key(std::string_view layer, uint64_t version) {
    return std::string(layer) + ":" + hex16(version);
}

std::string encode(const FunctionDefinition& definition) {
    return text_of(write_definition(definition));
}

std::string encode(const FunctionRecord& it) {
    json::object out{{"latest", write_definition(it.latest)},
                     {"incarnation", it.incarnation},
                     {"version_next", it.version_next},
                     {"created", it.created.value()}};
    put(out, "version_newest", it.version_newest);
    if (it.version_newest_described) out["version_newest_described"] = *it.version_newest_described;
    if (it.reserved_concurrency) out["reserved_concurrency"] = *it.reserved_concurrency;
    put(out, "tags", it.tags);
    put_all(out, "aliases", it.aliases, write_alias);
    put_all(out, "policies", it.policies, write_policy);
    put_all(out, "urls", it.urls, write_url);
    put_all(out, "event_invoke", it.event_invoke, write_event_invoke);
    put_all(out, "provisioned", it.provisioned, [](const Provisioned& one) {
        return json::object{{"count", one.count}, {"modified", one.modified.value()}};
    });
    return text_of(std::move(out));
}

std::string encode(const LayerVersion& it) {
    json::object out{{"layer", it.layer},
                     {"version", it.version},
                     {"package_sha256", it.package_sha256},
                     {"package_bytes", it.package_bytes},
                     {"unpacked_bytes", it.unpacked_bytes},
                     {"policy", write_policy(it.policy)},
                     {"created", it.created.value()}};
    put(out, "description", it.description);
    put(out, "license", it.license);
    put(out, "runtimes", it.runtimes);
    put(out, "architectures", it.architectures);
    return text_of(std::move(out));
}

Result<FunctionDefinition> decode_definition(const Scope& scope, std::string_view text) {
    return read(scope, text, read_definition);
}

Result<FunctionRecord> decode_record(const Scope& scope, std::string_view text) {
    return read(scope, text, read_record);
}

Result<LayerVersion> decode_layer(const Scope& scope, std::string_view text) {
    return read(scope, text, read_layer_version);
}

}  // namespace millrace::function
