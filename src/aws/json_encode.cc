#include <charconv>
#include <cmath>

#include <simdjson.h>

#include "src/aws/json.h"
#include "src/aws/time_text.h"
#include "src/base/base64.h"

namespace millrace::aws {
namespace {

template <class T>
void append_to_chars(T value, std::string& out) {
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    out.append(text, static_cast<size_t>(end - text));
}

template <class T>
void append_real(T value, std::string& out) {
    if (std::isnan(value)) {
        out += "NaN";
    } else if (std::isinf(value)) {
        out += value < 0 ? "-Infinity" : "Infinity";
    } else {
        append_to_chars(value, out);
    }
}

template <class T>
void append_json_real(T value, std::string& out) {
    const bool finite = std::isfinite(value);
    if (!finite) out += '"';
    append_real(value, out);
    if (!finite) out += '"';
}

void encode_timestamp(TimestampMs time, TimestampFormat format, std::string& out) {
    switch (format) {
        case TimestampFormat::iso8601:
            return append_json_string(iso8601(time), out);
        case TimestampFormat::http_date:
            return append_json_string(http_date(time), out);
        case TimestampFormat::by_protocol:
        case TimestampFormat::epoch_seconds:
            return append_epoch_seconds(time, out);
    }
}

void encode(const Shape& shape, TimestampFormat format, const void* value, std::string& out);

void encode_map(const Shape& shape, const void* value, std::string& out) {
    struct Walk {
        const Shape& shape;
        std::string& out;
        bool first = true;
    } walk{shape, out};
    out += '{';
    shape.map->each(value, &walk, [](void* context, const std::string& key, const void* element) {
        Walk& at = *static_cast<Walk*>(context);
        if (!at.first) at.out += ',';
        at.first = false;
        append_json_string(key, at.out);
        at.out += ':';
        encode(*at.shape.element, at.shape.element->timestamp, element, at.out);
    });
    out += '}';
}

void encode(const Shape& shape, TimestampFormat format, const void* value, std::string& out) {
    switch (shape.kind) {
        case Kind::boolean:
            out += *static_cast<const bool*>(value) ? "true" : "false";
            return;
        case Kind::integer:
            return append_to_chars(*static_cast<const int32_t*>(value), out);
        case Kind::long_integer:
            return append_to_chars(*static_cast<const int64_t*>(value), out);
        case Kind::single:
            return append_json_real(*static_cast<const float*>(value), out);
        case Kind::real:
            return append_json_real(*static_cast<const double*>(value), out);
        case Kind::string:
            return append_json_string(*static_cast<const std::string*>(value), out);
        case Kind::document:
            out += *static_cast<const std::string*>(value);
            return;
        case Kind::blob: {
            const auto& bytes = *static_cast<const std::string*>(value);
            out += '"';
            const size_t at = out.size();
            out.resize(at + base64_encoded_size(bytes.size()));
            base64_encode(bytes, out.data() + at);
            out += '"';
            return;
        }
        case Kind::timestamp:
            return encode_timestamp(*static_cast<const TimestampMs*>(value), format, out);
        case Kind::list: {
            out += '[';
            const size_t count = shape.list->size(value);
            for (size_t i = 0; i < count; ++i) {
                if (i != 0) out += ',';
                encode(*shape.element, shape.element->timestamp, shape.list->at(value, i), out);
            }
            out += ']';
            return;
        }
        case Kind::map:
            return encode_map(shape, value, out);
        case Kind::structure: {
            out += '{';
            bool first = true;
            for (const Member& member : shape.members) {
                if (member.location != Location::body) continue;
                const void* field = member.get(value);
                if (field == nullptr) continue;
                if (!first) out += ',';
                first = false;
                out += '"';
                out += member.wire;
                out += "\":";
                encode(*member.shape, member.timestamp, field, out);
            }
            out += '}';
            return;
        }
    }
}

}  // namespace

void append_number(double value, std::string& out) {
    append_real(value, out);
}
void append_number(float value, std::string& out) {
    append_real(value, out);
}
void append_number(int64_t value, std::string& out) {
    append_to_chars(value, out);
}

void append_epoch_seconds(TimestampMs time, std::string& out) {
    int64_t ms = time.value();
    if (ms < 0) out += '-';
    const uint64_t whole = ms < 0 ? ~static_cast<uint64_t>(ms) + 1 : static_cast<uint64_t>(ms);
    append_to_chars(whole / 1000, out);
    const auto rest = static_cast<unsigned>(whole % 1000);
    if (rest == 0) return;
    out += '.';
    out += static_cast<char>('0' + rest / 100);
    if (rest % 100 != 0) out += static_cast<char>('0' + rest / 10 % 10);
    if (rest % 10 != 0) out += static_cast<char>('0' + rest % 10);
}

void encode_json(const Shape& shape, const void* value, std::string& out) {
    encode(shape, shape.timestamp, value, out);
}

}  // namespace millrace::aws
