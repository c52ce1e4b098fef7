// The hot path of the puts: JSON, walked where it lies (simdjson on demand), base64 decoded straight into the log's
// batch, the answer written by hand. Handles what is regular and returns false, having done nothing, for all else:
// put.cc then finds out what is wrong, and says it in AWS's words.
#include <cstring>

#include <simdjson.h>

#include "src/base/base64.h"
#include "src/service/kinesis/errors.h"
#include "src/service/kinesis/kinesis.h"
#include "src/service/kinesis/limits.h"
#include "src/service/kinesis/put_answer.h"
#include "src/service/kinesis/put_batch.h"
#include "src/service/kinesis/sequence_number.h"

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

std::string answer(const PutBatch& put, const std::vector<log::Appended>& appended) {
    constexpr std::string_view head = "{\"FailedRecordCount\":0,\"Records\":[";
    constexpr std::string_view entry = "{\"SequenceNumber\":\"";
    std::string out;
    out.reserve(head.size() + put.count() * 128 + 2);
    out += head;
    put.for_each(appended, [&](uint32_t shard, log::Position position) {
        char digits[20];
        write_position(position.value(), digits);
        out += entry;
        out += sequence_prefix;
        out.append(digits, sizeof digits);
        out += put.live().answer_tails[shard];
        out += ',';
    });
    out.back() = ']';
    out += '}';
    return out;
}

}  // namespace

bool Kinesis::put_records_json(const aws::RawCall& call) {
    const std::string_view body = call.body();
    ondemand::document document;
    ondemand::object object;
    if (thread_parser(body.size()).iterate(padded(body)).get(document)) return false;
    if (document.get_object().get(object)) return false;
    std::optional<std::string> name;
    std::optional<std::string> arn;
    std::shared_ptr<PutBatch> put;
    const auto look_up = [&] {
        auto live = find(call.context(), name, arn);
        if (live) put = std::make_shared<PutBatch>(*live, body.size() / 4 * 3 + 4096);
        return live.ok();
    };
    bool records_come_first = false;
    for (auto field : object) {
        std::string_view member;
        ondemand::value value;
        if (field.unescaped_key().get(member) || field.value().get(value)) return false;
        if (member == "StreamName" || member == "StreamARN") {
            std::string_view text;
            if (value.get_string().get(text)) return false;
            (member == "StreamName" ? name : arn) = std::string(text);
        } else if (member == "Records") {
            if (put || records_come_first) return false;
            if (!name && !arn) {
                records_come_first = true;  // the stream's name follows: walk over them, and come back
                continue;
            }
            if (!look_up() || !take_records(value, put.get())) return false;
        } else {
            return false;
        }
    }
    if (records_come_first) {
        document.rewind();
        ondemand::value records;
        if (!look_up() || document.get_object().get(object)) return false;
        if (object.find_field("Records").get(records) || !take_records(records, put.get())) return false;
    }
    // A name that came after the records might be another than the one looked up; so might a second one.
    if (!put || (name && *name != put->live().stream.name) || (arn && *arn != put->live().arn)) return false;

    log_.append(put->take_batches(), [call, put](Result<std::vector<log::Appended>> result) {
        if (result) return call.succeed(answer(*put, *result));
        if (result.error().code != ErrorCode::resource_exhausted) return call.fail(failure_of(result.error()));
        call.succeed(throttled(put->live(), put->count(), result.error()));
    });
    return true;
}

bool Kinesis::put_record_json(const aws::RawCall& call) {
    const std::string_view body = call.body();
    ondemand::document document;
    ondemand::object object;
    if (thread_parser(body.size()).iterate(padded(body)).get(document)) return false;
    if (document.get_object().get(object)) return false;
    std::optional<std::string> name;
    std::optional<std::string> arn;
    RecordText record;
    for (auto field : object) {
        std::string_view member;
        ondemand::value value;
        if (field.unescaped_key().get(member) || field.value().get(value)) return false;
        const Member taken = take_member(member, value, &record);
        if (taken == Member::irregular) return false;
        if (taken == Member::taken) continue;
        if (member != "StreamName" && member != "StreamARN") return false;
        std::string_view text;
        if (value.get_string().get(text)) return false;
        (member == "StreamName" ? name : arn) = std::string(text);
    }
    const auto live = find(call.context(), name, arn);
    if (!live) return false;
    const auto put = std::make_shared<PutBatch>(*live, body.size() / 4 * 3 + 256);
    if (!place(record, put.get())) return false;
    log_.append(put->take_batches(), [call, put](Result<std::vector<log::Appended>> result) {
        if (!result) return call.fail(failure_of(result.error()));
        std::string out;
        put->for_each(*result, [&](uint32_t shard, log::Position position) {
            out = "{\"SequenceNumber\":\"" + sequence_number(position.value()) + put->live().answer_tails[shard];
        });
        call.succeed(std::move(out));
    });
    return true;
}

}  // namespace millrace::service::kinesis
