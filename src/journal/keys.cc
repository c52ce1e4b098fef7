#include "src/journal/keys.h"

namespace millrace::journal {
namespace {

constexpr char version = 1;
constexpr uint64_t sign = uint64_t{1} << 63;

void put_u64(std::string& out, uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

uint64_t u64_at(std::string_view bytes) {
    uint64_t number = 0;
    for (size_t i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
    return number;
}

void put_time(std::string& out, int64_t time) {
    put_u64(out, static_cast<uint64_t>(time) ^ sign);
}

int64_t time_at(std::string_view bytes) {
    return static_cast<int64_t>(u64_at(bytes) ^ sign);
}

void put_text(std::string& out, std::string_view text) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(text.size() >> shift));
    out += text;
}

void put_optional(std::string& out, const std::optional<TimestampMs>& time) {
    out.push_back(time ? 1 : 0);
    put_time(out, time ? time->value() : 0);
}

// Takes fields off a value; `good` turns false and stays so where it ends early.
struct Taker {
    std::string_view left;
    bool good = true;

    explicit Taker(std::string_view value) : left(value) {
        if (byte() != version) good = false;
    }
    std::string_view take(size_t count) {
        if (!good || left.size() < count) {
            good = false;
            return {};
        }
        const std::string_view taken = left.substr(0, count);
        left.remove_prefix(count);
        return taken;
    }
    char byte() {
        const std::string_view one = take(1);
        return one.empty() ? '\xff' : one[0];
    }
    uint64_t u64() {
        const std::string_view bytes = take(8);
        return bytes.empty() ? 0 : u64_at(bytes);
    }
    TimestampMs time() {
        const std::string_view bytes = take(8);
        return TimestampMs(bytes.empty() ? 0 : time_at(bytes));
    }
    std::optional<TimestampMs> optional_time() {
        const bool there = byte() == 1;
        const TimestampMs at = time();
        return there ? std::optional(at) : std::nullopt;
    }
    std::string_view text() {
        const std::string_view bytes = take(4);
        if (bytes.empty()) return {};
        size_t size = 0;
        for (const char c : bytes) size = size << 8 | static_cast<unsigned char>(c);
        return take(size);
    }
    Status done() const {
        if (good && left.empty()) return {};
        return Error{ErrorCode::corruption, "an entry of the journal is damaged"};
    }
};

}  // namespace

int64_t minute_of(int64_t time_ms) {
    return time_ms / minute_ms - (time_ms % minute_ms < 0 ? 1 : 0);
}

std::string group_key(const Scope& scope, std::string_view name) {
    std::string key = "G" + scope.account;
    key.push_back('\0');
    key += scope.region;
    key.push_back('\0');
    return key += name;
}

bool take_group_key(std::string_view key, Scope& scope, std::string& name) {
    key.remove_prefix(1);
    const size_t first = key.find('\0');
    const size_t second = first == key.npos ? key.npos : key.find('\0', first + 1);
    if (second == key.npos) return false;
    scope = {std::string(key.substr(0, first)), std::string(key.substr(first + 1, second - first - 1))};
    name = key.substr(second + 1);
    return true;
}

std::string rows_of(char kind, uint64_t group) {
    std::string key(1, kind);
    put_u64(key, group);
    return key;
}

std::string rows_end(char kind, uint64_t group) {
    return rows_of(kind, group + 1);
}

std::string stream_key(uint64_t group, std::string_view name) {
    return rows_of('S', group).append(name);
}

std::string_view stream_name_in(std::string_view key) {
    return key.substr(9);
}

std::string event_key(uint64_t group, Position position) {
    std::string key = rows_of('E', group);
    put_time(key, position.time_ms);
    put_u64(key, position.arrival);
    return key;
}

std::string index_key(uint64_t group, uint64_t stream, Position position) {
    std::string key = rows_of('I', group);
    put_u64(key, stream);
    put_time(key, position.time_ms);
    put_u64(key, position.arrival);
    return key;
}

std::string minute_key(uint64_t group, int64_t minute) {
    std::string key = rows_of('B', group);
    put_time(key, minute);
    return key;
}

Position position_in(std::string_view key) {
    const std::string_view tail = key.substr(key.size() - 16);
    return {time_at(tail), u64_at(tail.substr(8))};
}

int64_t minute_in(std::string_view key) {
    return time_at(key.substr(key.size() - 8));
}

std::string encode(const GroupRecord& record) {
    std::string out(1, version);
    put_u64(out, record.id);
    put_time(out, record.created.value());
    put_u64(out, static_cast<uint64_t>(record.retention_days.value_or(0)));
    for (const auto& [key, value] : record.tags) {
        put_text(out, key);
        put_text(out, value);
    }
    return out;
}

Status decode(std::string_view value, GroupRecord& record) {
    Taker taker(value);
    record.id = taker.u64();
    record.created = taker.time();
    const auto days = static_cast<int32_t>(taker.u64());
    record.retention_days = days ? std::optional(days) : std::nullopt;
    while (taker.good && !taker.left.empty()) {
        const std::string_view key = taker.text();
        record.tags[std::string(key)] = taker.text();
    }
    return taker.done();
}

std::string encode(const StreamRecord& record) {
    std::string out(1, version);
    put_u64(out, record.id);
    out.push_back(record.own ? 1 : 0);
    put_time(out, record.created.value());
    put_optional(out, record.first);
    put_optional(out, record.last);
    put_optional(out, record.ingested);
    return out;
}

Status decode(std::string_view value, StreamRecord& record) {
    Taker taker(value);
    record.id = taker.u64();
    record.own = taker.byte() == 1;
    record.created = taker.time();
    record.first = taker.optional_time();
    record.last = taker.optional_time();
    record.ingested = taker.optional_time();
    return taker.done();
}

std::string encode(const EventRecord& record) {
    std::string out(1, version);
    put_u64(out, record.stream);
    put_time(out, record.ingested.value());
    put_text(out, record.stream_name);
    put_text(out, record.message);
    return out;
}

Status decode(std::string_view value, EventRecord& record) {
    Taker taker(value);
    record.stream = taker.u64();
    record.ingested = taker.time();
    record.stream_name = taker.text();
    record.message = taker.text();
    return taker.done();
}

std::string encode(const Counters& counters) {
    std::string out(1, version);
    put_u64(out, counters.next_id);
    put_u64(out, counters.next_arrival);
    return out;
}

Status decode(std::string_view value, Counters& counters) {
    Taker taker(value);
    counters.next_id = taker.u64();
    counters.next_arrival = taker.u64();
    return taker.done();
}

std::string encode_bytes(int64_t bytes) {
    std::string out(1, version);
    put_time(out, bytes);
    return out;
}

Status decode_bytes(std::string_view value, int64_t& bytes) {
    Taker taker(value);
    bytes = taker.time().value();
    return taker.done();
}

}  // namespace millrace::journal
