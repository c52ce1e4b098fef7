#include "src/bus/event.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <random>

#include <simdjson.h>

#include "src/base/json_text.h"
#include "src/base/time_text.h"
#include "src/flow/pattern/json_tree.h"

namespace millrace::bus {
namespace {

constexpr size_t detail_depth_max = 100;
constexpr size_t detail_bytes_kept_max = 2 << 20;

size_t depth_of(const flow::pattern::JsonTree& tree) {
    size_t out = 0;
    for (const auto& child : tree.children) out = std::max(out, depth_of(child));
    return out + 1;
}

}  // namespace

void append_event(const EventFields& fields, const Scope& scope, std::string* out) {
    *out += R"({"version":"0","id":")";
    *out += fields.id;
    *out += R"(","detail-type":)";
    append_json_string(fields.detail_type, *out);
    *out += R"(,"source":)";
    append_json_string(fields.source, *out);
    *out += R"(,"account":")";
    *out += scope.account;
    *out += R"(","time":")";
    *out += iso_seconds(fields.time);
    *out += R"(Z","region":")";
    *out += scope.region;
    *out += R"(","resources":[)";
    for (size_t i = 0; i < fields.resources.size(); ++i) {
        if (i > 0) *out += ',';
        append_json_string(fields.resources[i], *out);
    }
    *out += R"(],"detail":)";
    *out += fields.detail;
    *out += '}';
}

bool compact_detail(std::string_view detail, std::string* out) {
    thread_local simdjson::dom::parser parser;
    if (parser.capacity() > detail_bytes_kept_max && detail.size() < detail_bytes_kept_max)
        parser = simdjson::dom::parser();
    if (parser.capacity() < detail.size() || parser.max_depth() != detail_depth_max) {
        if (parser.allocate(std::max<size_t>(detail.size(), 65'536), detail_depth_max)) return false;
    }
    simdjson::dom::object object;
    const simdjson::error_code error = parser.parse(detail.data(), detail.size()).get(object);
    if (error == simdjson::NUMBER_ERROR) {
        // A number that no 64 bits hold is JSON all the same.
        const auto tree = flow::pattern::parse_json(detail);
        if (!tree.ok() || tree->kind != flow::pattern::JsonTree::Kind::object || depth_of(*tree) > detail_depth_max)
            return false;
    } else if (error) {
        return false;
    }
    out->resize(detail.size());
    size_t size = 0;
    if (simdjson::minify(detail.data(), detail.size(), out->data(), size)) return false;
    out->resize(size);
    return true;
}

std::string make_event_id() {
    thread_local std::mt19937_64 random = [] {
        std::random_device device;
        std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
        return std::mt19937_64(seed);
    }();
    std::array<uint64_t, 2> bits = {random(), random()};
    bits[0] = (bits[0] & ~0xf000ull) | 0x4000ull;
    bits[1] = (bits[1] & ~(3ull << 62)) | (2ull << 62);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out(36, '-');
    size_t at = 0;
    for (int nibble = 0; nibble < 32; ++nibble) {
        if (at == 8 || at == 13 || at == 18 || at == 23) ++at;
        out[at++] = digits[(bits[static_cast<size_t>(nibble / 16)] >> (60 - 4 * (nibble % 16))) & 15];
    }
    return out;
}

// "" or LETTER value, each but the last ended by a newline; names have none.
std::string encode(const Origin& origin) {
    std::string out;
    const auto add = [&](char letter, std::string_view value) {
        if (!out.empty()) out += '\n';
        out += letter;
        out += value;
    };
    if (origin.forwarded) add('f', "");
    if (!origin.replay.empty()) add('p', origin.replay);
    if (!origin.rule.empty()) add('r', origin.rule);
    return out;
}

Origin decode_origin(std::string_view text) {
    Origin out;
    while (!text.empty()) {
        const std::string_view field = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(field.size() + 1, text.size()));
        if (field.empty()) continue;
        if (field[0] == 'f') out.forwarded = true;
        if (field[0] == 'p') out.replay = field.substr(1);
        if (field[0] == 'r') out.rule = field.substr(1);
    }
    return out;
}

std::string with_replay_name(std::string_view event, std::string_view replay) {
    constexpr std::string_view head = R"({"version":"0",)";
    if (!event.starts_with(head)) return std::string(event);
    std::string out(head);
    out += R"("replay-name":)";
    append_json_string(replay, out);
    out += ',';
    out += event.substr(head.size());
    return out;
}

std::string_view member_of(std::string_view event, std::string_view name) {
    const std::string key = "\"" + std::string(name) + "\":\"";
    const size_t at = event.find(key);
    if (at == std::string_view::npos) return "";
    const std::string_view rest = event.substr(at + key.size());
    return rest.substr(0, rest.find('"'));
}

std::optional<TimestampMs> time_of(std::string_view event) {
    const std::string_view text = member_of(event, "time");  // 2026-11-21T13:04:27Z
    if (text.size() < 19) return std::nullopt;
    const auto number = [&](size_t at, size_t size) {
        int out = -1;
        std::from_chars(text.data() + at, text.data() + at + size, out);
        return out;
    };
    using namespace std::chrono;
    const year_month_day date{year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                              day(static_cast<unsigned>(number(8, 2)))};
    if (!date.ok()) return std::nullopt;
    const auto seconds = duration_cast<std::chrono::seconds>(sys_days(date).time_since_epoch()).count() +
                         number(11, 2) * 3600 + number(14, 2) * 60 + number(17, 2);
    return TimestampMs(seconds * 1000);
}

}  // namespace millrace::bus
