#include "src/function/log_level.h"

#include <array>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace millrace::function {
namespace {

namespace json = boost::json;

constexpr size_t parse_depth_max = 32;

constexpr std::array<std::pair<std::string_view, LogLevel>, 8> names = {{
    {"TRACE", LogLevel::trace},
    {"DEBUG", LogLevel::debug},
    {"INFO", LogLevel::info},
    {"WARN", LogLevel::warn},
    {"WARNING", LogLevel::warn},
    {"ERROR", LogLevel::error},
    {"FATAL", LogLevel::fatal},
    {"CRITICAL", LogLevel::fatal},
}};

bool equals_upper(std::string_view text, std::string_view upper) {
    if (text.size() != upper.size()) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 'a' + 'A') : text[i];
        if (c != upper[i]) return false;
    }
    return true;
}

// 2026-11-21T18:30:00[.123](Z|+01:00)
bool is_rfc3339(std::string_view text) {
    constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd";
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() <= form.size()) return false;
    for (size_t i = 0; i < form.size(); ++i) {
        const char c = text[i];
        if (form[i] == 'd' ? !is_digit(c) : form[i] == 'T' ? c != 'T' && c != 't' && c != ' ' : c != form[i])
            return false;
    }
    text.remove_prefix(form.size());
    if (text.front() == '.') {
        text.remove_prefix(1);
        if (text.empty() || !is_digit(text.front())) return false;
        while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
    }
    if (text == "Z" || text == "z") return true;
    return text.size() == 6 && (text[0] == '+' || text[0] == '-') && is_digit(text[1]) && is_digit(text[2]) &&
           text[3] == ':' && is_digit(text[4]) && is_digit(text[5]);
}

std::string_view text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(json::string_view(name.data(), name.size()));
    if (value == nullptr || !value->is_string()) return {};
    return {value->get_string().data(), value->get_string().size()};
}

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view name) {
    for (const auto& [known, level] : names) {
        if (equals_upper(name, known)) return level;
    }
    return std::nullopt;
}

LogLevel level_of_line(std::string_view line) {
    if (!line.starts_with('{')) return LogLevel::info;
    json::parse_options options;
    options.max_depth = parse_depth_max;
    boost::system::error_code failed;
    const json::value value = json::parse(json::string_view(line.data(), line.size()), failed, {}, options);
    if (failed || !value.is_object()) return LogLevel::info;
    const json::object& object = value.get_object();
    if (!is_rfc3339(text_of(object, "timestamp")) && !is_rfc3339(text_of(object, "time"))) return LogLevel::info;
    return parse_log_level(text_of(object, "level")).value_or(LogLevel::info);
}

}  // namespace millrace::function
