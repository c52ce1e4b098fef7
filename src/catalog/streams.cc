#include "src/catalog/streams.h"

#include <boost/json.hpp>

#include "src/catalog/registry.h"

namespace millrace::catalog {
namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;

json::object encode_shard(const Shard& shard) {
    json::object out{
        {"id", shard.id},
        {"log_key", shard.log_key},
        {"hash_first", {shard.hash_first.high, shard.hash_first.low}},
        {"hash_last", {shard.hash_last.high, shard.hash_last.low}},
        {"created", shard.created.value()},
        {"position_first", shard.position_first},
    };
    if (!shard.parent_id.empty()) out["parent"] = shard.parent_id;
    if (!shard.adjacent_parent_id.empty()) out["adjacent_parent"] = shard.adjacent_parent_id;
    if (shard.closing) out["closing"] = true;
    if (shard.position_last) out["position_last"] = *shard.position_last;
    if (shard.closed.value() != 0) out["closed"] = shard.closed.value();
    return out;
}

std::string text_or_empty(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value ? json::value_to<std::string>(*value) : std::string();
}

HashKey decode_hash(const json::value& value) {
    return {value.as_array().at(0).to_number<uint64_t>(), value.as_array().at(1).to_number<uint64_t>()};
}

Shard decode_shard(const json::object& object) {
    Shard shard;
    shard.id = json::value_to<std::string>(object.at("id"));
    shard.log_key = object.at("log_key").to_number<uint64_t>();
    shard.hash_first = decode_hash(object.at("hash_first"));
    shard.hash_last = decode_hash(object.at("hash_last"));
    shard.created = TimestampMs(object.at("created").to_number<int64_t>());
    shard.position_first = object.at("position_first").to_number<uint64_t>();
    shard.parent_id = text_or_empty(object, "parent");
    shard.adjacent_parent_id = text_or_empty(object, "adjacent_parent");
    if (const json::value* last = object.if_contains("position_last"))
        shard.position_last = last->to_number<uint64_t>();
    if (const json::value* closing = object.if_contains("closing")) shard.closing = closing->as_bool();
    if (const json::value* closed = object.if_contains("closed"))
        shard.closed = TimestampMs(closed->to_number<int64_t>());
    return shard;
}

}  // namespace

std::string arn_of(const Stream& stream) {
    return "arn:aws:kinesis:" + stream.scope.region + ":" + stream.scope.account + ":stream/" + stream.name;
}

std::string encode_stream(const Stream& stream) {
    json::array shards;
    for (const Shard& shard : stream.shards) shards.push_back(encode_shard(shard));
    json::object tags;
    for (const auto& [key, value] : stream.tags) tags[key] = value;
    return json::serialize(json::object{
        {"format", format_version},
        {"name", stream.name},
        {"incarnation", stream.incarnation},
        {"on_demand", stream.on_demand},
        {"retention_hours", stream.retention_hours},
        {"record_kib_max", stream.record_kib_max},
        {"created", stream.created.value()},
        {"deleting", stream.deleting},
        {"shards", std::move(shards)},
        {"tags", std::move(tags)},
    });
}

Result<Stream> decode_stream(const Scope& scope, std::string_view text) {
    try {
        const json::value parsed = json::parse(json::string_view(text.data(), text.size()));
        const json::object& object = parsed.as_object();
        if (object.at("format").to_number<int64_t>() != format_version) {
            return Error{ErrorCode::unsupported, "a stream's definition was written by a newer millrace"};
        }
        Stream stream;
        stream.scope = scope;
        stream.name = json::value_to<std::string>(object.at("name"));
        stream.incarnation = object.at("incarnation").to_number<uint64_t>();
        stream.on_demand = object.at("on_demand").as_bool();
        stream.retention_hours = object.at("retention_hours").to_number<int>();
        if (const json::value* most = object.if_contains("record_kib_max")) {
            stream.record_kib_max = most->to_number<int>();
        }
        stream.created = TimestampMs(object.at("created").to_number<int64_t>());
        stream.deleting = object.at("deleting").as_bool();
        for (const json::value& shard : object.at("shards").as_array()) {
            stream.shards.push_back(decode_shard(shard.as_object()));
        }
        for (const auto& [key, value] : object.at("tags").as_object()) {
            stream.tags.emplace(key, json::value_to<std::string>(value));
        }
        return stream;
    } catch (const std::exception& problem) {
        return Error{ErrorCode::corruption, std::string("a stream's definition does not parse: ") + problem.what()};
    }
}

Result<Stream> find_stream(Registry& registry, const Scope& scope, std::string_view name) {
    TRY_ASSIGN(std::optional<std::string> found, registry.get(stream_kind, scope, name));
    if (!found) return Error{ErrorCode::not_found, "there is no stream " + std::string(name)};
    return decode_stream(scope, *found);
}

}  // namespace millrace::catalog
