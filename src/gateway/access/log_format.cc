#include "src/gateway/access/log_format.h"

#include "src/base/json_text.h"

namespace millrace::gateway {
namespace {

constexpr std::string_view mark = "$context.";

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
}

void append_without_controls(std::string_view text, std::string& out) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            out.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
        } else {
            out += c;
        }
    }
}

}  // namespace

Result<LogFormat> LogFormat::parse(std::string_view text) {
    const auto bad = [](std::string message) { return Error{ErrorCode::invalid_argument, std::move(message)}; };
    if (text.empty() || text.size() > format_bytes_max) {
        return bad("an access log format has 1 to " + std::to_string(format_bytes_max) + " bytes");
    }
    if (text.find_first_of("\r\n") != std::string_view::npos) return bad("an access log format is a single line");
    LogFormat format;
    const size_t first = text.find_first_not_of(' ');
    format.json_ = first != std::string_view::npos && text[first] == '{';
    bool has_id = false;
    while (!text.empty()) {
        const size_t at = text.find(mark);
        if (at != 0) format.pieces_.push_back({std::string(text.substr(0, at)), false});
        if (at == std::string_view::npos) break;
        text.remove_prefix(at + mark.size());
        size_t end = 0;
        while (end < text.size() && is_name_character(text[end])) ++end;
        while (end > 0 && text[end - 1] == '.') --end;  // the end of a sentence, not of a name
        const std::string name(text.substr(0, end));
        has_id = has_id || name == "requestId" || name == "extendedRequestId";
        format.pieces_.push_back({name, true});
        text.remove_prefix(end);
    }
    if (!has_id) return bad("an access log format has $context.requestId or $context.extendedRequestId");
    return format;
}

std::string LogFormat::line(const std::function<std::optional<std::string>(std::string_view name)>& value) const {
    std::string line;
    for (const Piece& piece : pieces_) {
        if (line.size() > line_bytes_max) break;
        if (!piece.is_name) {
            line += piece.text;
            continue;
        }
        std::optional<std::string> text = value(piece.text);
        if (text && text->size() > value_bytes_max) text->resize(value_bytes_max);
        const bool quoted_already = piece.text == "error.messageString";
        if (!text || text->empty()) {
            line += quoted_already && json_ ? "\"-\"" : "-";
        } else if (json_ && !quoted_already) {
            std::string quoted;
            append_json_string(*text, quoted);
            line.append(quoted, 1, quoted.size() - 2);  // the format has the quotes around the name
        } else {
            append_without_controls(*text, line);
        }
    }
    return line;
}

}  // namespace millrace::gateway
