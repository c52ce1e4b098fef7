#include "src/aws/event_stream.h"

#include <cstdint>

#include "src/base/checksum.h"
#include "src/base/json_text.h"

namespace millrace::aws {
namespace {

constexpr char text_type = 7;

void append_number(uint32_t number, int bytes, std::string& out) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

void append_header(std::string_view name, std::string_view value, std::string& out) {
    out.push_back(static_cast<char>(name.size()));
    out += name;
    out.push_back(text_type);
    append_number(static_cast<uint32_t>(value.size()), 2, out);
    out += value;
}

void append_message(std::string_view headers, std::string_view payload, std::string& out) {
    const size_t start = out.size();
    append_number(static_cast<uint32_t>(16 + headers.size() + payload.size()), 4, out);
    append_number(static_cast<uint32_t>(headers.size()), 4, out);
    append_number(crc32(0, std::string_view(out).substr(start)), 4, out);
    out += headers;
    out += payload;
    append_number(crc32(0, std::string_view(out).substr(start)), 4, out);
}

void append_event_of(std::string_view type, std::string_view content_type, std::string_view payload, std::string& out) {
    std::string headers;
    append_header(":message-type", "event", headers);
    append_header(":event-type", type, headers);
    append_header(":content-type", content_type, headers);
    append_message(headers, payload, out);
}

}  // namespace

void append_event(std::string_view type, std::string_view json, std::string& out) {
    append_event_of(type, "application/json", json, out);
}

void append_binary_event(std::string_view type, std::string_view bytes, std::string& out) {
    append_event_of(type, "application/octet-stream", bytes, out);
}

void append_exception(std::string_view code, std::string_view message, std::string& out) {
    std::string headers;
    append_header(":message-type", "exception", headers);
    append_header(":exception-type", code, headers);
    append_header(":content-type", "application/json", headers);
    std::string json = "{\"message\":";
    append_json_string(message, json);
    json += '}';
    append_message(headers, json, out);
}

}  // namespace millrace::aws
