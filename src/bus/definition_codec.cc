#include <stdexcept>

#include <boost/json.hpp>

#include "src/base/bytes.h"
#include "src/bus/definition.h"

namespace millrace::bus {
namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;

std::string text(const json::object& object, const char* name) {
    return std::string(object.at(name).as_string());
}

template <class T>
T number(const json::object& object, const char* name) {
    return object.at(name).to_number<T>();
}

TimestampMs time(const json::object& object, const char* name) {
    return TimestampMs(number<int64_t>(object, name));
}

std::optional<std::string> optional_text(const json::object& object, const char* name) {
    const auto* found = object.if_contains(name);
    return found != nullptr ? std::optional(std::string(found->as_string())) : std::nullopt;
}

json::object to_json(const std::map<std::string, std::string>& texts) {
    json::object out;
    for (const auto& [key, value] : texts) out[key] = value;
    return out;
}

std::map<std::string, std::string> texts_of(const json::value& value) {
    std::map<std::string, std::string> out;
    for (const auto& [key, each] : value.as_object()) out[std::string(key)] = std::string(each.as_string());
    return out;
}

json::array to_json(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

std::vector<std::string> list_of(const json::value& value) {
    std::vector<std::string> out;
    for (const json::value& each : value.as_array()) out.emplace_back(each.as_string());
    return out;
}

json::object to_json(const TargetDefinition& target) {
    json::object out{{"id", target.id},
                     {"arn", target.arn},
                     {"role", target.role},
                     {"uid", target.uid},
                     {"input_paths", to_json(target.input_paths)},
                     {"dead_letter", target.dead_letter_arn}};
    if (target.input) out["input"] = *target.input;
    if (target.input_path) out["input_path"] = *target.input_path;
    if (target.input_template) out["input_template"] = *target.input_template;
    if (target.partition_key_path) out["partition_key_path"] = *target.partition_key_path;
    if (target.http) {
        out["http"] = {{"path_values", to_json(target.http->path_values)},
                       {"headers", to_json(target.http->headers)},
                       {"query", to_json(target.http->query)}};
    }
    if (target.retries_max) out["retries_max"] = *target.retries_max;
    if (target.age_s_max) out["age_s_max"] = *target.age_s_max;
    return out;
}

TargetDefinition target_of(const json::object& object) {
    TargetDefinition out;
    out.id = text(object, "id");
    out.arn = text(object, "arn");
    out.role = text(object, "role");
    out.uid = number<uint64_t>(object, "uid");
    out.input = optional_text(object, "input");
    out.input_path = optional_text(object, "input_path");
    out.input_template = optional_text(object, "input_template");
    out.input_paths = texts_of(object.at("input_paths"));
    out.partition_key_path = optional_text(object, "partition_key_path");
    out.dead_letter_arn = text(object, "dead_letter");
    if (const auto* http = object.if_contains("http")) {
        const json::object& fields = http->as_object();
        out.http =
            HttpFields{list_of(fields.at("path_values")), texts_of(fields.at("headers")), texts_of(fields.at("query"))};
    }
    if (object.contains("retries_max")) out.retries_max = number<int>(object, "retries_max");
    if (object.contains("age_s_max")) out.age_s_max = number<int>(object, "age_s_max");
    return out;
}

// Hands the parsed object to `read`, whose exceptions mean damage.
template <class T, class Read>
Result<T> decode(std::string_view stored, std::string_view what, Read read) {
    try {
        const json::object object = json::parse(json::string_view(stored.data(), stored.size())).as_object();
        if (number<int64_t>(object, "format") == format_version) return read(object);
    } catch (const std::exception&) {  // falls through: boost::json says it so
    }
    return {ErrorCode::corruption, "the stored " + std::string(what) + " is damaged, or of a later version"};
}

std::string arn(const Scope& scope, std::string_view kind, std::string_view name) {
    return "arn:aws:events:" + scope.region + ":" + scope.account + ":" + std::string(kind) + "/" + std::string(name);
}

}  // namespace

std::string bus_arn(const Scope& scope, std::string_view name) {
    return arn(scope, "event-bus", name);
}
std::string arn_of(const BusDefinition& bus) {
    return bus_arn(bus.scope, bus.name);
}
std::string arn_of(const RuleDefinition& rule) {
    return arn(rule.scope, "rule", rule.bus == default_bus ? rule.name : rule.bus + "/" + rule.name);
}
std::string arn_of(const ArchiveDefinition& archive) {
    return arn(archive.scope, "archive", archive.name);
}
std::string arn_of(const ReplayDefinition& replay) {
    return arn(replay.scope, "replay", replay.name);
}

std::string encode(const BusDefinition& bus) {
    return json::serialize(json::object{{"format", format_version},
                                        {"name", bus.name},
                                        {"id", bus.id},
                                        {"log_key", bus.log_key},
                                        {"description", bus.description},
                                        {"dead_letter", bus.dead_letter_arn},
                                        {"policy", bus.policy},
                                        {"created", bus.created.value()},
                                        {"modified", bus.modified.value()}});
}

Result<BusDefinition> decode_bus(const Scope& scope, std::string_view stored) {
    return decode<BusDefinition>(stored, "event bus", [&](const json::object& object) {
        BusDefinition out;
        out.scope = scope;
        out.name = text(object, "name");
        out.id = number<uint64_t>(object, "id");
        out.log_key = number<uint64_t>(object, "log_key");
        out.description = text(object, "description");
        out.dead_letter_arn = text(object, "dead_letter");
        out.policy = text(object, "policy");
        out.created = time(object, "created");
        out.modified = time(object, "modified");
        return out;
    });
}

std::string encode(const RuleDefinition& rule) {
    json::array targets;
    for (const TargetDefinition& target : rule.targets) targets.push_back(to_json(target));
    return json::serialize(json::object{{"format", format_version},
                                        {"bus", rule.bus},
                                        {"name", rule.name},
                                        {"uid", rule.uid},
                                        {"pattern", rule.pattern},
                                        {"schedule", rule.schedule},
                                        {"description", rule.description},
                                        {"role", rule.role},
                                        {"state", static_cast<int>(rule.state)},
                                        {"from", rule.from_position},
                                        {"created", rule.created.value()},
                                        {"scheduled_from", rule.scheduled_from.value()},
                                        {"targets", targets}});
}

Result<RuleDefinition> decode_rule(const Scope& scope, std::string_view stored) {
    return decode<RuleDefinition>(stored, "rule", [&](const json::object& object) {
        RuleDefinition out;
        out.scope = scope;
        out.bus = text(object, "bus");
        out.name = text(object, "name");
        out.uid = number<uint64_t>(object, "uid");
        out.pattern = text(object, "pattern");
        out.schedule = text(object, "schedule");
        out.description = text(object, "description");
        out.role = text(object, "role");
        out.state = static_cast<RuleState>(number<int>(object, "state"));
        out.from_position = number<uint64_t>(object, "from");
        out.created = time(object, "created");
        out.scheduled_from = time(object, "scheduled_from");
        for (const json::value& each : object.at("targets").as_array())
            out.targets.push_back(target_of(each.as_object()));
        return out;
    });
}

std::string encode(const ArchiveDefinition& archive) {
    return json::serialize(json::object{{"format", format_version},
                                        {"name", archive.name},
                                        {"bus", archive.bus},
                                        {"description", archive.description},
                                        {"pattern", archive.pattern},
                                        {"id", archive.id},
                                        {"retention_days", archive.retention_days},
                                        {"created", archive.created.value()},
                                        {"from", archive.from_position}});
}

Result<ArchiveDefinition> decode_archive(const Scope& scope, std::string_view stored) {
    return decode<ArchiveDefinition>(stored, "archive", [&](const json::object& object) {
        ArchiveDefinition out;
        out.scope = scope;
        out.name = text(object, "name");
        out.bus = text(object, "bus");
        out.description = text(object, "description");
        out.pattern = text(object, "pattern");
        out.id = number<uint64_t>(object, "id");
        out.retention_days = number<int>(object, "retention_days");
        out.created = time(object, "created");
        out.from_position = number<uint64_t>(object, "from");
        return out;
    });
}

std::string encode(const ReplayDefinition& replay) {
    return json::serialize(json::object{{"format", format_version},
                                        {"name", replay.name},
                                        {"archive", replay.archive},
                                        {"bus", replay.bus},
                                        {"description", replay.description},
                                        {"rules", to_json(replay.rules)},
                                        {"first", replay.first.value()},
                                        {"last", replay.last.value()},
                                        {"state", static_cast<int>(replay.state)},
                                        {"reason", replay.reason},
                                        {"started", replay.started.value()},
                                        {"ended", replay.ended.value()},
                                        {"replayed_until", replay.replayed_until.value()},
                                        {"cursor", hex_encode(replay.cursor)},  // any bytes: a JSON text takes none
                                        {"wait_for", replay.wait_for}});
}

Result<ReplayDefinition> decode_replay(const Scope& scope, std::string_view stored) {
    return decode<ReplayDefinition>(stored, "replay", [&](const json::object& object) {
        ReplayDefinition out;
        out.scope = scope;
        out.name = text(object, "name");
        out.archive = text(object, "archive");
        out.bus = text(object, "bus");
        out.description = text(object, "description");
        out.rules = list_of(object.at("rules"));
        out.first = time(object, "first");
        out.last = time(object, "last");
        out.state = static_cast<ReplayState>(number<int>(object, "state"));
        out.reason = text(object, "reason");
        out.started = time(object, "started");
        out.ended = time(object, "ended");
        out.replayed_until = time(object, "replayed_until");
        if (!hex_decode(text(object, "cursor"), &out.cursor)) throw std::invalid_argument("cursor");
        out.wait_for = number<uint64_t>(object, "wait_for");
        return out;
    });
}

}  // namespace millrace::bus
