#include "src/function/async/event.h"

#include <charconv>
#include <cstdio>

#include <boost/json.hpp>

namespace millrace::function {
namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;

std::string text_of(const json::object& in, std::string_view name) {
    const json::value* value = in.if_contains(name);
    return value != nullptr ? json::value_to<std::string>(*value) : std::string();
}

}  // namespace

std::string event_key(uint64_t id) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(id));
    return std::string(event_prefix) + text;
}

std::string encode_event(const AsyncEvent& event) {
    json::object out{
        {"format", format_version},           {"account", event.scope.account},
        {"region", event.scope.region},       {"name", event.name},
        {"qualifier", event.qualifier},       {"request_id", event.request_id},
        {"received", event.received.value()}, {"due", event.due.value()},
        {"attempts", event.attempts},         {"calls", event.calls},
    };
    if (!event.client_context.empty()) out["client_context"] = event.client_context;
    if (!event.trace_header.empty()) out["trace_header"] = event.trace_header;
    if (!event.destination.empty()) out["destination"] = event.destination;
    if (event.succeeded) out["succeeded"] = true;
    std::string text = json::serialize(out);
    text += '\n';
    text += event.payload;
    return text;
}

Result<AsyncEvent> decode_event(std::string_view key, std::string_view value) {
    const size_t line = value.find('\n');
    try {
        const json::value parsed = json::parse(json::string_view(value.data(), line == value.npos ? 0 : line));
        const json::object& in = parsed.as_object();
        if (in.at("format").to_number<int64_t>() != format_version) {
            return Error{ErrorCode::unsupported, "an asynchronous call was written by a newer millrace"};
        }
        AsyncEvent event;
        const std::string_view id = key.substr(event_prefix.size());
        std::from_chars(id.data(), id.data() + id.size(), event.id, 16);
        event.scope = {text_of(in, "account"), text_of(in, "region")};
        event.name = text_of(in, "name");
        event.qualifier = text_of(in, "qualifier");
        event.request_id = text_of(in, "request_id");
        event.client_context = text_of(in, "client_context");
        event.trace_header = text_of(in, "trace_header");
        event.destination = text_of(in, "destination");
        event.succeeded = in.contains("succeeded");
        event.received = TimestampMs(in.at("received").to_number<int64_t>());
        event.due = TimestampMs(in.at("due").to_number<int64_t>());
        event.attempts = in.at("attempts").to_number<uint32_t>();
        event.calls = in.at("calls").to_number<uint32_t>();
        event.payload = value.substr(line + 1);
        return event;
    } catch (const std::exception& problem) {
        return Error{ErrorCode::corruption, std::string("an asynchronous call does not parse: ") + problem.what()};
    }
}

}  // namespace millrace::function
