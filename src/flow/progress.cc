#include "src/flow/progress.h"

#include <boost/json.hpp>

#include "src/base/bytes.h"
#include "src/table/key_value_store.h"

namespace millrace::flow {
namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;

std::string key_of(uint64_t delivery_id) {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(delivery_id >> shift);
    return "flow/progress/" + hex_encode(bytes);
}

json::array encode_shards(const std::vector<ShardProgress>& shards) {
    json::array out;
    for (const ShardProgress& shard : shards) out.push_back({shard.shard.value(), shard.next.value()});
    return out;
}

std::vector<ShardProgress> decode_shards(const json::value& value) {
    std::vector<ShardProgress> out;
    for (const json::value& pair : value.as_array()) {
        out.push_back({log::ShardKey(pair.as_array().at(0).to_number<uint64_t>()),
                       log::Position(pair.as_array().at(1).to_number<uint64_t>())});
    }
    return out;
}

}  // namespace

std::string encode(const Progress& progress) {
    return json::serialize(json::object{{"format", format_version}, {"shards", encode_shards(progress.shards)}});
}

Result<Progress> decode_progress(std::string_view text) {
    try {
        const json::value parsed = json::parse(json::string_view(text.data(), text.size()));
        const json::object& object = parsed.as_object();
        if (object.at("format").to_number<int64_t>() != format_version) {
            return Error{ErrorCode::corruption, "a delivery's progress is of a format that we do not know"};
        }
        Progress out;
        out.shards = decode_shards(object.at("shards"));
        return out;
    } catch (const std::exception& broken) {
        return Error{ErrorCode::corruption, std::string("a delivery's progress: ") + broken.what()};
    }
}

Result<Progress> load_progress(table::KeyValueStore& store, uint64_t delivery_id) {
    TRY_ASSIGN(const std::optional<std::string> value, store.get(key_of(delivery_id)));
    if (!value) return Progress{};
    return decode_progress(*value);
}

void put_progress(table::WriteBatch* batch, uint64_t delivery_id, const Progress& progress) {
    batch->put(key_of(delivery_id), encode(progress));
}

Status save_progress(table::KeyValueStore& store, uint64_t delivery_id, const Progress& progress) {
    table::WriteBatch batch;
    put_progress(&batch, delivery_id, progress);
    return store.write(batch);
}

Status erase_progress(table::KeyValueStore& store, uint64_t delivery_id) {
    table::WriteBatch batch;
    batch.erase(key_of(delivery_id));
    return store.write(batch);
}

}  // namespace millrace::flow
