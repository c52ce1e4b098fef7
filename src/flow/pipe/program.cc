#include "src/flow/pipe/program.h"

#include <algorithm>
#include <cctype>

#include <simdjson.h>

#include "src/base/base64.h"
#include "src/base/calendar.h"
#include "src/base/json_text.h"
#include "src/base/time_text.h"

namespace millrace::flow::pipe {
namespace {

constexpr size_t batch_bytes_max = 16 << 20;  // of what templates make of a batch

Error unreadable(std::string_view what) {
    return {ErrorCode::invalid_argument, std::string(what) + " is no JSON that a pipe can take apart"};
}

bool is_blank(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.substr(0, 1))) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.substr(text.size() - 1))) text.remove_suffix(1);
    return text;
}

// {"kinesis":{A},"eventSource":...} becomes {A,"eventSource":...}. Kinesis records are written by kinesis_source.cc:
// inside of A no text holds a bare quotation mark.
std::string flattened(std::string_view record) {
    constexpr std::string_view open = "{\"kinesis\":{", close = "},\"eventSource\":";
    const size_t end = record.find(close);
    if (!record.starts_with(open) || end == std::string_view::npos) return std::string(record);
    std::string out = "{";
    out += record.substr(open.size(), end - open.size());
    out += record.substr(end + 1);
    return out;
}

// The event as templates see it: a Kinesis record's data decoded, as JSON or else as text.
vtl::Value value_of(const std::string& text) {
    vtl::Value value = vtl::parse_json(text).value_or(vtl::Value());
    vtl::Map* const map = value.map();
    if (map == nullptr) return value;
    const vtl::Value* const kind = map->find("eventSource");
    const vtl::Value* const data = map->find("data");
    if (kind == nullptr || kind->string() == nullptr || *kind->string() != "aws:kinesis") return value;
    std::string decoded;
    if (data == nullptr || data->string() == nullptr || !base64_decode(*data->string(), &decoded)) return value;
    if (auto json = vtl::parse_json(decoded)) {
        map->put("data", std::move(*json));
    } else if (simdjson::validate_utf8(decoded)) {
        map->put("data", vtl::Value(std::move(decoded)));
    }
    return value;
}

// Calls take(raw) with the text of each element.
template <class Array, class Take>
bool each_raw(Array array, const Take& take) {
    for (auto element : array) {
        std::string_view raw;
        if (simdjson::to_json_string(element).get(raw) != simdjson::SUCCESS) return false;
        take(trimmed(raw));
    }
    return true;
}

Result<DynamicText> dynamic(std::string_view text) {
    auto parsed = DynamicText::parse(text);
    if (!parsed.ok()) return with_context(std::move(parsed).error(), text);
    return parsed;
}

// "1732186800", "1732186800000" or "2026-11-21T10:04:05Z"; nullopt: neither.
std::optional<TimestampMs> time_of(const std::string& text) {
    if (!text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); }) &&
        text.size() <= 13) {
        const int64_t number = std::stoll(text);
        return TimestampMs(text.size() > 10 ? number : number * 1000);
    }
    double seconds = 0;
    int year = 0, month = 0, day = 0, hour = 0, minute = 0;
    if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%lfZ", &year, &month, &day, &hour, &minute, &seconds) != 6) {
        char* end = nullptr;
        const double number = std::strtod(text.c_str(), &end);  // 1545084650.987
        if (text.empty() || *end != '\0' || !(number >= 0 && number < 1e11)) return std::nullopt;
        return TimestampMs(static_cast<int64_t>(number * 1000));
    }
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || !(seconds >= 0 && seconds < 61)) {
        return std::nullopt;
    }
    const int64_t days = days_from_civil(year, month, day);
    return TimestampMs((days * 86'400 + hour * 3600 + minute * 60) * 1000 + static_cast<int64_t>(seconds * 1000));
}

}  // namespace

Status Program::compile_side(const Endpoint& endpoint, Side* out) {
    out->endpoint = endpoint;
    TRY_ASSIGN(out->kind, target::kind_of(endpoint.arn));
    TRY_ASSIGN(out->input_template, InputTemplate::parse(endpoint.input_template));
    TRY_ASSIGN(out->partition_key, dynamic(endpoint.partition_key.value_or("")));
    TRY_ASSIGN(out->source, dynamic(endpoint.source));
    TRY_ASSIGN(out->detail_type, dynamic(endpoint.detail_type));
    TRY_ASSIGN(out->time, dynamic(endpoint.time));
    TRY_ASSIGN(out->log_stream, dynamic(endpoint.log_stream));
    TRY_ASSIGN(out->log_time, dynamic(endpoint.log_time));
    for (const std::string& each : endpoint.resources) {
        TRY_ASSIGN(DynamicText text, dynamic(each));
        out->resources.push_back(std::move(text));
    }
    if (endpoint.http) {
        for (const std::string& each : endpoint.http->path_values) {
            TRY_ASSIGN(DynamicText text, dynamic(each));
            out->path_values.push_back(std::move(text));
        }
        for (const auto& [from, to] :
             {std::pair(&endpoint.http->headers, &out->headers), std::pair(&endpoint.http->query, &out->query)}) {
            for (const auto& [name, value] : *from) {
                TRY_ASSIGN(DynamicText text, dynamic(value));
                to->emplace_back(name, std::move(text));
            }
        }
    }
    out->looks_into_events =
        !out->input_template.empty() || endpoint.partition_key || endpoint.has_bus || endpoint.has_log || endpoint.http;
    return {};
}

Result<std::shared_ptr<const Program>> Program::compile(const Pipe& pipe) {
    auto program = std::make_shared<Program>();
    program->scope_ = pipe.scope;
    program->role_ = pipe.role;
    program->surroundings_ = {arn_of(pipe.scope, pipe.name), pipe.name,       pipe.source,
                              pipe.enrichment.arn,           pipe.target.arn, ""};
    if (Status target = compile_side(pipe.target, &program->target_); !target.ok()) return std::move(target).error();
    if (program->target_.kind == target::Kind::action) {
        return Error{ErrorCode::invalid_argument, pipe.target.arn + " is no target of pipes."};
    }
    if (pipe.enrichment.arn.empty()) return std::shared_ptr<const Program>(std::move(program));
    TRY(compile_side(pipe.enrichment, &program->enrichment_));
    const target::Kind kind = program->enrichment_.kind;
    if (kind != target::Kind::function && kind != target::Kind::api_destination) {
        return Error{ErrorCode::unsupported,
                     "An enrichment is a function or an API destination, not " + pipe.enrichment.arn + "."};
    }
    return std::shared_ptr<const Program>(std::move(program));
}

Result<Events> Program::events_of(std::string_view payload) const {
    const simdjson::padded_string padded(payload);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    simdjson::ondemand::array records;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
        document["Records"].get_array().get(records) != simdjson::SUCCESS) {
        return unreadable("a batch");
    }
    Events out;
    const bool values = enriches() ? enrichment_.looks_into_events : target_.looks_into_events;
    const bool all = each_raw(records, [&](std::string_view raw) {
        Event& event = out.emplace_back(Event{flattened(raw), {}});
        if (values) event.value = value_of(event.text);
    });
    if (!all) return unreadable("a batch");
    return out;
}

Result<Events> Program::enriched(std::string_view answer) const {
    Events out;
    const std::string_view text = trimmed(answer);
    if (text.empty() || text == "\"\"" || text == "{}" || text == "null") return out;
    const auto add = [&](std::string_view raw) {
        Event& event = out.emplace_back(Event{std::string(raw), {}});
        if (target_.looks_into_events) event.value = vtl::parse_json(event.text).value_or(vtl::Value());
    };
    if (!vtl::parse_json(text)) return unreadable("what the enrichment answered");
    if (text.front() != '[') {
        add(text);
        return out;
    }
    const simdjson::padded_string padded(text);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    simdjson::ondemand::array array;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
        document.get_array().get(array) != simdjson::SUCCESS || !each_raw(array, add)) {
        return unreadable("what the enrichment answered");
    }
    return out;
}

Result<Delivery> Program::to_enrichment(const Events& events, TimestampMs now) const {
    return deliver(enrichment_, events, true, now);
}

Result<Delivery> Program::to_target(const Events& events, TimestampMs now) const {
    return deliver(target_, events, !target_.endpoint.fire_and_forget, now);
}

Result<Delivery> Program::deliver(const Side& side, const Events& events, bool wait, TimestampMs now) const {
    Delivery out;
    out.target.arn = side.endpoint.arn;
    out.target.scope = scope_;
    out.target.role = role_;
    out.target.wait_for_answer = wait;
    Surroundings surroundings = surroundings_;
    surroundings.ingestion_time = iso_milliseconds(now) + "Z";
    const bool one_call = side.kind == target::Kind::function;
    std::string list = "[";
    size_t bytes = 0;
    for (const Event& event : events) {
        std::string body;
        if (side.input_template.empty()) {
            body = event.text;
        } else {
            TRY_ASSIGN(body, side.input_template.apply(event, surroundings, batch_bytes_max - bytes));
        }
        bytes += body.size();
        if (!one_call) {
            out.items.push_back(item(side, event, std::move(body)));
            continue;
        }
        if (list.size() > 1) list += ',';
        // What a template makes need not be JSON: then it is a text.
        if (side.input_template.empty() || vtl::parse_json(body)) {
            list += body;
        } else {
            append_json_string(body, list);
        }
    }
    if (one_call) out.items.push_back({.body = std::move(list) + "]"});
    if (!events.empty()) address(side, events.front(), &out.target);
    return out;
}

target::Item Program::item(const Side& side, const Event& event, std::string body) const {
    target::Item out;
    out.body = std::move(body);
    switch (side.kind) {
        case target::Kind::stream:
            out.partition_key = side.partition_key.apply(event.value);
            break;
        case target::Kind::log_group:
            if (side.endpoint.has_log) out.time = time_of(side.log_time.apply(event.value));
            break;
        case target::Kind::api_destination: {
            target::HttpParameters& http = out.http.emplace();
            for (const DynamicText& each : side.path_values) http.path_values.push_back(each.apply(event.value));
            for (const auto& [name, value] : side.headers) http.headers.emplace_back(name, value.apply(event.value));
            for (const auto& [name, value] : side.query) http.query.emplace_back(name, value.apply(event.value));
            break;
        }
        default:
            break;
    }
    return out;
}

// What belongs to the call and not to an item is taken from the batch's first event.
void Program::address(const Side& side, const Event& event, target::Target* out) const {
    if (side.kind == target::Kind::log_group) out->log_stream = side.log_stream.apply(event.value);
    if (side.kind != target::Kind::bus) return;
    // A source or type of the pipe's own is what AWS gives an event without one.
    out->heading.source =
        side.endpoint.source.empty() ? "Pipe " + surroundings_.pipe_name : side.source.apply(event.value);
    out->heading.detail_type =
        side.endpoint.detail_type.empty() ? "Event from aws:pipes" : side.detail_type.apply(event.value);
    for (const DynamicText& each : side.resources) out->heading.resources.push_back(each.apply(event.value));
    if (!side.endpoint.time.empty()) out->heading.time = time_of(side.time.apply(event.value));
}

RecordIds ids_of(const Event& event) {
    RecordIds out;
    const std::optional<vtl::Value> value = vtl::parse_json(event.text);
    vtl::Map* const map = value ? value->map() : nullptr;
    if (map == nullptr) return out;
    const auto text = [](const vtl::Map* in, std::string_view name) {
        const vtl::Value* const found = in->find(name);
        return found != nullptr && found->string() != nullptr ? *found->string() : std::string();
    };
    out.event = text(map, "eventID");
    out.sequence = text(map, "sequenceNumber");
    const vtl::Value* const change = map->find("dynamodb");
    if (change != nullptr && change->map() != nullptr) out.sequence = text(change->map(), "SequenceNumber");
    return out;
}

}  // namespace millrace::flow::pipe
