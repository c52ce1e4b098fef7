#include "src/bus/retry_queue.h"

#include <boost/json.hpp>

#include "src/bus/store_keys.h"
#include "src/table/key_value_store.h"

namespace millrace::bus {
namespace {

namespace json = boost::json;

constexpr char format = 1;
constexpr size_t key_size = 1 + 4 * 8;
constexpr size_t body_at = 17;      // in a value: its length
constexpr uint64_t overhead = 128;  // a small event's key, numbers and place in the store

void put_field(std::string_view text, std::string* out) {
    *out += number_text(text.size());
    *out += text;
}

bool take_field(std::string_view* in, std::string* out) {
    const uint64_t size = number_at(*in, 0);
    if (in->size() < 8 || in->size() - 8 < size) return false;
    *out = in->substr(8, size);
    in->remove_prefix(8 + size);
    return true;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string text_of(const Pairs& pairs) {
    json::array out;
    for (const auto& [name, value] : pairs) out.push_back(json::array{name, value});
    return json::serialize(out);
}

Pairs pairs_of(std::string_view text) {
    Pairs out;
    const json::value parsed = json::parse(json::string_view(text.data(), text.size()));
    for (const json::value& each : parsed.as_array()) {
        out.emplace_back(std::string(each.at(0).as_string()), std::string(each.at(1).as_string()));
    }
    return out;
}

Pairs named(const std::vector<std::string>& values) {
    Pairs out;
    for (const std::string& value : values) out.emplace_back("", value);
    return out;
}

}  // namespace

uint64_t cost_of(const Parked& parked) {
    return parked.item.body.size() + overhead;
}

std::string encode(const Parked& parked) {
    std::string out(1, format);
    out += number_text(parked.attempts);
    out += number_text(static_cast<uint64_t>(parked.accepted.value()));
    put_field(parked.item.body, &out);
    put_field(parked.item.partition_key, &out);
    const auto& http = parked.item.http;
    put_field(http ? text_of(named(http->path_values)) : "", &out);
    put_field(http ? text_of(http->headers) : "", &out);
    put_field(http ? text_of(http->query) : "", &out);
    put_field(parked.failure, &out);
    return out;
}

Result<Parked> decode_parked(std::string_view value) {
    const Error damaged{ErrorCode::corruption, "an event that waits to be tried again is damaged"};
    if (value.size() < body_at || value[0] != format) return damaged;
    Parked out;
    out.attempts = number_at(value, 1);
    out.accepted = TimestampMs(static_cast<int64_t>(number_at(value, 9)));
    value.remove_prefix(body_at);
    std::string path_values, headers, query;
    if (!take_field(&value, &out.item.body) || !take_field(&value, &out.item.partition_key) ||
        !take_field(&value, &path_values) || !take_field(&value, &headers) || !take_field(&value, &query) ||
        !take_field(&value, &out.failure)) {
        return damaged;
    }
    try {
        if (!path_values.empty()) {
            out.item.http.emplace();
            for (auto& [name, each] : pairs_of(path_values)) out.item.http->path_values.push_back(std::move(each));
            out.item.http->headers = pairs_of(headers);
            out.item.http->query = pairs_of(query);
        }
    } catch (const std::exception&) {
        return damaged;
    }
    return out;
}

std::string RetryQueue::prefix(uint64_t lane) const {
    return store_key('R', {bus_, lane});
}

std::string RetryQueue::put(uint64_t lane, int64_t due_ms, const Parked& parked, table::WriteBatch* batch) {
    std::string key = store_key('R', {bus_, lane, static_cast<uint64_t>(due_ms), sequence_++});
    batch->put(key, encode(parked));
    return key;
}

Result<std::vector<RetryQueue::Entry>> RetryQueue::due(uint64_t lane, int64_t now_ms, size_t count_max,
                                                       size_t bytes_max, std::vector<std::string>* damaged) const {
    std::vector<Entry> out;
    const std::string begin = prefix(lane);
    const auto cursor = store_.cursor();
    size_t bytes = 0;
    for (cursor->seek(begin); cursor->valid() && cursor->key().starts_with(begin); cursor->next()) {
        const auto due_ms = static_cast<int64_t>(number_at(cursor->key(), 17));
        if (due_ms > now_ms || out.size() + damaged->size() >= count_max || bytes >= bytes_max) return out;
        Result<Parked> parked = decode_parked(cursor->value());
        if (!parked.ok()) {
            damaged->push_back(std::string(cursor->key()));
            continue;
        }
        bytes += cursor->value().size();
        out.push_back({std::string(cursor->key()), due_ms, *std::move(parked)});
    }
    TRY(cursor->status());
    return out;
}

Result<int64_t> RetryQueue::first_due(uint64_t lane) const {
    const std::string begin = prefix(lane);
    const auto cursor = store_.cursor();
    cursor->seek(begin);
    TRY(cursor->status());
    if (!cursor->valid() || !cursor->key().starts_with(begin)) return INT64_MAX;
    return static_cast<int64_t>(number_at(cursor->key(), 17));
}

Status RetryQueue::each_lane(const std::function<void(uint64_t, const Backlog&)>& visit) const {
    const std::string begin = store_key('R', {bus_});
    const auto cursor = store_.cursor();
    uint64_t lane = 0;
    Backlog backlog;
    for (cursor->seek(begin); cursor->valid() && cursor->key().starts_with(begin); cursor->next()) {
        if (cursor->key().size() != key_size) continue;
        const uint64_t next = number_at(cursor->key(), 9);
        if (next != lane && backlog.count > 0) {
            visit(lane, backlog);
            backlog = {};
        }
        lane = next;
        ++backlog.count;
        backlog.bytes += std::min<uint64_t>(number_at(cursor->value(), body_at), cursor->value().size()) + overhead;
        backlog.due_ms = std::min(backlog.due_ms, static_cast<int64_t>(number_at(cursor->key(), 17)));
    }
    TRY(cursor->status());
    if (backlog.count > 0) visit(lane, backlog);
    return {};
}

Result<bool> RetryQueue::erase_some(uint64_t lane, size_t count_max) {
    const std::string begin = prefix(lane);
    table::WriteBatch batch;
    size_t count = 0;
    {
        const auto cursor = store_.cursor();
        for (cursor->seek(begin); cursor->valid() && cursor->key().starts_with(begin) && count < count_max;
             cursor->next(), ++count) {
            batch.erase(std::string(cursor->key()));
        }
        TRY(cursor->status());
    }
    if (!batch.empty()) TRY(store_.write(batch));
    return count < count_max;
}

}  // namespace millrace::bus
