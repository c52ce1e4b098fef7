#include "src/service/events/put_body.h"

#include <cmath>

#include <simdjson.h>

namespace millrace::service::events {
namespace {

constexpr size_t parser_bytes_kept_max = 4 << 20;

simdjson::dom::parser& thread_parser(size_t bytes) {
    thread_local simdjson::dom::parser parser;
    if (parser.capacity() > parser_bytes_kept_max && bytes < parser_bytes_kept_max) parser = simdjson::dom::parser();
    return parser;
}

bool read_text(simdjson::dom::element value, std::optional<std::string_view>* out) {
    std::string_view text;
    if (value.get(text)) return false;
    *out = text;
    return true;
}

// What the model's pattern takes: a name, or an ARN that ends in one.
bool is_bus(std::string_view text) {
    constexpr std::string_view in_names = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    return !text.empty() && text.size() <= 256 && text.find_first_not_of(in_names) == std::string_view::npos;
}

bool read_time(simdjson::dom::element value, std::optional<TimestampMs>* out) {
    double seconds = 0;
    if (value.get(seconds) || !(seconds >= 0 && seconds < 253'402'300'800.0)) return false;  // up to the year 9999
    *out = TimestampMs(std::llround(seconds * 1000));
    return true;
}

bool read_resources(simdjson::dom::element value, std::vector<std::string_view>* out) {
    simdjson::dom::array array;
    if (value.get(array)) return false;
    for (const simdjson::dom::element each : array) {
        std::string_view text;
        if (each.get(text)) return false;
        out->push_back(text);
    }
    return true;
}

bool read_entry(simdjson::dom::element element, Entry* out) {
    simdjson::dom::object object;
    if (element.get(object)) return false;
    for (const auto& [name, value] : object) {
        bool read = false;
        if (name == "Detail") {
            read = read_text(value, &out->detail);
        } else if (name == "DetailType") {
            read = read_text(value, &out->detail_type);
        } else if (name == "Source") {
            read = read_text(value, &out->source);
        } else if (name == "EventBusName") {
            read = read_text(value, &out->bus) && is_bus(*out->bus);
        } else if (name == "Time") {
            read = read_time(value, &out->time);
        } else if (name == "Resources") {
            read = read_resources(value, &out->resources);
        }
        if (!read) return false;
    }
    return true;
}

}  // namespace

size_t Entry::size() const {
    size_t out = time ? 14 : 0;
    out += source.value_or("").size() + detail_type.value_or("").size() + detail.value_or("").size();
    for (const std::string_view each : resources) out += each.size();
    return out;
}

std::optional<std::vector<Entry>> read_put_events(std::string_view body) {
    simdjson::dom::parser& parser = thread_parser(body.size());
    simdjson::dom::object root;
    if (parser.parse(body.data(), body.size(), false).get(root)) return std::nullopt;
    std::vector<Entry> out;
    for (const auto& [name, value] : root) {
        simdjson::dom::array entries;
        if (name != "Entries" || !out.empty() || value.get(entries)) return std::nullopt;
        for (const simdjson::dom::element each : entries) {
            if (out.size() == entries_max || !read_entry(each, &out.emplace_back())) return std::nullopt;
        }
    }
    if (out.empty()) return std::nullopt;
    return out;
}

}  // namespace millrace::service::events
