// Scalars, lists and objects, with the sentences of AWS's parser where they are of another type.
#include "src/service/dynamodb/request/reader.h"

#include <algorithm>
#include <cmath>

namespace millrace::service::dynamodb {
namespace {

using ondemand::json_type;

constexpr size_t parser_bytes_kept_max = 2 << 20;  // a thread's parser forgets what a larger body made it take

bool is_decimal(std::string_view token) {
    return token.find_first_of(".eE") != std::string_view::npos;
}

// "NUMBER_VALUE cannot be converted to String"
std::string token_name(ondemand::value& json, json_type type) {
    if (type == json_type::string) return "STRING_VALUE";
    if (type == json_type::number) return is_decimal(json.raw_json_token()) ? "DECIMAL_VALUE" : "NUMBER_VALUE";
    bool value = false;
    return json.get_bool().get(value) || !value ? "FALSE_VALUE" : "TRUE_VALUE";
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

}  // namespace

ondemand::parser& thread_parser(size_t bytes) {
    thread_local ondemand::parser parser;
    if (parser.capacity() > parser_bytes_kept_max && bytes < parser_bytes_kept_max) parser = ondemand::parser();
    return parser;
}

simdjson::padded_string_view padded(std::string_view body) {
    static_assert(simdjson::SIMDJSON_PADDING <= 64);  // what RawCall::body() promises behind its end
    return simdjson::padded_string_view(body.data(), body.size(), body.size() + simdjson::SIMDJSON_PADDING);
}

bool Reader::refuse(std::string message) {
    failure_ = {"SerializationException", std::move(message)};
    return false;
}

bool Reader::is_null(ondemand::value json, bool* out) {
    json_type type;
    if (json.type().get(type)) return malformed();
    *out = type == json_type::null;
    return true;
}

bool Reader::string(ondemand::value json, std::string_view type, std::string_view* out, bool* absent) {
    json_type kind;
    if (json.type().get(kind)) return malformed();
    *absent = kind == json_type::null;
    if (*absent) return true;
    if (kind == json_type::string) return !json.get_string().get(*out) || malformed();
    if (kind == json_type::object) return refuse("Start of structure or map found where not expected");
    if (kind == json_type::array) {
        return refuse("Unrecognized collection type class " +
                      std::string(type == "Blob" ? "java.nio.ByteBuffer" : "java.lang." + std::string(type)));
    }
    if (type == "Blob") return refuse("only base-64-encoded strings are convertible to bytes");
    return refuse(token_name(json, kind) + " cannot be converted to " + std::string(type));
}

bool Reader::text(ondemand::value json, std::optional<std::string>* out) {
    std::string_view view;
    bool absent = false;
    if (!string(json, "String", &view, &absent)) return false;
    if (!absent) out->emplace(view);
    return true;
}

bool Reader::boolean(ondemand::value json, std::optional<bool>* out) {
    json_type type;
    if (json.type().get(type)) return malformed();
    bool value = false;
    switch (type) {
        case json_type::null:
            return true;
        case json_type::boolean:
            if (json.get_bool().get(value)) return malformed();
            *out = value;
            return true;
        case json_type::string: {
            std::string_view text;
            if (json.get_string().get(text)) return malformed();
            const std::string word = upper(text);
            const bool yes = word == "TRUE" || word == "1" || word == "YES";
            if (!yes && word != "FALSE" && word != "0" && word != "NO") {
                return refuse("Unexpected token received from parser");
            }
            *out = yes;
            return true;
        }
        case json_type::array:
            return refuse("Unrecognized collection type class java.lang.Boolean");
        case json_type::object:
            return refuse("Start of structure or map found where not expected");
        case json_type::number:
            break;
        default:
            return malformed();
    }
    return refuse(token_name(json, type) + " cannot be converted to Boolean");
}

bool Reader::integer(ondemand::value json, std::optional<int64_t>* out) {
    json_type type;
    if (json.type().get(type)) return malformed();
    if (type == json_type::null) return true;
    if (type == json_type::array) return refuse("Unrecognized collection type class java.lang.Integer");
    if (type == json_type::object) return refuse("Start of structure or map found where not expected");
    if (type != json_type::number) return refuse(token_name(json, type) + " cannot be converted to Integer");
    int64_t value = 0;
    if (!json.get_int64().get(value)) {
        *out = std::clamp<int64_t>(value, INT32_MIN, INT32_MAX);
        return true;
    }
    double real = 0;
    if (json.get_double().get(real)) return malformed();
    *out = static_cast<int64_t>(std::clamp(std::floor(real), double{INT32_MIN}, double{INT32_MAX}));
    return true;
}

bool Reader::open_object(ondemand::value json, const JavaType& list, std::string_view scalar, ondemand::object* out,
                         bool* absent) {
    json_type type;
    if (json.type().get(type)) return malformed();
    *absent = type == json_type::null;
    if (*absent) return true;
    if (type == json_type::array) return refuse("Unrecognized collection type " + list.text());
    if (type != json_type::object) return refuse(std::string(scalar));
    return !json.get_object().get(*out) || malformed();
}

bool Reader::open_array(ondemand::value json, ondemand::array* out, bool* absent) {
    json_type type;
    if (json.type().get(type)) return malformed();
    *absent = type == json_type::null;
    if (*absent) return true;
    if (type == json_type::object) return refuse("Start of structure or map found where not expected");
    if (type != json_type::array) return refuse("Unexpected field type");
    return !json.get_array().get(*out) || malformed();
}

bool Reader::texts(ondemand::value json, std::optional<std::vector<std::string>>* out) {
    bool absent = false;
    std::vector<std::string> found;
    const bool done = array(json, &absent, [&](ondemand::value element) {
        std::string_view view;
        bool nothing = false;
        if (!string(element, "String", &view, &nothing)) return false;
        if (!nothing) found.emplace_back(view);
        return true;
    });
    if (done && !absent) *out = std::move(found);
    return done;
}

bool Reader::names(ondemand::value json, std::optional<std::map<std::string, std::string, std::less<>>>* out) {
    bool absent = false;
    if (!is_null(json, &absent) || absent) return absent;
    std::map<std::string, std::string, std::less<>> found;
    const bool done = object(json, "java.util.Map<java.lang.String, java.lang.String>", "Unexpected field type",
                             [&](std::string_view name, ondemand::value member) {
                                 std::string_view view;
                                 bool nothing = false;
                                 if (!string(member, "String", &view, &nothing)) return false;
                                 found.insert_or_assign(std::string(name), std::string(view));
                                 return true;
                             });
    if (done) *out = std::move(found);
    return done;
}

}  // namespace millrace::service::dynamodb
