#include "src/query/convert/json_text.h"

#include "src/base/json_text.h"
#include "src/query/convert/number.h"

namespace millrace::query {

namespace {

namespace ondemand = simdjson::ondemand;

simdjson::error_code walk_array(ondemand::array array, const ReadRules& rules, int depth, std::string* out) {
    if (out != nullptr) out->push_back('[');
    bool first = true;
    for (auto element : array) {
        ondemand::value value;
        if (const auto error = element.get(value)) return error;
        if (out != nullptr && !first) out->push_back(',');
        first = false;
        if (const auto error = walk_json(value, rules, depth + 1, out)) return error;
    }
    if (out != nullptr) out->push_back(']');
    return simdjson::SUCCESS;
}

simdjson::error_code walk_object(ondemand::object object, const ReadRules& rules, int depth, std::string* out) {
    if (out != nullptr) out->push_back('{');
    bool first = true;
    std::string put;
    for (auto member : object) {
        ondemand::field field;
        if (const auto error = std::move(member).get(field)) return error;
        std::string_view key;
        if (const auto error = field.unescaped_key().get(key)) return error;
        if (out != nullptr) {
            if (!first) out->push_back(',');
            put_key(rules, rules.lower_keys, key, put);
            append_quoted(*out, put);
            out->push_back(':');
        }
        first = false;
        if (const auto error = walk_json(field.value(), rules, depth + 1, out)) return error;
    }
    if (out != nullptr) out->push_back('}');
    return simdjson::SUCCESS;
}

}  // namespace

std::string_view trimmed(std::string_view token) {
    while (!token.empty() &&
           (token.back() == ' ' || token.back() == '\n' || token.back() == '\t' || token.back() == '\r')) {
        token.remove_suffix(1);
    }
    return token;
}

void append_quoted(std::string& out, std::string_view text) {
    out.push_back('"');
    append_json_escaped(text, out);
    out.push_back('"');
}

simdjson::error_code walk_json(ondemand::value value, const ReadRules& rules, int depth, std::string* out) {
    if (depth > json_depth_max) return simdjson::DEPTH_ERROR;
    ondemand::json_type type;
    if (const auto error = value.type().get(type)) return error;
    switch (type) {
        case ondemand::json_type::object: {
            ondemand::object object;
            if (const auto error = value.get_object().get(object)) return error;
            return walk_object(object, rules, depth, out);
        }
        case ondemand::json_type::array: {
            ondemand::array array;
            if (const auto error = value.get_array().get(array)) return error;
            return walk_array(array, rules, depth, out);
        }
        case ondemand::json_type::string: {
            std::string_view text;
            if (const auto error = value.get_string().get(text)) return error;
            if (out != nullptr) append_quoted(*out, text);
            return simdjson::SUCCESS;
        }
        case ondemand::json_type::number: {
            const std::string_view token = trimmed(value.raw_json_token());
            if (!parse_number(token, true)) return simdjson::NUMBER_ERROR;
            if (out != nullptr) *out += token;
            return simdjson::SUCCESS;
        }
        case ondemand::json_type::boolean: {
            bool flag = false;
            if (const auto error = value.get_bool().get(flag)) return error;
            if (out != nullptr) *out += flag ? "true" : "false";
            return simdjson::SUCCESS;
        }
        case ondemand::json_type::null:
            break;
    }
    if (trimmed(value.raw_json_token()) != "null") return simdjson::N_ATOM_ERROR;
    if (out != nullptr) *out += "null";
    return simdjson::SUCCESS;
}

}  // namespace millrace::query
