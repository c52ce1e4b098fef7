#include "src/flow/mapping/checkpoint.h"

#include <charconv>
#include <cstdio>

#include <boost/json.hpp>

#include "src/table/key_value_store.h"

namespace millrace::flow::mapping {
namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;
constexpr uint32_t lanes_max = 10;

std::string head_key(std::string_view uuid) {
    return "flow/mapping/" + std::string(uuid) + "/";
}

std::string shard_key(ShardKey key, std::string_view uuid) {
    char text[24];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(key.value()));
    return head_key(uuid) + text;
}

std::string window_key(ShardKey key, uint32_t lane, std::string_view uuid) {
    char text[16];
    std::snprintf(text, sizeof text, "/%02u", lane);
    return shard_key(key, uuid) + text;
}

std::string encode(const ShardCheckpoint& shard) {
    json::array lanes;
    for (const LaneCheckpoint& lane : shard.lanes) lanes.push_back(lane.done.value());
    return json::serialize(
        json::object{{"format", format_version}, {"id", shard.id}, {"lanes", lanes}, {"finished", shard.finished}});
}

std::string encode(const Window& window) {
    return json::serialize(json::object{
        {"format", format_version}, {"start", window.start.value()}, {"state", window.state}, {"early", window.early}});
}

void put_window(ShardKey key, uint32_t lane, const LaneCheckpoint& of, std::string_view uuid, table::WriteBatch* out) {
    if (of.window) {
        out->put(window_key(key, lane, uuid), encode(*of.window));
    } else {
        out->erase(window_key(key, lane, uuid));
    }
}

json::object object_of(std::string_view text) {
    json::object object = json::parse(json::string_view(text.data(), text.size())).as_object();
    if (object.at("format").to_number<int64_t>() != format_version) throw std::invalid_argument("an unknown format");
    return object;
}

// `rest`: the key behind the head's. Throws.
void take(std::string_view rest, std::string_view value, Checkpoint* out) {
    const json::object object = object_of(value);
    if (rest.empty()) {
        out->lanes = object.at("lanes").to_number<uint32_t>();
        out->rewinds = object.at("rewinds").to_number<uint64_t>();
        if (out->lanes == 0 || out->lanes > lanes_max) throw std::invalid_argument("an impossible number of lanes");
        return;
    }
    uint64_t key = 0;
    const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), key, 16);
    if (parsed.ec != std::errc() || parsed.ptr != rest.data() + 16) throw std::invalid_argument("an impossible key");
    rest.remove_prefix(16);
    ShardCheckpoint& shard = out->shards[ShardKey(key)];
    if (rest.empty()) {
        shard.id = json::value_to<std::string>(object.at("id"));
        shard.finished = object.at("finished").as_bool();
        for (const json::value& lane : object.at("lanes").as_array())
            shard.lanes.push_back({Position(lane.to_number<uint64_t>()), std::nullopt});
        return;
    }
    uint32_t lane = 0;
    std::from_chars(rest.data() + 1, rest.data() + rest.size(), lane);
    if (lane >= shard.lanes.size()) throw std::invalid_argument("a window of no lane");
    shard.lanes[lane].window = Window{TimestampMs(object.at("start").to_number<int64_t>()),
                                      json::value_to<std::string>(object.at("state")), object.at("early").as_bool()};
}

// Every key of the mapping; the head's first, a shard's before its windows'.
Status each_key(
    table::KeyValueStore& store, std::string_view uuid,
    const std::function<Status(std::string_view key, std::string_view rest, std::string_view value)>& visit) {
    const std::string head = head_key(uuid);
    const auto cursor = store.cursor();
    for (cursor->seek(head); cursor->valid() && cursor->key().starts_with(head); cursor->next())
        TRY(visit(cursor->key(), cursor->key().substr(head.size()), cursor->value()));
    return cursor->status();
}

}  // namespace

Result<Checkpoint> load_checkpoint(table::KeyValueStore& store, std::string_view uuid) {
    Checkpoint out;
    TRY(each_key(store, uuid, [&](std::string_view, std::string_view rest, std::string_view value) -> Status {
        try {
            take(rest, value, &out);
            return {};
        } catch (const std::exception& broken) {
            return Error{ErrorCode::corruption,
                         "the checkpoint of event source mapping " + std::string(uuid) + ": " + broken.what()};
        }
    }));
    return out;
}

void put_head(const Checkpoint& checkpoint, std::string_view uuid, table::WriteBatch* out) {
    out->put(head_key(uuid),
             json::serialize(json::object{
                 {"format", format_version}, {"lanes", checkpoint.lanes}, {"rewinds", checkpoint.rewinds}}));
}

void put_shard(ShardKey key, const ShardCheckpoint& shard, std::optional<uint32_t> lane, std::string_view uuid,
               table::WriteBatch* out) {
    out->put(shard_key(key, uuid), encode(shard));
    if (lane) return put_window(key, *lane, shard.lanes[*lane], uuid, out);
    for (uint32_t i = 0; i < lanes_max; ++i)
        put_window(key, i, i < shard.lanes.size() ? shard.lanes[i] : LaneCheckpoint(), uuid, out);
}

void erase_shard(ShardKey key, std::string_view uuid, table::WriteBatch* out) {
    out->erase(shard_key(key, uuid));
    for (uint32_t i = 0; i < lanes_max; ++i) out->erase(window_key(key, i, uuid));
}

Status replace_checkpoint(table::KeyValueStore& store, std::string_view uuid, const Checkpoint& checkpoint) {
    table::WriteBatch batch;
    TRY(each_key(store, uuid, [&](std::string_view key, std::string_view, std::string_view) -> Status {
        batch.erase(std::string(key));
        return {};
    }));
    put_head(checkpoint, uuid, &batch);
    for (const auto& [key, shard] : checkpoint.shards) put_shard(key, shard, std::nullopt, uuid, &batch);
    return store.write(batch);
}

Status erase_checkpoint(table::KeyValueStore& store, std::string_view uuid) {
    table::WriteBatch batch;
    TRY(each_key(store, uuid, [&](std::string_view key, std::string_view, std::string_view) -> Status {
        batch.erase(std::string(key));
        return {};
    }));
    return batch.empty() ? Status() : store.write(batch);
}

}  // namespace millrace::flow::mapping
