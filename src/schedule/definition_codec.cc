#include <boost/json.hpp>

#include "src/schedule/definition.h"

namespace millrace::schedule {
namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;

std::string text(const json::object& object, std::string_view name) {
    return json::value_to<std::string>(object.at(json::string_view(name.data(), name.size())));
}

TimestampMs time(const json::object& object, std::string_view name) {
    return TimestampMs(object.at(json::string_view(name.data(), name.size())).to_number<int64_t>());
}

void put(json::object& out, std::string_view name, const std::optional<TimestampMs>& value) {
    if (value) out[json::string_view(name.data(), name.size())] = value->value();
}

void put(json::object& out, std::string_view name, const std::optional<std::string>& value) {
    if (value) out[json::string_view(name.data(), name.size())] = *value;
}

json::object encode_target(const ScheduleTarget& target) {
    json::object out{{"arn", target.arn},
                     {"role", target.role},
                     {"partition_key", target.partition_key},
                     {"source", target.source},
                     {"detail_type", target.detail_type}};
    put(out, "input", target.input);
    if (target.retries_max) out["retries_max"] = *target.retries_max;
    if (target.age_s_max) out["age_s_max"] = *target.age_s_max;
    return out;
}

ScheduleTarget decode_target(const json::object& object) {
    ScheduleTarget out;
    out.arn = text(object, "arn");
    out.role = text(object, "role");
    out.partition_key = text(object, "partition_key");
    out.source = text(object, "source");
    out.detail_type = text(object, "detail_type");
    if (object.contains("input")) out.input = text(object, "input");
    if (object.contains("retries_max")) out.retries_max = object.at("retries_max").to_number<uint32_t>();
    if (object.contains("age_s_max")) out.age_s_max = object.at("age_s_max").to_number<uint32_t>();
    return out;
}

// Calls `read` with the object, and makes an error of what it throws.
template <class T, class Read>
Result<T> decode(std::string_view text_of, std::string_view what, const Read& read) {
    try {
        const json::value value = json::parse(json::string_view(text_of.data(), text_of.size()));
        const json::object& object = value.as_object();
        if (object.at("format").to_number<int64_t>() == format_version) return read(object);
    } catch (const std::exception&) {
    }
    return Error{ErrorCode::corruption, "the stored definition of the " + std::string(what) + " does not parse"};
}

}  // namespace

std::string arn_of(const ScheduleName& name) {
    return "arn:aws:scheduler:" + name.scope.region + ":" + name.scope.account + ":schedule/" + name.group + "/" +
           name.name;
}

std::string group_arn(const Scope& scope, std::string_view group) {
    return "arn:aws:scheduler:" + scope.region + ":" + scope.account + ":schedule-group/" + std::string(group);
}

std::string encode(const Schedule& schedule) {
    const Settings& settings = schedule.settings;
    json::object out{
        {"format", format_version},
        {"uid", schedule.uid},
        {"revision", schedule.revision},
        {"token", schedule.token},
        {"created", schedule.created.value()},
        {"modified", schedule.modified.value()},
        {"anchor", schedule.anchor.value()},
        {"expression", settings.expression},
        {"zone", settings.zone},
        {"enabled", settings.enabled},
        {"window_minutes", settings.window_minutes},
        {"delete_after", settings.delete_after},
        {"target", encode_target(settings.target)},
    };
    put(out, "start", settings.start);
    put(out, "end", settings.end);
    put(out, "description", settings.description);
    return json::serialize(out);
}

Result<Schedule> decode_schedule(const ScheduleName& name, std::string_view text_of) {
    return decode<Schedule>(text_of, "schedule " + name.name, [&](const json::object& object) {
        Schedule out;
        out.name = name;
        out.uid = text(object, "uid");
        out.revision = object.at("revision").to_number<uint64_t>();
        out.token = text(object, "token");
        out.created = time(object, "created");
        out.modified = time(object, "modified");
        out.anchor = time(object, "anchor");
        Settings& settings = out.settings;
        settings.expression = text(object, "expression");
        settings.zone = text(object, "zone");
        settings.enabled = object.at("enabled").as_bool();
        settings.window_minutes = object.at("window_minutes").to_number<uint32_t>();
        settings.delete_after = object.at("delete_after").as_bool();
        settings.target = decode_target(object.at("target").as_object());
        if (object.contains("start")) settings.start = time(object, "start");
        if (object.contains("end")) settings.end = time(object, "end");
        if (object.contains("description")) settings.description = text(object, "description");
        return out;
    });
}

std::string encode(const Group& group) {
    json::object tags;
    for (const auto& [key, value] : group.tags) tags[key] = value;
    return json::serialize(json::object{
        {"format", format_version},
        {"created", group.created.value()},
        {"modified", group.modified.value()},
        {"deleting", group.deleting},
        {"token", group.token},
        {"tags", tags},
    });
}

Result<Group> decode_group(const Scope& scope, std::string_view name, std::string_view text_of) {
    return decode<Group>(text_of, "schedule group " + std::string(name), [&](const json::object& object) {
        Group out;
        out.scope = scope;
        out.name = name;
        out.created = time(object, "created");
        out.modified = time(object, "modified");
        out.deleting = object.at("deleting").as_bool();
        out.token = text(object, "token");
        for (const auto& [key, value] : object.at("tags").as_object()) {
            out.tags[std::string(key)] = json::value_to<std::string>(value);
        }
        return out;
    });
}

}  // namespace millrace::schedule
