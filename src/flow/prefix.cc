#include "src/flow/prefix.h"

#include <algorithm>

#include "src/base/checksum.h"

namespace millrace::flow {
namespace {

constexpr size_t evaluated_characters_max = 512;
constexpr std::string_view default_pattern = "yyyy/MM/dd/HH/";

Error invalid(std::string_view field, std::string_view what) {
    return Error{ErrorCode::invalid_argument, std::string(field) + " " + std::string(what)};
}

}  // namespace

std::string random_prefix_string() {
    return random_uuid().substr(0, 11);
}

bool PrefixExpression::has(Kind kind) const {
    return std::any_of(pieces_.begin(), pieces_.end(), [kind](const Piece& piece) { return piece.kind == kind; });
}

const std::string* PrefixExpression::key_of(const Piece& piece, RecordKeys keys) {
    const PartitionKeys* all = piece.kind == Kind::from_query ? keys.from_query : keys.from_function;
    if (all == nullptr) return nullptr;
    const auto found = all->find(piece.literal);
    return found == all->end() || found->second.empty() ? nullptr : &found->second;
}

std::optional<std::string> PrefixExpression::partition(RecordKeys keys) const {
    std::string out;
    for (const Piece& piece : pieces_) {
        if (piece.kind != Kind::from_query && piece.kind != Kind::from_function) continue;
        const std::string* value = key_of(piece, keys);
        if (value == nullptr) return std::nullopt;
        out += std::to_string(value->size()) + ':' + *value;
    }
    return out;
}

Result<std::vector<PrefixExpression::Piece>> PrefixExpression::split(std::string_view field, std::string_view text) {
    std::vector<Piece> pieces;
    while (!text.empty()) {
        const size_t open = text.find("!{");
        if (open > 0) {
            pieces.push_back({Kind::literal, std::string(text.substr(0, open)), {}});
            if (open == std::string_view::npos) break;
        }
        text.remove_prefix(open + 2);
        const size_t close = text.find('}');
        if (close == std::string_view::npos) return invalid(field, "has an expression !{ that is not closed by }");
        const std::string_view expression = text.substr(0, close);
        text.remove_prefix(close + 1);
        const size_t colon = expression.find(':');
        const std::string_view space = expression.substr(0, colon);
        const std::string_view value =
            colon == std::string_view::npos ? std::string_view() : expression.substr(colon + 1);
        const std::string whole = "!{" + std::string(expression) + "}";
        if (expression.find("!{") != std::string_view::npos || colon == std::string_view::npos || value.empty()) {
            return invalid(field, "holds " + whole + ", which is not of the form !{namespace:value}");
        }
        if (space == "timestamp") {
            auto pattern = JavaTimePattern::compile(value);
            if (!pattern.ok()) return with_context(std::move(pattern).error(), std::string(field) + ": " + whole);
            pieces.push_back({Kind::timestamp, {}, std::move(pattern).value()});
        } else if (space == "firehose" && value == "random-string") {
            pieces.push_back({Kind::random, {}, {}});
        } else if (space == "firehose" && value == "error-output-type") {
            pieces.push_back({Kind::error_type, {}, {}});
        } else if (space == "partitionKeyFromQuery" || space == "partitionKeyFromLambda") {
            const Kind kind = space == "partitionKeyFromQuery" ? Kind::from_query : Kind::from_function;
            pieces.push_back({kind, std::string(value), {}});
        } else {
            return invalid(field, "holds " + whole + ", whose namespace or value is unknown");
        }
    }
    return pieces;
}

Result<PrefixExpression> PrefixExpression::parse(Use use, const std::optional<std::string>& text,
                                                 const std::optional<std::string>& prefix_text) {
    PrefixExpression out;
    out.field_ = use == Use::prefix ? "Prefix" : "ErrorOutputPrefix";
    const auto plain = [](const std::vector<Piece>& pieces) {
        return std::all_of(pieces.begin(), pieces.end(), [](const Piece& p) { return p.kind == Kind::literal; });
    };
    auto date = JavaTimePattern::compile(default_pattern);
    MILLRACE_CHECK(date.ok());
    const Piece date_piece{Kind::timestamp, {}, std::move(date).value()};

    if (use == Use::prefix) {
        TRY_ASSIGN(out.pieces_, split(out.field_, text.value_or("")));
        if (out.has(Kind::error_type)) return invalid(out.field_, "can't contain !{firehose:error-output-type}");
        if (!out.has(Kind::timestamp) && !out.has_partition_keys()) out.pieces_.push_back(date_piece);
        return out;
    }

    const bool given = text && !text->empty();
    if (!given) {
        TRY_ASSIGN(out.pieces_, split("Prefix", prefix_text.value_or("")));
        if (!plain(out.pieces_)) return invalid(out.field_, "can't be null or empty when Prefix contains expressions");
    } else {
        TRY_ASSIGN(out.pieces_, split(out.field_, *text));
    }
    if (out.has_partition_keys()) return invalid(out.field_, "can't contain partition keys");
    if (plain(out.pieces_)) {
        out.pieces_.push_back({Kind::error_type, {}, {}});
        out.pieces_.push_back({Kind::literal, "/", {}});
        out.pieces_.push_back(date_piece);
    } else if (!out.has(Kind::error_type)) {
        return invalid(
            out.field_,
            "must include at least one instance of !{firehose:error-output-type} when it contains expressions");
    }
    return out;
}

Result<std::string> PrefixExpression::evaluate(TimestampMs oldest, const io::TimeZone& zone,
                                               std::string_view error_type, const std::function<std::string()>& random,
                                               RecordKeys keys) const {
    std::string out;
    for (const Piece& piece : pieces_) {
        switch (piece.kind) {
            case Kind::literal:
                out += piece.literal;
                break;
            case Kind::timestamp:
                out += piece.pattern.format(oldest, zone);
                break;
            case Kind::random:
                out += random();
                break;
            case Kind::from_query:
            case Kind::from_function:
                if (const std::string* value = key_of(piece, keys)) out += *value;
                break;
            case Kind::error_type:
                out += error_type;
                break;
        }
    }
    if (out.size() > evaluated_characters_max) {
        return Error{ErrorCode::resource_exhausted,
                     std::string(field_) + " evaluates to more than 512 characters: " + out.substr(0, 64) + "..."};
    }
    return out;
}

}  // namespace millrace::flow
