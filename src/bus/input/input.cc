#include "src/bus/input/input.h"

#include "src/base/json_text.h"
#include "src/base/time_text.h"
#include "src/flow/pattern/json_tree.h"

namespace millrace::bus {
namespace {

constexpr size_t names_max = 100;  // AWS
constexpr size_t template_bytes_max = 8192;

// What a value is inside of a string: a string's own characters as they are escaped, anything else without its quotes.
void append_inside(std::string_view json, std::string* out) {
    if (json.size() >= 2 && json.front() == '"') {
        *out += json.substr(1, json.size() - 2);
        return;
    }
    for (size_t i = 0; i < json.size(); ++i) {
        if (json[i] == '\\' && i + 1 < json.size() && json[i + 1] == '"') {
            ++i;
        } else if (json[i] != '"') {
            *out += json[i];
        }
    }
}

void append(std::string_view json, bool in_string, std::string* out) {
    if (in_string) {
        append_inside(json, out);
    } else {
        *out += json;
    }
}

// append_event writes it last.
std::string without_detail(std::string_view event) {
    const size_t at = event.find(",\"detail\":");
    return at == std::string_view::npos ? std::string(event) : std::string(event.substr(0, at)) + "}";
}

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(text, out);
    return out;
}

bool is_json(std::string_view text) {
    return flow::pattern::parse_json(text).ok();
}

}  // namespace

Result<Input> Input::compile(const InputDefinition& definition) {
    Input out;
    const int given = definition.constant.has_value() + definition.path.has_value() + definition.text.has_value();
    if (given > 1) {
        return {ErrorCode::invalid_argument, "Only one of Input, InputPath, or InputTransformer must be provided"};
    }
    if (definition.constant) {
        if (!is_json(*definition.constant)) return {ErrorCode::invalid_argument, "Input is not valid JSON text"};
        out.kind_ = Kind::constant;
        out.constant_ = *definition.constant;
    } else if (definition.path) {
        out.kind_ = Kind::path;
        TRY_ASSIGN(SlicePath path, SlicePath::parse(*definition.path));
        out.paths_.push_back(std::move(path));
    } else if (definition.text) {
        out.kind_ = Kind::text;
        TRY(out.compile_template(definition));
    }
    return out;
}

Status Input::compile_template(const InputDefinition& definition) {
    if (definition.paths.size() > names_max) {
        return {ErrorCode::invalid_argument, "InputPathsMap has more than 100 entries"};
    }
    if (definition.text->size() > template_bytes_max) {
        return {ErrorCode::invalid_argument, "InputTemplate is longer than 8192 characters"};
    }
    std::map<std::string, size_t, std::less<>> places;
    for (const auto& [name, path] : definition.paths) {
        if (name.starts_with("aws.")) {
            return {ErrorCode::invalid_argument, "InputPathsMap: " + name + " is a reserved name"};
        }
        TRY_ASSIGN(SlicePath parsed, SlicePath::parse(path));
        places[name] = paths_.size();
        paths_.push_back(std::move(parsed));
    }
    const auto piece_of = [&](std::string_view name) -> std::optional<Piece> {
        using What = Piece::What;
        if (name == "aws.events.rule-arn") return Piece{What::rule_arn};
        if (name == "aws.events.rule-name") return Piece{What::rule_name};
        if (name == "aws.events.event.ingestion-time") return Piece{What::accepted};
        if (name == "aws.events.event.json") return Piece{What::event};
        if (name == "aws.events.event") return Piece{What::event_without_detail};
        const auto place = places.find(name);
        if (place == places.end()) return std::nullopt;
        return Piece{What::path, "", place->second};
    };
    bool in_string = false;
    std::string literal;
    std::string_view in = *definition.text;
    while (!in.empty()) {
        const char c = in.front();
        const size_t end = c == '<' ? in.find('>') : std::string_view::npos;
        if (end != std::string_view::npos) {
            const std::string_view name = in.substr(1, end - 1);
            const bool is_name = !name.empty() && name.find_first_of(" <\"\\{}:,") == std::string_view::npos;
            if (is_name) {
                std::optional<Piece> piece = piece_of(name);
                if (!piece) {
                    return {ErrorCode::invalid_argument,
                            "InputTemplate uses <" + std::string(name) + ">, which InputPathsMap does not define"};
                }
                if (!literal.empty()) pieces_.push_back({Piece::What::literal, std::move(literal)});
                literal.clear();
                piece->in_string = in_string;
                pieces_.push_back(*std::move(piece));
                in.remove_prefix(end + 1);
                continue;
            }
        }
        literal += c;
        in.remove_prefix(1);
        if (c == '\\' && in_string && !in.empty()) {
            literal += in.front();
            in.remove_prefix(1);
        } else if (c == '"') {
            in_string = !in_string;
        }
    }
    if (!literal.empty()) pieces_.push_back({Piece::What::literal, std::move(literal)});
    return check_result();
}

// With something in every place it must be JSON, or several JSON strings, a line each.
Status Input::check_result() const {
    std::string text;
    for (const Piece& piece : pieces_) {
        if (piece.what == Piece::What::literal) {
            text += piece.literal;
        } else {
            text += piece.in_string ? "x" : "null";
        }
    }
    if (is_json(text)) return {};
    std::string_view rest = text;
    bool all = !text.empty();
    while (all && !rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        all = is_json(line);
    }
    if (all) return {};
    return {ErrorCode::invalid_argument, "InputTemplate gives no valid JSON"};
}

Result<std::string> Input::apply(std::string_view event, const Occasion& occasion) const {
    if (kind_ == Kind::whole) return std::string(event);
    if (kind_ == Kind::constant) return constant_;
    if (kind_ == Kind::path) return paths_[0].find(event).value_or("null");
    std::vector<std::optional<std::string>> found;
    for (const SlicePath& path : paths_) found.push_back(path.find(event));
    std::string out;
    for (const Piece& piece : pieces_) {
        using What = Piece::What;
        switch (piece.what) {
            case What::literal:
                out += piece.literal;
                break;
            case What::path:
                if (found[piece.path]) {
                    append(*found[piece.path], piece.in_string, &out);
                } else if (!piece.in_string) {
                    out += "null";
                }
                break;
            case What::rule_arn:
                append(quoted(occasion.rule_arn), piece.in_string, &out);
                break;
            case What::rule_name:
                append(quoted(occasion.rule_name), piece.in_string, &out);
                break;
            case What::accepted:
                append("\"" + iso_milliseconds(occasion.accepted) + "Z\"", piece.in_string, &out);
                break;
            case What::event:
                append(event, piece.in_string, &out);
                break;
            case What::event_without_detail:
                append(without_detail(event), piece.in_string, &out);
                break;
        }
        if (out.size() > input_bytes_max) {
            return {ErrorCode::invalid_argument, "The transformed input is longer than 1 MiB"};
        }
    }
    return out;
}

}  // namespace millrace::bus
