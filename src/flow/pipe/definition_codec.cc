#include <boost/json.hpp>

#include "src/flow/pipe/definition.h"

namespace millrace::flow::pipe {
namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;

json::string_view key(std::string_view name) {
    return {name.data(), name.size()};
}

std::string text(const json::object& object, std::string_view name) {
    return json::value_to<std::string>(object.at(key(name)));
}

template <class T>
T number(const json::object& object, std::string_view name) {
    return object.at(key(name)).to_number<T>();
}

json::array list(const std::vector<std::string>& texts) {
    json::array out;
    for (const std::string& each : texts) out.push_back(json::string(each));
    return out;
}

std::vector<std::string> list(const json::object& object, std::string_view name) {
    std::vector<std::string> out;
    for (const json::value& each : object.at(key(name)).as_array()) out.push_back(json::value_to<std::string>(each));
    return out;
}

json::object map(const std::map<std::string, std::string>& texts) {
    json::object out;
    for (const auto& [name, value] : texts) out[name] = value;
    return out;
}

std::map<std::string, std::string> map(const json::object& object, std::string_view name) {
    std::map<std::string, std::string> out;
    for (const auto& [member, value] : object.at(key(name)).as_object()) {
        out[std::string(member)] = json::value_to<std::string>(value);
    }
    return out;
}

json::object encode_endpoint(const Endpoint& endpoint) {
    json::object out{
        {"arn", endpoint.arn},
        {"template", endpoint.input_template},
        {"fire_and_forget", endpoint.fire_and_forget},
        {"has_invocation_type", endpoint.has_invocation_type},
        {"source", endpoint.source},
        {"detail_type", endpoint.detail_type},
        {"time", endpoint.time},
        {"resources", list(endpoint.resources)},
        {"has_bus", endpoint.has_bus},
        {"log_stream", endpoint.log_stream},
        {"log_time", endpoint.log_time},
        {"has_log", endpoint.has_log},
    };
    if (endpoint.partition_key) out["partition_key"] = *endpoint.partition_key;
    if (endpoint.http) {
        out["http"] = json::object{{"path", list(endpoint.http->path_values)},
                                   {"headers", map(endpoint.http->headers)},
                                   {"query", map(endpoint.http->query)}};
    }
    return out;
}

Endpoint decode_endpoint(const json::object& object) {
    Endpoint out;
    out.arn = text(object, "arn");
    out.input_template = text(object, "template");
    out.fire_and_forget = object.at("fire_and_forget").as_bool();
    out.has_invocation_type = object.at("has_invocation_type").as_bool();
    out.source = text(object, "source");
    out.detail_type = text(object, "detail_type");
    out.time = text(object, "time");
    out.resources = list(object, "resources");
    out.has_bus = object.at("has_bus").as_bool();
    out.log_stream = text(object, "log_stream");
    out.log_time = text(object, "log_time");
    out.has_log = object.at("has_log").as_bool();
    if (object.contains("partition_key")) out.partition_key = text(object, "partition_key");
    if (object.contains("http")) {
        const json::object& http = object.at("http").as_object();
        out.http = HttpParameters{list(http, "path"), map(http, "headers"), map(http, "query")};
    }
    return out;
}

json::object encode_settings(const mapping::Settings& settings) {
    return {
        {"enabled", settings.enabled},
        {"batch_size", settings.batch_size},
        {"batching_window_s", settings.batching_window_s},
        {"parallelization", settings.parallelization},
        {"record_age_s_max", settings.record_age_s_max},
        {"retries_max", settings.retries_max},
        {"bisect_on_error", settings.bisect_on_error},
        {"filters", list(settings.filters)},
        {"on_failure", settings.on_failure},
    };
}

mapping::Settings decode_settings(const json::object& object) {
    mapping::Settings out;
    out.enabled = object.at("enabled").as_bool();
    out.batch_size = number<uint32_t>(object, "batch_size");
    out.batching_window_s = number<uint32_t>(object, "batching_window_s");
    out.parallelization = number<uint32_t>(object, "parallelization");
    out.record_age_s_max = number<int64_t>(object, "record_age_s_max");
    out.retries_max = number<int64_t>(object, "retries_max");
    out.bisect_on_error = object.at("bisect_on_error").as_bool();
    out.report_item_failures = true;  // how a pipe says what is done
    out.filters = list(object, "filters");
    out.on_failure = text(object, "on_failure");
    return out;
}

}  // namespace

std::string arn_of(const Scope& scope, std::string_view name) {
    return "arn:aws:pipes:" + scope.region + ":" + scope.account + ":pipe/" + std::string(name);
}

std::string encode(const Pipe& pipe) {
    return json::serialize(json::object{
        {"format", format_version},
        {"uid", pipe.uid},
        {"description", pipe.description},
        {"role", pipe.role},
        {"from", pipe.source},
        {"start", static_cast<int>(pipe.start)},
        {"start_time", pipe.start_time.value()},
        {"settings", encode_settings(pipe.settings)},
        {"enrichment", encode_endpoint(pipe.enrichment)},
        {"target", encode_endpoint(pipe.target)},
        {"tags", map(pipe.tags)},
        {"created", pipe.created.value()},
        {"modified", pipe.modified.value()},
        {"version", pipe.version},
        {"deleting", pipe.deleting},
    });
}

Result<Pipe> decode_pipe(const Scope& scope, std::string_view name, std::string_view stored) {
    try {
        const json::value value = json::parse(key(stored));
        const json::object& object = value.as_object();
        Pipe out;
        out.scope = scope;
        out.name = name;
        if (number<int64_t>(object, "format") != format_version) {
            return Error{ErrorCode::corruption, "the pipe " + out.name + " is stored in a format of another version"};
        }
        out.uid = text(object, "uid");
        out.description = text(object, "description");
        out.role = text(object, "role");
        out.source = text(object, "from");
        out.start = static_cast<mapping::StartingPosition>(number<int>(object, "start"));
        out.start_time = TimestampMs(number<int64_t>(object, "start_time"));
        out.settings = decode_settings(object.at("settings").as_object());
        out.enrichment = decode_endpoint(object.at("enrichment").as_object());
        out.target = decode_endpoint(object.at("target").as_object());
        out.tags = map(object, "tags");
        out.created = TimestampMs(number<int64_t>(object, "created"));
        out.modified = TimestampMs(number<int64_t>(object, "modified"));
        out.version = number<uint64_t>(object, "version");
        out.deleting = object.at("deleting").as_bool();
        return out;
    } catch (const std::exception& caught) {
        return Error{ErrorCode::corruption,
                     "the stored definition of the pipe " + std::string(name) + " does not parse: " + caught.what()};
    }
}

}  // namespace millrace::flow::pipe
