#include <boost/json.hpp>

#include "src/flow/mapping/definition.h"

namespace millrace::flow::mapping {
namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;

std::string text(const json::object& object, std::string_view name) {
    return json::value_to<std::string>(object.at(json::string_view(name.data(), name.size())));
}

template <class T>
T number(const json::object& object, std::string_view name) {
    return object.at(json::string_view(name.data(), name.size())).to_number<T>();
}

json::object encode_settings(const Settings& settings) {
    json::array filters;
    for (const std::string& filter : settings.filters) filters.push_back(json::string(filter));
    return {
        {"function_account", settings.function.scope.account},
        {"function_region", settings.function.scope.region},
        {"function", settings.function.name},
        {"qualifier", settings.function.qualifier},
        {"enabled", settings.enabled},
        {"batch_size", settings.batch_size},
        {"batching_window_s", settings.batching_window_s},
        {"parallelization", settings.parallelization},
        {"record_age_s_max", settings.record_age_s_max},
        {"retries_max", settings.retries_max},
        {"bisect_on_error", settings.bisect_on_error},
        {"report_item_failures", settings.report_item_failures},
        {"tumbling_window_s", settings.tumbling_window_s},
        {"filters", filters},
        {"on_failure", settings.on_failure},
    };
}

Settings decode_settings(const json::object& object) {
    Settings out;
    out.function.scope = {text(object, "function_account"), text(object, "function_region")};
    out.function.name = text(object, "function");
    out.function.qualifier = text(object, "qualifier");
    out.enabled = object.at("enabled").as_bool();
    out.batch_size = number<uint32_t>(object, "batch_size");
    out.batching_window_s = number<uint32_t>(object, "batching_window_s");
    out.parallelization = number<uint32_t>(object, "parallelization");
    out.record_age_s_max = number<int64_t>(object, "record_age_s_max");
    out.retries_max = number<int64_t>(object, "retries_max");
    out.bisect_on_error = object.at("bisect_on_error").as_bool();
    out.report_item_failures = object.at("report_item_failures").as_bool();
    out.tumbling_window_s = number<uint32_t>(object, "tumbling_window_s");
    for (const json::value& filter : object.at("filters").as_array())
        out.filters.push_back(json::value_to<std::string>(filter));
    out.on_failure = text(object, "on_failure");
    return out;
}

}  // namespace

bool Settings::operator==(const Settings& other) const {
    return encode_settings(*this) == encode_settings(other);
}

std::string encode(const Definition& definition) {
    json::object tags;
    for (const auto& [key, value] : definition.tags) tags[key] = value;
    return json::serialize(json::object{
        {"format", format_version},
        {"uuid", definition.uuid},
        {"source", definition.source_arn},
        {"start", static_cast<int>(definition.start)},
        {"start_time", definition.start_time.value()},
        {"settings", encode_settings(definition.settings)},
        {"tags", tags},
        {"modified", definition.modified.value()},
        {"version", definition.version},
        {"rewinds", definition.rewinds},
        {"rewind_to", definition.rewind_to.value()},
        {"deleting", definition.deleting},
    });
}

Result<Definition> decode_definition(const Scope& scope, std::string_view value) {
    try {
        const json::value parsed = json::parse(json::string_view(value.data(), value.size()));
        const json::object& object = parsed.as_object();
        if (number<int64_t>(object, "format") != format_version)
            return Error{ErrorCode::corruption, "an event source mapping is of a format that we do not know"};
        Definition out;
        out.scope = scope;
        out.uuid = text(object, "uuid");
        out.source_arn = text(object, "source");
        const int start = number<int>(object, "start");
        if (start < 0 || start > static_cast<int>(StartingPosition::at_timestamp))
            return Error{ErrorCode::corruption, "an event source mapping starts at no position that we know"};
        out.start = static_cast<StartingPosition>(start);
        out.start_time = TimestampMs(number<int64_t>(object, "start_time"));
        out.settings = decode_settings(object.at("settings").as_object());
        for (const auto& [key, tag] : object.at("tags").as_object())
            out.tags.emplace(std::string(key), json::value_to<std::string>(tag));
        out.modified = TimestampMs(number<int64_t>(object, "modified"));
        out.version = number<uint64_t>(object, "version");
        out.rewinds = number<uint64_t>(object, "rewinds");
        out.rewind_to = TimestampMs(number<int64_t>(object, "rewind_to"));
        out.deleting = object.at("deleting").as_bool();
        return out;
    } catch (const std::exception& broken) {
        return Error{ErrorCode::corruption, std::string("an event source mapping: ") + broken.what()};
    }
}

std::string arn_of(const Definition& definition) {
    return "arn:aws:lambda:" + definition.scope.region + ":" + definition.scope.account +
           ":event-source-mapping:" + definition.uuid;
}

}  // namespace millrace::flow::mapping
