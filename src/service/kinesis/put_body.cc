#include "src/service/kinesis/put_body.h"

#include <optional>
#include <string>

#include <simdjson.h>

#include "src/base/base64.h"
#include "src/service/kinesis/limits.h"

namespace millrace::service::kinesis {
namespace {

using namespace simdjson;

constexpr size_t parser_bytes_kept_max = 4 << 20;  // a thread's parser forgets what a larger document made it take

// A thread's own parser: it keeps its memory from call to call.
ondemand::parser& thread_parser(size_t bytes) {
    thread_local ondemand::parser parser;
    if (parser.capacity() > parser_bytes_kept_max && bytes < parser_bytes_kept_max) parser = ondemand::parser();
    return parser;
}

padded_string_view padded(std::string_view body) {
    static_assert(SIMDJSON_PADDING <= 64);  // what RawCall::body() promises behind its end
    return padded_string_view(body.data(), body.size(), body.size() + SIMDJSON_PADDING);
}

// The characters between the quotes of a string value, as they stand; false where it is not a string. Valid as long
// as the body. Escapes are not undone: base64 and most keys have none.
bool raw_string(ondemand::value& value, std::string_view* out) {
    ondemand::json_type type;
    if (value.type().get(type) || type != ondemand::json_type::string) return false;
    std::string_view token = value.raw_json_token();
    while (!token.empty() && token.back() != '"') token.remove_suffix(1);
    if (token.size() < 2) return false;
    *out = token.substr(1, token.size() - 2);
    return true;
}

struct RecordText {
    std::string_view data;
    std::string_view key;
    std::string_view explicit_hash_key;
    bool has_data = false;
    bool has_key = false;
};

enum class Member : uint8_t { taken, foreign, irregular };

Member take_member(std::string_view name, ondemand::value& value, RecordText* record) {
    if (name == "Data") {
        record->has_data = true;
        return raw_string(value, &record->data) ? Member::taken : Member::irregular;
    }
    if (name == "PartitionKey") {
        record->has_key = true;
        if (!raw_string(value, &record->key)) return Member::irregular;
        // More than 256 bytes may still be 256 characters: put.cc counts.
        if (record->key.empty() || record->key.size() > partition_key_characters_max) return Member::irregular;
        return record->key.find('\\') == std::string_view::npos ? Member::taken : Member::irregular;
    }
    if (name == "ExplicitHashKey") {
        if (!raw_string(value, &record->explicit_hash_key)) return Member::irregular;
        return record->explicit_hash_key.empty() ? Member::irregular : Member::taken;
    }
    return Member::foreign;
}

bool place(const RecordText& record, PutBatch* put) {
    if (!record.has_data || !record.has_key) return false;
    log::Batch* const batch = put->route(record.key, record.explicit_hash_key);
    if (!batch) return false;
    char* const room = batch->reserve(record.key, base64_decode_capacity(record.data.size()));
    const ptrdiff_t size = base64_decode(record.data, room);
    const size_t most = static_cast<size_t>(put->live().stream.record_kib_max) * 1024;
    if (size < 0 || static_cast<size_t>(size) + record.key.size() > most) {
        batch->abandon();
        return false;
    }
    batch->finish(static_cast<size_t>(size));
    put->placed(static_cast<size_t>(size) + record.key.size());
    return true;
}

// The walk over a PutRecords' records. False: something is irregular.
bool take_records(ondemand::value& value, PutBatch* put) {
    ondemand::array records;
    if (value.get_array().get(records)) return false;
    for (auto element : records) {
        ondemand::object object;
        if (element.get_object().get(object)) return false;
        RecordText record;
        for (auto field : object) {
            std::string_view name;
            ondemand::value member;
            if (field.unescaped_key().get(name) || field.value().get(member)) return false;
            if (take_member(name, member, &record) != Member::taken) return false;
        }
        if (put->count() == put_records_count_max || !place(record, put)) return false;
    }
    return put->count() > 0 && put->bytes() <= put_records_bytes_max;
}

}  // namespace

std::shared_ptr<PutBatch> read_put_records(std::string_view body, const FindStream& find) {
    ondemand::document document;
    ondemand::object object;
    if (thread_parser(body.size()).iterate(padded(body)).get(document)) return nullptr;
    if (document.get_object().get(object)) return nullptr;
    std::optional<std::string> name;
    std::optional<std::string> arn;
    std::shared_ptr<PutBatch> put;
    const auto look_up = [&] {
        StreamPointer live = find(name, arn);
        if (live) put = std::make_shared<PutBatch>(std::move(live), body.size() / 4 * 3 + 4096);
        return put != nullptr;
    };
    bool records_come_first = false;
    for (auto field : object) {
        std::string_view member;
        ondemand::value value;
        if (field.unescaped_key().get(member) || field.value().get(value)) return nullptr;
        if (member == "StreamName" || member == "StreamARN") {
            std::string_view text;
            if (value.get_string().get(text)) return nullptr;
            (member == "StreamName" ? name : arn) = std::string(text);
        } else if (member == "Records") {
            if (put || records_come_first) return nullptr;
            if (!name && !arn) {
                records_come_first = true;  // the stream's name follows: walk over them, and come back
                continue;
            }
            if (!look_up() || !take_records(value, put.get())) return nullptr;
        } else {
            return nullptr;
        }
    }
    if (records_come_first) {
        document.rewind();
        ondemand::value records;
        if (!look_up() || document.get_object().get(object)) return nullptr;
        if (object.find_field("Records").get(records) || !take_records(records, put.get())) return nullptr;
    }
    // A name that came after the records might be another than the one looked up; so might a second one.
    if (!put || (name && *name != put->live().stream.name) || (arn && *arn != put->live().arn)) return nullptr;
    return put;
}

std::shared_ptr<PutBatch> read_put_record(std::string_view body, const FindStream& find) {
    ondemand::document document;
    ondemand::object object;
    if (thread_parser(body.size()).iterate(padded(body)).get(document)) return nullptr;
    if (document.get_object().get(object)) return nullptr;
    std::optional<std::string> name;
    std::optional<std::string> arn;
    RecordText record;
    for (auto field : object) {
        std::string_view member;
        ondemand::value value;
        if (field.unescaped_key().get(member) || field.value().get(value)) return nullptr;
        const Member taken = take_member(member, value, &record);
        if (taken == Member::irregular) return nullptr;
        if (taken == Member::taken) continue;
        if (member != "StreamName" && member != "StreamARN") return nullptr;
        std::string_view text;
        if (value.get_string().get(text)) return nullptr;
        (member == "StreamName" ? name : arn) = std::string(text);
    }
    StreamPointer live = find(name, arn);
    if (!live) return nullptr;
    auto put = std::make_shared<PutBatch>(std::move(live), body.size() / 4 * 3 + 256);
    return place(record, put.get()) ? put : nullptr;
}

}  // namespace millrace::service::kinesis
