#include "src/service/dynamodb/table_settings.h"

#include <boost/json.hpp>

namespace millrace::service::dynamodb {
namespace {

namespace json = boost::json;

json::array encoded(const Units& units) {
    return {units.read, units.write};
}
json::object encoded(const Throughput& throughput) {
    return {{"units", encoded(throughput.units)},
            {"increased", throughput.increased.value()},
            {"decreased", throughput.decreased.value()},
            {"decreases_today", throughput.decreases_today}};
}
void put_units(json::object& out, std::string_view name, const std::optional<Units>& units) {
    if (units) out[name] = encoded(*units);
}

// Each throws where the JSON is not what encode() made; an absent member leaves *out as it is.
void take(const json::value& value, std::string* out) {
    *out = json::value_to<std::string>(value);
}
void take(const json::value& value, bool* out) {
    *out = value.as_bool();
}
void take(const json::value& value, int64_t* out) {
    *out = value.to_number<int64_t>();
}
void take(const json::value& value, TimestampMs* out) {
    *out = TimestampMs(value.to_number<int64_t>());
}
void take(const json::value& value, Units* out) {
    *out = {value.as_array().at(0).to_number<int64_t>(), value.as_array().at(1).to_number<int64_t>()};
}
void take(const json::value& value, std::map<std::string, std::string>* out) {
    for (const auto& [key, text] : value.as_object()) (*out)[key] = json::value_to<std::string>(text);
}
void take(const json::value& value, Throughput* out);
void take(const json::value& value, RestoredFrom* out);
template <class T>
void get(const json::object& object, std::string_view name, T* out) {
    if (const json::value* found = object.if_contains(name)) take(*found, out);
}
template <class T>
void get(const json::object& object, std::string_view name, std::optional<T>* out) {
    if (const json::value* found = object.if_contains(name)) take(*found, &out->emplace());
}
void take(const json::value& value, Throughput* out) {
    const json::object& object = value.as_object();
    get(object, "units", &out->units);
    get(object, "increased", &out->increased);
    get(object, "decreased", &out->decreased);
    get(object, "decreases_today", &out->decreases_today);
}
void take(const json::value& value, RestoredFrom* out) {
    const json::object& object = value.as_object();
    get(object, "backup_arn", &out->backup_arn);
    get(object, "table_arn", &out->table_arn);
    get(object, "time", &out->time);
}

json::object encoded(const std::map<std::string, std::string>& map) {
    json::object out;
    for (const auto& [key, value] : map) out[key] = value;
    return out;
}

template <class T, class Read>
Result<T> decode(std::string_view text, Read read) {
    T out;
    if (text.empty()) return out;
    try {
        read(json::parse(text).as_object(), &out);
    } catch (const std::exception& error) {
        return {ErrorCode::corruption, std::string("a table's settings are damaged: ") + error.what()};
    }
    return out;
}

}  // namespace

std::string encode(const IndexSettings& settings) {
    json::object out{{"format", 1}, {"throughput", encoded(settings.throughput)}};
    put_units(out, "on_demand_max", settings.on_demand_max);
    put_units(out, "warm", settings.warm);
    return json::serialize(out);
}

Result<IndexSettings> decode_index_settings(std::string_view text) {
    return decode<IndexSettings>(text, [](const json::object& in, IndexSettings* out) {
        get(in, "throughput", &out->throughput);
        get(in, "on_demand_max", &out->on_demand_max);
        get(in, "warm", &out->warm);
    });
}

std::string encode(const TableSettings& settings) {
    json::array attributes;
    for (const auto& [name, type] : settings.attributes) {
        attributes.push_back(json::array{name, static_cast<int>(type)});
    }
    json::object out{{"format", 1},
                     {"attributes", std::move(attributes)},
                     {"on_demand", settings.on_demand},
                     {"on_demand_since", settings.on_demand_since.value()},
                     {"throughput", encoded(settings.throughput)},
                     {"table_class", settings.table_class},
                     {"class_changed", settings.class_changed.value()},
                     {"deletion_protection", settings.deletion_protection},
                     {"tags", encoded(settings.tags)},
                     {"policy", settings.policy},
                     {"policy_revision", settings.policy_revision},
                     {"stream_policy", settings.stream_policy},
                     {"stream_policy_revision", settings.stream_policy_revision},
                     {"stream_policy_arn", settings.stream_policy_arn},
                     {"recovery_days", settings.recovery_days},
                     {"ttl_changed", settings.ttl_changed.value()}};
    put_units(out, "on_demand_max", settings.on_demand_max);
    put_units(out, "warm", settings.warm);
    if (settings.restored) {
        out["restored"] = json::object{{"backup_arn", settings.restored->backup_arn},
                                       {"table_arn", settings.restored->table_arn},
                                       {"time", settings.restored->time.value()}};
    }
    return json::serialize(out);
}

Result<TableSettings> decode_table_settings(std::string_view text) {
    return decode<TableSettings>(text, [](const json::object& in, TableSettings* out) {
        for (const json::value& attribute : in.at("attributes").as_array()) {
            out->attributes.emplace_back(json::value_to<std::string>(attribute.as_array().at(0)),
                                         static_cast<table::Type>(attribute.as_array().at(1).to_number<int>()));
        }
        get(in, "on_demand", &out->on_demand);
        get(in, "on_demand_since", &out->on_demand_since);
        get(in, "throughput", &out->throughput);
        get(in, "on_demand_max", &out->on_demand_max);
        get(in, "warm", &out->warm);
        get(in, "table_class", &out->table_class);
        get(in, "class_changed", &out->class_changed);
        get(in, "deletion_protection", &out->deletion_protection);
        get(in, "tags", &out->tags);
        get(in, "policy", &out->policy);
        get(in, "policy_revision", &out->policy_revision);
        get(in, "stream_policy", &out->stream_policy);
        get(in, "stream_policy_revision", &out->stream_policy_revision);
        get(in, "stream_policy_arn", &out->stream_policy_arn);
        get(in, "restored", &out->restored);
        get(in, "recovery_days", &out->recovery_days);
        get(in, "ttl_changed", &out->ttl_changed);
    });
}

}  // namespace millrace::service::dynamodb
