#include "src/flow/pattern/json_tree.h"

#include <charconv>
#include <cmath>

#include <simdjson.h>

namespace millrace::flow::pattern {
namespace {

using simdjson::ondemand::json_type;

constexpr size_t parser_bytes_kept_max = 4 << 20;

Error not_json(std::string_view why) {
    return {ErrorCode::invalid_argument, "not JSON: " + std::string(why)};
}

bool take_digits(std::string_view* in) {
    const size_t count = std::min(in->find_first_not_of("0123456789"), in->size());
    in->remove_prefix(count);
    return count > 0;
}

// RFC 8259's number, whole.
bool is_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    if (text.starts_with('0')) {
        text.remove_prefix(1);
    } else if (!take_digits(&text)) {
        return false;
    }
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        if (!take_digits(&text)) return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
        if (!take_digits(&text)) return false;
    }
    return text.empty();
}

std::string_view trimmed(std::string_view token) {
    while (!token.empty() &&
           (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t'))
        token.remove_suffix(1);
    return token;
}

bool take_scalar(std::string_view token, JsonTree* out) {
    token = trimmed(token);
    out->text = token;
    if (token == "null") {
        out->kind = JsonTree::Kind::null;
    } else if (token == "true" || token == "false") {
        out->kind = JsonTree::Kind::boolean;
    } else if (is_number(token)) {
        out->kind = JsonTree::Kind::number;
        out->number = number_of(token);
    } else {
        return false;
    }
    return true;
}

// Throws simdjson_error.
void take(simdjson::ondemand::value& from, int depth, JsonTree* out) {
    if (depth > json_depth_max) throw simdjson::simdjson_error(simdjson::DEPTH_ERROR);
    switch (json_type(from.type())) {
        case json_type::object: {
            out->kind = JsonTree::Kind::object;
            simdjson::ondemand::object object = from.get_object();
            for (auto member : object) {
                JsonTree& child = out->children.emplace_back();
                child.name = std::string(std::string_view(member.unescaped_key()));
                simdjson::ondemand::value value = member.value();
                take(value, depth + 1, &child);
            }
            break;
        }
        case json_type::array: {
            out->kind = JsonTree::Kind::array;
            simdjson::ondemand::array array = from.get_array();
            for (auto element : array) {
                simdjson::ondemand::value value = element.value();
                take(value, depth + 1, &out->children.emplace_back());
            }
            break;
        }
        case json_type::string:
            out->kind = JsonTree::Kind::string;
            out->text = std::string(std::string_view(from.get_string()));
            break;
        default:
            if (!take_scalar(std::string_view(from.raw_json_token()), out))
                throw simdjson::simdjson_error(simdjson::TAPE_ERROR);
    }
}

simdjson::ondemand::parser& thread_parser(size_t bytes) {
    thread_local simdjson::ondemand::parser parser;
    if (parser.capacity() > parser_bytes_kept_max && bytes < parser_bytes_kept_max)
        parser = simdjson::ondemand::parser();
    return parser;
}

}  // namespace

double number_of(std::string_view text) {
    double value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec == std::errc::result_out_of_range) {
        const size_t exponent = text.find_first_of("eE");
        const bool tiny = exponent != std::string_view::npos && text.substr(exponent + 1).starts_with('-');
        value = tiny ? 0.0 : std::numeric_limits<double>::infinity();
        if (text.starts_with('-')) value = -value;
    }
    return value;
}

const JsonTree* JsonTree::find(std::string_view member) const {
    for (auto child = children.rbegin(); child != children.rend(); ++child) {
        if (child->name == member) return &*child;
    }
    return nullptr;
}

JsonTree JsonTree::of_string(std::string text) {
    JsonTree out;
    out.kind = Kind::string;
    out.text = std::move(text);
    return out;
}

void JsonTree::add(std::string member, JsonTree child) {
    kind = Kind::object;
    child.name = std::move(member);
    children.push_back(std::move(child));
}

Result<JsonTree> parse_json(std::string_view text) {
    // As the only element of an array: a text that is one number or string is then read like any other.
    std::string wrapped;
    wrapped.reserve(text.size() + 2 + simdjson::SIMDJSON_PADDING);
    wrapped += '[';
    wrapped += text;
    wrapped += ']';
    try {
        simdjson::ondemand::document document =
            thread_parser(text.size()).iterate(wrapped.data(), wrapped.size(), wrapped.capacity());
        JsonTree out;
        bool found = false;
        for (auto element : document.get_array()) {
            if (found) return not_json("something follows the value");
            found = true;
            simdjson::ondemand::value value = element.value();
            take(value, 1, &out);
        }
        if (!found) return not_json("it is empty");
        if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
            return not_json("something follows the value");
        return out;
    } catch (const simdjson::simdjson_error& error) {
        return not_json(error.what());
    }
}

}  // namespace millrace::flow::pattern
