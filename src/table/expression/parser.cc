#include "src/table/expression/parser.h"

#include <algorithm>
#include <charconv>

#include "src/table/expression/reserved_words.h"

namespace millrace::table {
namespace {

constexpr int operators_max = 300;
// Parentheses that are not redundant hold an operator each: deeper than this is redundant or no expression.
constexpr int depth_max = operators_max + 20;

Error refusal(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

}  // namespace

bool Parser::take(std::string_view symbol) {
    if (!at(symbol)) return false;
    next();
    return true;
}

Error Parser::unexpected() const {
    return refusal(syntax_error(text_, tokens_, at_));
}

Status Parser::expect(std::string_view symbol) {
    if (!take(symbol)) return unexpected();
    return {};
}

Status Parser::expect_word(std::string_view keyword) {
    if (!at_word(keyword)) return unexpected();
    next();
    return {};
}

Status Parser::end() {
    if (!at_end()) return unexpected();
    return {};
}

Status Parser::count_operator() {
    if (++operators_ <= operators_max) return {};
    return refusal("The expression contains too many operators; operator count: " + std::to_string(operators_));
}

Status Parser::enter() {
    if (++depth_ > depth_max) return redundant_parentheses();
    return {};
}

Error Parser::redundant_parentheses() {
    return refusal("The expression has redundant parentheses;");
}

bool Parser::at_name() const {
    return peek().kind == TokenKind::identifier &&
           std::none_of(keywords_.begin(), keywords_.end(), [&](std::string_view word) { return at_word(word); });
}

Status Parser::path(PathSyntax* out) {
    if (peek().kind == TokenKind::name) {
        out->push_back({PathPart::Kind::placeholder, std::string(peek().text), -1});
    } else if (at_name()) {
        out->push_back({PathPart::Kind::name, std::string(peek().text), -1});
    } else {
        return unexpected();
    }
    next();
    return rest_of_path(out);
}

Status Parser::rest_of_path(PathSyntax* out) {
    while (true) {
        if (take(".")) {
            if (peek().kind != TokenKind::name && !at_name()) return unexpected();
            const bool placeholder = peek().kind == TokenKind::name;
            out->push_back(
                {placeholder ? PathPart::Kind::placeholder : PathPart::Kind::name, std::string(peek().text), -1});
            next();
        } else if (take("[")) {
            if (peek().kind != TokenKind::integer) return unexpected();
            const std::string_view digits = peek().text;
            PathPart part{PathPart::Kind::index, std::string(digits), -1};
            (void)std::from_chars(digits.data(), digits.data() + digits.size(), part.index);  // -1: out of range
            out->push_back(std::move(part));
            next();
            TRY(expect("]"));
        } else {
            return {};
        }
    }
}

Status Parser::operand(OperandSyntax* out, bool* in_parentheses) {
    if (in_parentheses != nullptr) *in_parentheses = false;
    if (take("(")) {
        TRY(enter());
        bool inner = false;
        TRY(operand(out, &inner));
        TRY(expect(")"));
        leave();
        if (inner) return redundant_parentheses();
        if (in_parentheses != nullptr) *in_parentheses = true;
        return {};
    }
    if (peek().kind == TokenKind::value) {
        out->kind = OperandSyntax::Kind::value;
        out->text = peek().text;
        next();
        return {};
    }
    if (at_name() && peek(1).kind == TokenKind::symbol && peek(1).text == "(") {
        TRY(count_operator());
        out->kind = OperandSyntax::Kind::call;
        out->text = peek().text;
        next();
        next();
        return operands(&out->arguments);
    }
    out->kind = OperandSyntax::Kind::path;
    return path(&out->path);
}

Status Parser::operands(std::vector<OperandSyntax>* out) {
    do {
        TRY(operand(&out->emplace_back()));
    } while (take(","));
    return expect(")");
}

Status check_names(const PathSyntax& path) {
    for (const PathPart& part : path) {
        if (part.kind == PathPart::Kind::name && is_reserved(part.text)) {
            return refusal("Attribute name is a reserved keyword; reserved keyword: " + part.text);
        }
        if (part.kind == PathPart::Kind::index && part.index < 0) {
            return refusal("List index is not within the allowable range; index: [" + part.text + "]");
        }
    }
    return {};
}

}  // namespace millrace::table
