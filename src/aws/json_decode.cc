// A walk over simdjson's on-demand values, driven by the shape: what the model does not know is never materialised.
#include <cmath>
#include <limits>

#include <simdjson.h>

#include "src/aws/json.h"
#include "src/aws/time_text.h"
#include "src/base/base64.h"

namespace millrace::aws {
namespace {

namespace ondemand = simdjson::ondemand;

// AWS's own sentences for values of the wrong type.
constexpr std::string_view not_structure = "Expected a structure";
constexpr std::string_view not_list = "Expected a list";

constexpr size_t kept_parser_bytes_max = 2 << 20;

class Walk {
  public:
    explicit Walk(Decoding& decoding) : decoding_(decoding) {}

    template <class V>  // ondemand::value, or ondemand::document at the root
    bool structure(const Shape& shape, V& value, const Place& place, void* out, uint32_t depth) {
        if (!decoding_.check_depth(depth)) return false;
        ondemand::object object;
        if (value.get_object().get(object) != simdjson::SUCCESS) return decoding_.refuse(not_structure);
        SeenMembers seen(shape);
        for (auto field : object) {
            std::string_view name;
            if (field.unescaped_key().get(name) != simdjson::SUCCESS) return malformed();
            const Member* member = seen.find(name);
            ondemand::value element;
            if (field.value().get(element) != simdjson::SUCCESS) return malformed();
            if (member == nullptr || member->location != Location::body) continue;
            bool null = false;
            if (element.is_null().get(null) != simdjson::SUCCESS) return malformed();
            if (null) {
                seen.unmark(member);
                continue;
            }
            const Place at{&place, member->name, 0};
            if (!any(*member->shape, element, at, member->make(out), depth)) return false;
        }
        seen.report_missing(place, decoding_.violations, true);
        return true;
    }

  private:
    bool malformed() { return decoding_.refuse("The request body is not valid JSON."); }

    bool any(const Shape& shape, ondemand::value& value, const Place& place, void* out, uint32_t depth) {
        switch (shape.kind) {
            case Kind::boolean:
                return value.get_bool().get(*static_cast<bool*>(out)) == simdjson::SUCCESS ||
                       mistyped(shape, "a Boolean");
            case Kind::integer:
            case Kind::long_integer:
                return integer(shape, value, out);
            case Kind::single:
            case Kind::real:
                return real(shape, value, out);
            case Kind::string:
                return text(shape, value, static_cast<std::string*>(out));
            case Kind::blob: {
                std::string_view encoded;
                if (value.get_string().get(encoded) != simdjson::SUCCESS) return mistyped(shape, "a Blob");
                return base64_decode(encoded, static_cast<std::string*>(out)) ||
                       decoding_.refuse("The value of " + std::string(shape.name) + " is not valid base64.");
            }
            case Kind::timestamp:
                return timestamp(shape, value, static_cast<TimestampMs*>(out));
            case Kind::document: {
                std::string_view raw;
                ondemand::json_type type;
                if (value.type().get(type) != simdjson::SUCCESS) return malformed();
                if (simdjson::to_json_string(value).get(raw) != simdjson::SUCCESS) return malformed();
                *static_cast<std::string*>(out) = raw;
                return true;
            }
            case Kind::list:
                return list(shape, value, place, out, depth + 1);
            case Kind::map:
                return map(shape, value, place, out, depth + 1);
            case Kind::structure:
                return structure(shape, value, place, out, depth + 1);
        }
        return false;
    }

    bool mistyped(const Shape& shape, std::string_view wanted) {
        return decoding_.refuse("The value of " + std::string(shape.name) + " can not be converted to " +
                                std::string(wanted) + ".");
    }

    bool integer(const Shape& shape, ondemand::value& value, void* out) {
        int64_t number = 0;
        if (value.get_int64().get(number) != simdjson::SUCCESS) {
            double wide = 0;  // 1.0 and 1e3 are integers to AWS's parsers
            if (value.get_double().get(wide) != simdjson::SUCCESS || wide != std::floor(wide) ||
                std::fabs(wide) > 9.0e15)
                return mistyped(shape, shape.kind == Kind::integer ? "an Integer" : "a Long");
            number = static_cast<int64_t>(wide);
        }
        if (shape.kind == Kind::long_integer) {
            *static_cast<int64_t*>(out) = number;
            return true;
        }
        if (number < std::numeric_limits<int32_t>::min() || number > std::numeric_limits<int32_t>::max())
            return mistyped(shape, "an Integer");
        *static_cast<int32_t*>(out) = static_cast<int32_t>(number);
        return true;
    }

    bool real(const Shape& shape, ondemand::value& value, void* out) {
        double number = 0;
        if (value.get_double().get(number) != simdjson::SUCCESS) {
            std::string_view name;
            if (value.get_string().get(name) != simdjson::SUCCESS) return mistyped(shape, "a Double");
            if (name == "NaN") {
                number = std::numeric_limits<double>::quiet_NaN();
            } else if (name == "Infinity" || name == "-Infinity") {
                number = std::numeric_limits<double>::infinity() * (name[0] == '-' ? -1 : 1);
            } else {
                return mistyped(shape, "a Double");
            }
        }
        if (shape.kind == Kind::single) {
            *static_cast<float*>(out) = static_cast<float>(number);
        } else {
            *static_cast<double*>(out) = number;
        }
        return true;
    }

    bool text(const Shape& shape, ondemand::value& value, std::string* out) {
        std::string_view content;
        if (value.get_string().get(content) != simdjson::SUCCESS) return mistyped(shape, "a String");
        *out = content;
        return true;
    }

    bool timestamp(const Shape& shape, ondemand::value& value, TimestampMs* out) {
        double seconds = 0;
        if (value.get_double().get(seconds) == simdjson::SUCCESS) {
            if (!(std::fabs(seconds) < 9.0e12)) return mistyped(shape, "a Timestamp");
            *out = TimestampMs(std::llround(seconds * 1000));
            return true;
        }
        std::string_view content;
        if (value.get_string().get(content) != simdjson::SUCCESS) return mistyped(shape, "a Timestamp");
        std::optional<TimestampMs> time = parse_iso8601(content);
        if (!time) time = parse_http_date(content);
        if (!time) return mistyped(shape, "a Timestamp");
        *out = *time;
        return true;
    }

    bool list(const Shape& shape, ondemand::value& value, const Place& place, void* out, uint32_t depth) {
        if (!decoding_.check_depth(depth)) return false;
        ondemand::array array;
        if (value.get_array().get(array) != simdjson::SUCCESS) return decoding_.refuse(not_list);
        size_t index = 0;
        for (auto item : array) {
            ondemand::value element;
            bool null = false;
            if (item.get(element) != simdjson::SUCCESS) return malformed();
            if (element.is_null().get(null) != simdjson::SUCCESS) return malformed();
            const Place at{&place, {}, ++index};
            if (!decoding_.count_element()) return false;
            void* slot = shape.list->append(out);
            if (null) {
                decoding_.violations.missing(at);
            } else if (!any(*shape.element, element, at, slot, depth)) {
                return false;
            }
        }
        return true;
    }

    bool map(const Shape& shape, ondemand::value& value, const Place& place, void* out, uint32_t depth) {
        if (!decoding_.check_depth(depth)) return false;
        ondemand::object object;
        if (value.get_object().get(object) != simdjson::SUCCESS) return decoding_.refuse(not_structure);
        for (auto field : object) {
            std::string_view name;
            if (field.unescaped_key().get(name) != simdjson::SUCCESS) return malformed();
            std::string key(name);
            ondemand::value element;
            bool null = false;
            if (field.value().get(element) != simdjson::SUCCESS) return malformed();
            if (element.is_null().get(null) != simdjson::SUCCESS) return malformed();
            if (null) continue;  // as absent
            if (!decoding_.count_element()) return false;
            const Place at{&place, key, 0};
            void* slot = shape.map->insert(out, key);
            if (!any(*shape.element, element, at, slot, depth)) return false;
        }
        return true;
    }

    Decoding& decoding_;
};

}  // namespace

bool decode_json(const Shape& shape, std::string_view padded_body, void* out, Decoding& decoding) {
    if (padded_body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        SeenMembers(shape).report_missing(Place{}, decoding.violations, true);
        return true;
    }
    thread_local ondemand::parser kept;
    // A parser keeps some six bytes for each of the largest body it has seen: those of unusual size get their own.
    ondemand::parser own;
    ondemand::parser& parser = padded_body.size() > kept_parser_bytes_max ? own : kept;
    ondemand::document document;
    const simdjson::padded_string_view view(padded_body.data(), padded_body.size(),
                                            padded_body.size() + simdjson::SIMDJSON_PADDING);
    if (parser.iterate(view).get(document) != simdjson::SUCCESS)
        return decoding.refuse("The request body is not valid JSON.");
    if (!Walk(decoding).structure(shape, document, Place{}, out, 1)) return false;
    const char* rest = nullptr;  // an error here is the end of the text
    return document.current_location().get(rest) != simdjson::SUCCESS ||
           decoding.refuse("The request body goes on after its JSON value.");
}

}  // namespace millrace::aws
