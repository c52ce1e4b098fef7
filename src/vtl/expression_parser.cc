// References and expressions:
//
//   or -> and ("||" and)*   and -> equality ("&&" equality)*   equality -> relation (("=="|"!=") relation)*
//   relation -> sum (("<"|"<="|">"|">=") sum)*   sum -> product (("+"|"-") product)*
//   product -> unary (("*"|"/"|"%") unary)*   unary -> "!" unary | operand
//   operand -> literal | reference | "(" or ")" | "[" list or range "]" | "{" map "}"
#include <charconv>

#include "src/vtl/cursor.h"
#include "src/vtl/parser.h"

namespace millrace::vtl {
namespace {

using Kind = Expression::Kind;

struct Operator {
    std::string_view text;
    Kind kind;
    bool word;  // "and", "lt"...: not where a longer name begins so
};

constexpr Operator levels[][8] = {
    {{"||", Kind::or_, false}, {"or", Kind::or_, true}},
    {{"&&", Kind::and_, false}, {"and", Kind::and_, true}},
    {{"==", Kind::equal, false},
     {"!=", Kind::not_equal, false},
     {"eq", Kind::equal, true},
     {"ne", Kind::not_equal, true}},
    {{"<=", Kind::less_equal, false},
     {">=", Kind::greater_equal, false},
     {"<", Kind::less, false},
     {">", Kind::greater, false},
     {"lt", Kind::less, true},
     {"le", Kind::less_equal, true},
     {"gt", Kind::greater, true},
     {"ge", Kind::greater_equal, true}},
    {{"+", Kind::add, false}, {"-", Kind::subtract, false}},
    {{"*", Kind::multiply, false}, {"/", Kind::divide, false}, {"%", Kind::modulo, false}},
};
constexpr size_t level_count = std::size(levels);

ExpressionRef make(Kind kind) {
    auto out = std::make_unique<Expression>();
    out->kind = kind;
    return out;
}
ExpressionRef literal(Value value) {
    ExpressionRef out = make(Kind::literal);
    out->value = std::move(value);
    return out;
}

const Operator* take_operator(Cursor& cursor, size_t level) {
    for (const Operator& op : levels[level]) {
        if (op.text.empty() || !cursor.starts(op.text)) continue;
        const char next = cursor.peek(op.text.size());
        if (op.word && (is_letter(next) || is_digit(next))) continue;
        cursor.at += op.text.size();
        return &op;
    }
    return nullptr;
}

Result<ExpressionRef> parse_unary(Cursor& cursor) {
    const Nested nested(cursor);
    if (nested.too_deep()) return cursor.error("too much nesting");
    cursor.skip_space();
    const bool word = cursor.starts("not") && !is_letter(cursor.peek(3)) && !is_digit(cursor.peek(3));
    if (word || (cursor.peek() == '!' && cursor.peek(1) != '=')) {
        cursor.at += word ? 3 : 1;
        ExpressionRef out = make(Kind::not_);
        TRY_ASSIGN(ExpressionRef operand, parse_unary(cursor));
        out->operands.push_back(std::move(operand));
        return out;
    }
    return parse_operand(cursor);
}

Result<ExpressionRef> parse_level(Cursor& cursor, size_t level) {
    if (level == level_count) return parse_unary(cursor);
    TRY_ASSIGN(ExpressionRef left, parse_level(cursor, level + 1));
    for (;;) {
        const size_t before = cursor.at;
        cursor.skip_space();
        const Operator* op = take_operator(cursor, level);
        if (op == nullptr) {
            cursor.at = before;
            return left;
        }
        ExpressionRef out = make(op->kind);
        out->operands.push_back(std::move(left));
        TRY_ASSIGN(ExpressionRef right, parse_level(cursor, level + 1));
        out->operands.push_back(std::move(right));
        left = std::move(out);
    }
}

// A quote is written twice inside; backslashes mean themselves.
Result<ExpressionRef> parse_string(Cursor& cursor) {
    const char quote = cursor.peek();
    const Error unclosed = cursor.error("a string is not closed");
    std::string text;
    for (++cursor.at;; ++cursor.at) {
        if (cursor.end()) return unclosed;
        if (cursor.peek() == quote) {
            if (cursor.peek(1) != quote) break;
            ++cursor.at;
        }
        text += cursor.peek();
    }
    ++cursor.at;
    if (quote == '\'' || text.find_first_of("$#") == std::string::npos) return literal(std::move(text));
    ExpressionRef out = make(Kind::interpolated);
    TRY_ASSIGN(out->block, parse_block(text));
    return out;
}

Result<ExpressionRef> parse_number(Cursor& cursor) {
    const size_t begin = cursor.at;
    if (cursor.peek() == '-') ++cursor.at;
    while (is_digit(cursor.peek())) ++cursor.at;
    const bool fraction = cursor.peek() == '.' && is_digit(cursor.peek(1));
    if (fraction) {
        ++cursor.at;
        while (is_digit(cursor.peek())) ++cursor.at;
    }
    const size_t sign = cursor.peek(1) == '-' || cursor.peek(1) == '+' ? 1 : 0;
    const bool exponent = (cursor.peek() == 'e' || cursor.peek() == 'E') && is_digit(cursor.peek(1 + sign));
    if (exponent) {
        cursor.at += 1 + sign;
        while (is_digit(cursor.peek())) ++cursor.at;
    }
    if (fraction || exponent) {
        double value = 0;
        const std::string_view text = cursor.from(begin);
        std::from_chars(text.data(), text.data() + text.size(), value);
        return literal(value);
    }
    int64_t value = 0;
    const std::string_view text = cursor.from(begin);
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) {
        return cursor.error("a number is too large");
    }
    return literal(value);
}

Result<ExpressionRef> parse_list(Cursor& cursor) {
    ++cursor.at;
    ExpressionRef out = make(Kind::list);
    for (;;) {
        cursor.skip_space();
        if (cursor.take("]")) return out;
        if (!out->operands.empty()) {
            if (out->operands.size() == 1 && cursor.take("..")) {
                out->kind = Kind::range;
            } else if (!cursor.take(",")) {
                return cursor.error("a list wants , or ]");
            }
        }
        TRY_ASSIGN(ExpressionRef item, parse_expression(cursor));
        out->operands.push_back(std::move(item));
        if (out->kind == Kind::range) {
            cursor.skip_space();
            if (!cursor.take("]")) return cursor.error("a range wants ]");
            return out;
        }
    }
}

Result<ExpressionRef> parse_map(Cursor& cursor) {
    ++cursor.at;
    ExpressionRef out = make(Kind::map);
    for (;;) {
        cursor.skip_space();
        if (cursor.take("}")) return out;
        if (!out->operands.empty()) {
            if (!cursor.take(",")) return cursor.error("a map wants , or }");
        }
        TRY_ASSIGN(ExpressionRef key, parse_expression(cursor));
        cursor.skip_space();
        if (!cursor.take(":")) return cursor.error("a map's key wants :");
        TRY_ASSIGN(ExpressionRef value, parse_expression(cursor));
        out->operands.push_back(std::move(key));
        out->operands.push_back(std::move(value));
    }
}

Status parse_arguments(Cursor& cursor, std::vector<ExpressionRef>* out) {
    for (;;) {
        cursor.skip_space();
        if (cursor.take(")")) return {};
        if (!out->empty() && !cursor.take(",")) return cursor.error("a method's arguments want , or )");
        TRY_ASSIGN(ExpressionRef argument, parse_expression(cursor));
        out->push_back(std::move(argument));
    }
}

Status parse_path(Cursor& cursor, std::vector<Access>* path) {
    for (;;) {
        if (cursor.peek() == '.' && is_letter(cursor.peek(1))) {
            ++cursor.at;
            Access access;
            access.name = cursor.identifier();
            if (cursor.take("(")) {
                access.kind = Access::Kind::method;
                TRY(parse_arguments(cursor, &access.arguments));
            }
            path->push_back(std::move(access));
        } else if (cursor.peek() == '[') {
            // "$a[" that is no index is text: a template may print brackets.
            const size_t before = cursor.at++;
            auto index = parse_expression(cursor);
            cursor.skip_space();
            if (!index.ok() || !cursor.take("]")) {
                cursor.at = before;
                return {};
            }
            Access access;
            access.kind = Access::Kind::index;
            access.arguments.push_back(std::move(index).value());
            path->push_back(std::move(access));
        } else {
            return {};
        }
    }
}

}  // namespace

Result<ExpressionRef> parse_expression(Cursor& cursor) {
    return parse_level(cursor, 0);
}

Result<ExpressionRef> parse_operand(Cursor& cursor) {
    const Nested nested(cursor);
    if (nested.too_deep()) return cursor.error("too much nesting");
    cursor.skip_space();
    const char c = cursor.peek();
    if (c == '"' || c == '\'') return parse_string(cursor);
    const size_t sign = c == '-' ? 1 : 0;
    if (is_digit(cursor.peek(sign)) || (cursor.peek(sign) == '.' && is_digit(cursor.peek(sign + 1)))) {
        return parse_number(cursor);
    }
    if (c == '[') return parse_list(cursor);
    if (c == '{') return parse_map(cursor);
    if (c == '(') {
        ++cursor.at;
        TRY_ASSIGN(ExpressionRef inner, parse_expression(cursor));
        cursor.skip_space();
        if (!cursor.take(")")) return cursor.error("a parenthesis is not closed");
        return inner;
    }
    if (c == '$') {
        ExpressionRef out = make(Kind::reference);
        TRY_ASSIGN(const bool found, parse_reference(cursor, &out->reference));
        if (!found) return cursor.error("a reference is expected");
        return out;
    }
    const size_t before = cursor.at;
    const std::string_view word = cursor.identifier();
    if (word == "true" || word == "false") return literal(word == "true");
    if (word == "null") return literal({});
    cursor.at = before;
    return cursor.error("a value is expected");
}

Result<bool> parse_reference(Cursor& cursor, Reference* out) {
    const size_t begin = cursor.at;
    ++cursor.at;
    out->quiet = cursor.take("!");
    const bool formal = cursor.take("{");
    if (formal) cursor.skip_blanks();
    out->name = cursor.identifier();
    if (out->name.empty()) {
        cursor.at = begin;
        return false;
    }
    TRY(parse_path(cursor, &out->path));
    if (formal) {
        cursor.skip_blanks();
        if (!cursor.take("}")) {
            cursor.at = begin;
            return false;
        }
    }
    out->source = cursor.from(begin);
    return true;
}

}  // namespace millrace::vtl
