#include "src/service/firehose/hot_body.h"

#include <simdjson.h>

#include "src/base/base64.h"
#include "src/service/firehose/limits.h"

namespace millrace::service::firehose {

namespace json = simdjson::ondemand;

namespace {

constexpr size_t record_overhead_bytes = 64;  // of a record in a batch, roughly

// The text between a string's quotes, still escaped; nothing where the value is no string.
std::optional<std::string_view> raw_string(json::value value) {
    std::string_view token = value.raw_json_token();
    while (!token.empty() &&
           (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t')) {
        token.remove_suffix(1);
    }
    if (token.size() < 2 || token.front() != '"' || token.back() != '"') return std::nullopt;
    return token.substr(1, token.size() - 2);
}

// Base64 without the backslashes that JSON allows before a slash; nothing where another escape stands in it.
std::optional<std::string> without_escaped_slashes(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && (i + 1 == text.size() || text[++i] != '/')) return std::nullopt;
        out += text[i];
    }
    return out;
}

bool decode_into(std::string_view text, HotRecords* out) {
    if (text.size() > base64_encoded_size(record_bytes_max)) return false;
    char* room = out->batch.reserve("", base64_decode_capacity(text.size()));
    const ptrdiff_t size = base64_decode(text, room);
    if (size < 0 || static_cast<size_t>(size) > record_bytes_max) {
        out->batch.abandon();
        return false;
    }
    out->batch.finish(static_cast<size_t>(size));
    out->data_bytes += static_cast<size_t>(size);
    return true;
}

bool add_record(json::object record, HotRecords* out) {
    json::value data;
    if (record.find_field_unordered("Data").get(data) != simdjson::SUCCESS) return false;
    const auto text = raw_string(data);
    if (!text) return false;
    if (text->find('\\') == std::string_view::npos) return decode_into(*text, out);
    const auto plain = without_escaped_slashes(*text);
    return plain && decode_into(*plain, out);
}

}  // namespace

struct HotBody::State {
    json::parser parser;
    json::document document;
    json::object object;

    // Opens the body and asks for the shard of the stream that it names.
    std::optional<HotRecords> open(std::string_view body, const ShardOf& shard_of) {
        const simdjson::padded_string_view padded(body.data(), body.size(), body.size() + simdjson::SIMDJSON_PADDING);
        if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return std::nullopt;
        if (document.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
        std::string_view name;
        if (object.find_field_unordered("DeliveryStreamName").get_string().get(name) != simdjson::SUCCESS) {
            return std::nullopt;
        }
        const auto shard = shard_of(name);
        if (!shard) return std::nullopt;
        return HotRecords{log::Batch(*shard, body.size() / 4 * 3 + record_overhead_bytes), 0};
    }
};

HotBody::HotBody() : state_(std::make_unique<State>()) {}
HotBody::~HotBody() = default;

HotBody& HotBody::of_this_thread() {
    thread_local HotBody body;
    return body;
}

std::optional<HotRecords> HotBody::read_one(std::string_view body, const ShardOf& shard_of) {
    auto out = state_->open(body, shard_of);
    if (!out) return std::nullopt;
    json::object record;
    if (state_->object.find_field_unordered("Record").get_object().get(record) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    if (!add_record(record, &*out)) return std::nullopt;
    return out;
}

std::optional<HotRecords> HotBody::read_many(std::string_view body, const ShardOf& shard_of) {
    auto out = state_->open(body, shard_of);
    if (!out) return std::nullopt;
    json::array records;
    if (state_->object.find_field_unordered("Records").get_array().get(records) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    for (auto element : records) {
        json::object record;
        if (element.get_object().get(record) != simdjson::SUCCESS) return std::nullopt;
        if (out->batch.count() == batch_records_max || !add_record(record, &*out)) return std::nullopt;
    }
    if (out->batch.count() == 0) return std::nullopt;
    return out;
}

}  // namespace millrace::service::firehose
