#include "src/flow/pipe/input_template.h"

#include <optional>
#include <utility>

#include "src/base/json_text.h"

namespace millrace::flow::pipe {
namespace {

constexpr std::string_view reserved = "aws.pipes.";
constexpr size_t values_max = 100'000;

// What a literal leaves behind: whether what follows stands between quotation marks.
bool quoted_after(std::string_view literal, bool quoted) {
    for (size_t at = 0; at < literal.size(); ++at) {
        if (literal[at] == '\\' && quoted) {
            ++at;
        } else if (literal[at] == '"') {
            quoted = !quoted;
        }
    }
    return quoted;
}

}  // namespace

Result<InputTemplate::Piece> InputTemplate::variable(std::string_view name) {
    constexpr std::pair<std::string_view, Kind> known[] = {
        {"aws.pipes.pipe-arn", Kind::pipe_arn},     {"aws.pipes.pipe-name", Kind::pipe_name},
        {"aws.pipes.source-arn", Kind::source_arn}, {"aws.pipes.enrichment-arn", Kind::enrichment_arn},
        {"aws.pipes.target-arn", Kind::target_arn}, {"aws.pipes.event.ingestion-time", Kind::ingestion_time},
        {"aws.pipes.event", Kind::event},           {"aws.pipes.event.json", Kind::event_json},
    };
    Piece piece;
    for (const auto& [text, kind] : known) {
        if (text != name) continue;
        piece.kind = kind;
        return piece;
    }
    if (name.starts_with(reserved)) {
        return Error{ErrorCode::invalid_argument, "Input templates have no variable <" + std::string(name) + ">."};
    }
    piece.kind = Kind::path;
    TRY_ASSIGN(piece.path, vtl::JsonPath::parse(name));
    return piece;
}

void InputTemplate::append(const vtl::Value& value, const Piece& piece, std::string* out) {
    std::string text;
    if (piece.place == Piece::Place::json) {
        value.append_json(&text);
        *out += text;
        return;
    }
    if (value.is_null()) return;
    if (const std::string* string = value.string()) {
        text = *string;
    } else {
        value.append_json(&text);
    }
    piece.place == Piece::Place::quoted ? append_json_escaped(text, *out) : void(*out += text);
}

Result<InputTemplate> InputTemplate::parse(std::string_view text) {
    InputTemplate out;
    std::string literal;
    bool quoted = false;
    const size_t first = text.find_first_not_of(" \t\r\n");
    const bool json = first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
    const auto end_literal = [&] {
        if (literal.empty()) return;
        quoted = quoted_after(literal, quoted);
        out.pieces_.push_back({Kind::literal, Piece::Place::json, std::exchange(literal, {}), nullptr});
    };
    while (!text.empty()) {
        const size_t open = text.find('<');
        literal += text.substr(0, open);
        if (open == std::string_view::npos) break;
        text.remove_prefix(open);
        const size_t close = text.find('>');
        const std::string_view name = text.substr(1, close == std::string_view::npos ? 0 : close - 1);
        if (!name.starts_with("$") && !name.starts_with(reserved)) {
            literal += '<';
            text.remove_prefix(1);
            continue;
        }
        end_literal();
        TRY_ASSIGN(Piece piece, variable(name));
        piece.place = quoted ? Piece::Place::quoted : json ? Piece::Place::json : Piece::Place::text;
        out.pieces_.push_back(std::move(piece));
        text.remove_prefix(close + 1);
    }
    end_literal();
    return out;
}

Result<std::string> InputTemplate::apply(const Event& event, const Surroundings& surroundings, size_t bytes_max) const {
    std::string out;
    for (const Piece& piece : pieces_) {
        switch (piece.kind) {
            case Kind::literal:
                out += piece.text;
                break;
            case Kind::path:
                append(piece.path->find(event.value, values_max).value_or(vtl::Value()), piece, &out);
                break;
            case Kind::event:
                piece.place == Piece::Place::quoted ? append_json_escaped(event.text, out) : void(out += event.text);
                break;
            case Kind::event_json:
                append(event.value, piece, &out);
                break;
            case Kind::pipe_arn:
                append(surroundings.pipe_arn, piece, &out);
                break;
            case Kind::pipe_name:
                append(surroundings.pipe_name, piece, &out);
                break;
            case Kind::source_arn:
                append(surroundings.source_arn, piece, &out);
                break;
            case Kind::enrichment_arn:
                append(surroundings.enrichment_arn, piece, &out);
                break;
            case Kind::target_arn:
                append(surroundings.target_arn, piece, &out);
                break;
            case Kind::ingestion_time:
                append(surroundings.ingestion_time, piece, &out);
                break;
        }
        if (out.size() > bytes_max) {
            return Error{ErrorCode::resource_exhausted,
                         "An input template makes more than " + std::to_string(bytes_max) + " bytes of an event."};
        }
    }
    return out;
}

Result<DynamicText> DynamicText::parse(std::string_view text) {
    DynamicText out;
    out.text_ = text;
    if (text == "$" || text.starts_with("$.") || text.starts_with("$[")) {
        TRY_ASSIGN(out.path_, vtl::JsonPath::parse(text));
    }
    return out;
}

std::string DynamicText::apply(const vtl::Value& event) const {
    if (!path_) return text_;
    const std::optional<vtl::Value> found = path_->find(event, values_max);
    if (!found || found->is_null()) return "";
    if (const std::string* string = found->string()) return *string;
    std::string out;
    found->append_json(&out);
    return out;
}

}  // namespace millrace::flow::pipe
