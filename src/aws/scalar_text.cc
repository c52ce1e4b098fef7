#include "src/aws/scalar_text.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "src/aws/json.h"
#include "src/aws/time_text.h"
#include "src/base/base64.h"

namespace millrace::aws {
namespace {

template <class T>
bool parse_number(std::string_view text, T* out) {
    if (text.starts_with("+")) text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
    return error == std::errc() && end == text.data() + text.size();
}

template <class T>
bool parse_real(std::string_view text, T* out) {
    if (text == "NaN") {
        *out = std::numeric_limits<T>::quiet_NaN();
        return true;
    }
    if (text == "Infinity" || text == "-Infinity") {
        *out = std::numeric_limits<T>::infinity() * static_cast<T>(text[0] == '-' ? -1 : 1);
        return true;
    }
    return parse_number(text, out);
}

bool parse_timestamp(std::string_view text, TimestampMs* out) {
    std::optional<TimestampMs> time = parse_iso8601(text);
    if (!time) time = parse_http_date(text);
    double seconds = 0;
    if (!time && parse_number(text, &seconds) && std::fabs(seconds) < 9.0e12)
        time = TimestampMs(std::llround(seconds * 1000));
    if (time) *out = *time;
    return time.has_value();
}

std::string_view trimmed(std::string_view text) {
    const size_t from = text.find_first_not_of(" \t\r\n");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

}  // namespace

bool is_scalar(const Shape& shape) {
    return shape.kind != Kind::list && shape.kind != Kind::map && shape.kind != Kind::structure;
}

bool parse_scalar(const Shape& shape, std::string_view text, void* out) {
    if (shape.kind != Kind::string && shape.kind != Kind::document) text = trimmed(text);
    switch (shape.kind) {
        case Kind::boolean:
            if (text != "true" && text != "false" && text != "True" && text != "False" && text != "TRUE" &&
                text != "FALSE" && text != "1" && text != "0")
                return false;
            *static_cast<bool*>(out) = text[0] == 't' || text[0] == 'T' || text[0] == '1';
            return true;
        case Kind::integer:
            return parse_number(text, static_cast<int32_t*>(out));
        case Kind::long_integer:
            return parse_number(text, static_cast<int64_t*>(out));
        case Kind::single:
            return parse_real(text, static_cast<float*>(out));
        case Kind::real:
            return parse_real(text, static_cast<double*>(out));
        case Kind::string:
        case Kind::document:
            *static_cast<std::string*>(out) = text;
            return true;
        case Kind::blob:
            return base64_decode(text, static_cast<std::string*>(out));
        case Kind::timestamp:
            return parse_timestamp(text, static_cast<TimestampMs*>(out));
        case Kind::list:
        case Kind::map:
        case Kind::structure:
            return false;
    }
    return false;
}

void append_scalar(const Shape& shape, TimestampFormat format, TimestampFormat fallback, const void* value,
                   std::string& out) {
    switch (shape.kind) {
        case Kind::boolean:
            out += *static_cast<const bool*>(value) ? "true" : "false";
            return;
        case Kind::integer:
            return append_number(int64_t{*static_cast<const int32_t*>(value)}, out);
        case Kind::long_integer:
            return append_number(*static_cast<const int64_t*>(value), out);
        case Kind::single:
            return append_number(*static_cast<const float*>(value), out);
        case Kind::real:
            return append_number(*static_cast<const double*>(value), out);
        case Kind::string:
        case Kind::document:
            out += *static_cast<const std::string*>(value);
            return;
        case Kind::blob:
            out += base64_encode(*static_cast<const std::string*>(value));
            return;
        case Kind::timestamp: {
            const TimestampMs time = *static_cast<const TimestampMs*>(value);
            if (format == TimestampFormat::by_protocol) format = shape.timestamp;
            if (format == TimestampFormat::by_protocol) format = fallback;
            if (format == TimestampFormat::http_date) {
                out += http_date(time);
            } else if (format == TimestampFormat::epoch_seconds) {
                append_epoch_seconds(time, out);
            } else {
                out += iso8601(time);
            }
            return;
        }
        case Kind::list:
        case Kind::map:
        case Kind::structure:
            return;
    }
}

}  // namespace millrace::aws
