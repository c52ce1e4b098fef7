#include "src/table/partiql/reader.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "src/table/value/sentences.h"

namespace millrace::table::partiql {
namespace {

constexpr int depth_max = 100;

// Words that are no attribute's name unless they are quoted.
constexpr std::array<std::string_view, 41> grammar_words = {
    "ALL",    "AND",       "AS",    "ASC",    "AT",      "BETWEEN", "BY",     "CROSS", "DELETE", "DESC",  "DISTINCT",
    "EXISTS", "FALSE",     "FROM",  "FULL",   "GROUP",   "HAVING",  "IN",     "INNER", "INSERT", "INTO",  "IS",
    "JOIN",   "LEFT",      "LIKE",  "LIMIT",  "MISSING", "NOT",     "NULL",   "ON",    "OR",     "ORDER", "OUTER",
    "REMOVE", "RETURNING", "RIGHT", "SELECT", "SET",     "TRUE",    "UPDATE", "WHERE"};

Error refusal(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

}  // namespace

Token Reader::next() {
    Token token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
}

bool Reader::take(std::string_view symbol) {
    if (!at(symbol)) return false;
    next();
    return true;
}

bool Reader::take_word(std::string_view upper_case) {
    if (!at_word(upper_case)) return false;
    next();
    return true;
}

Status Reader::expect(std::string_view symbol) {
    if (take(symbol)) return {};
    return malformed("Expected '" + std::string(symbol) + "'" + place_of(peek()));
}

Status Reader::expect_word(std::string_view upper_case) {
    if (take_word(upper_case)) return {};
    return malformed("Expected " + std::string(upper_case) + place_of(peek()));
}

Error Reader::unexpected() const {
    if (at_end()) return malformed("Unexpected end of statement");
    return malformed("Unexpected term: " + std::string(peek().text) + place_of(peek()));
}

Status Reader::enter() {
    if (++depth_ > depth_max) return malformed("The statement nests too deeply");
    return {};
}

bool Reader::at_name() const {
    if (peek().kind == TokenKind::quoted) return true;
    return peek().kind == TokenKind::word && std::none_of(grammar_words.begin(), grammar_words.end(),
                                                          [&](std::string_view word) { return at_word(word); });
}

Result<std::string> Reader::name() {
    if (!at_name()) return unexpected();
    Token token = next();
    if (token.value.empty()) return refusal("Path component cannot be an empty string");
    return std::move(token.value);
}

Result<Path> Reader::path() {
    Path path;
    TRY_ASSIGN(std::string first, name());
    path.push_back({std::move(first), -1});
    while (true) {
        if (take(".")) {
            if (!at_name()) return malformed("Invalid path dot component");
            TRY_ASSIGN(std::string inner, name());
            path.push_back({std::move(inner), -1});
        } else if (at("[")) {
            next();
            const bool negative = take("-");
            const Token index = next();
            if (index.kind == TokenKind::text && !negative) {
                path.push_back({index.value, -1});
            } else {
                int32_t number = -1;
                const char* end = index.value.data() + index.value.size();
                const auto read = std::from_chars(index.value.data(), end, number);
                const bool whole = index.kind == TokenKind::number && read.ptr == end;
                if (!whole && read.ec != std::errc::result_out_of_range) {
                    return malformed("Unexpected term in a path" + place_of(index));
                }
                if (read.ec != std::errc() || (negative && number != 0)) {
                    return refusal("List index is not within the allowable range; index: [" +
                                   std::string(negative ? "-" : "") + index.value + "]" + place_of(index));
                }
                path.push_back({{}, number});
            }
            TRY(expect("]"));
        } else {
            break;
        }
        if (path.size() > nesting_max + 1) {
            return refusal("The document path has too many nesting levels; nesting levels: " +
                           std::to_string(path.size()));
        }
    }
    return path;
}

bool Reader::at_value() const {
    switch (peek().kind) {
        case TokenKind::text:
        case TokenKind::number:
            return true;
        case TokenKind::word:
            return at_word("TRUE") || at_word("FALSE") || at_word("NULL") || at_word("MISSING");
        case TokenKind::symbol:
            return at("?") || at("-") || at("+") || at("[") || at("{") || at("<<");
        case TokenKind::quoted:
        case TokenKind::end:
            return false;
    }
    return false;
}

Result<AttributeValue> Reader::value(const std::string& place, int levels) {
    if (peek().kind == TokenKind::text) return AttributeValue{next().value};
    if (peek().kind == TokenKind::number) return number(false, place);
    if (at("-") || at("+")) {
        const bool negative = next().value == "-";
        if (peek().kind != TokenKind::number) return unexpected();
        return number(negative, place);
    }
    if (take_word("TRUE")) return AttributeValue{true};
    if (take_word("FALSE")) return AttributeValue{false};
    if (take_word("NULL")) return AttributeValue{Null()};
    if (at_word("MISSING")) return refusal("MISSING must be compared using IS operator");
    if (take("?")) {
        if (parameter_ == parameters_.size()) {
            return refusal("Number of parameters in request and statement don't match.");
        }
        return parameters_[parameter_++];
    }
    if (at("<<")) return set();
    if (at("[") || at("{")) {
        if (levels == 0) return refusal(std::string(sentences::too_deep));
        if (at("[")) return list(place, levels - 1);
        TRY_ASSIGN(Item map, struct_of(place, levels - 1));
        return AttributeValue{std::move(map)};
    }
    if (peek().kind == TokenKind::word && peek(1).value == "(" && peek(1).kind == TokenKind::symbol) {
        return refusal("Unsupported data type: " + lower_case(peek().value) + " under key " + place + place_of(peek()));
    }
    return unexpected();
}

Result<AttributeValue> Reader::number(bool negative, const std::string& place) {
    auto parsed = Number::parse((negative ? "-" : "") + next().value);
    if (!parsed) return refusal(parsed.error().message + " under " + place);
    return AttributeValue{*parsed};
}

Result<AttributeValue> Reader::list(const std::string& place, int levels) {
    TRY(expect("["));
    List list;
    if (take("]")) return AttributeValue{std::move(list)};
    do {
        TRY_ASSIGN(AttributeValue element, value(place + "[" + std::to_string(list.size()) + "]", levels));
        list.push_back(std::move(element));
    } while (take(","));
    TRY(expect("]"));
    return AttributeValue{std::move(list)};
}

Result<Item> Reader::struct_of(const std::string& place, int levels) {
    TRY(expect("{"));
    Item item;
    if (take("}")) return item;
    do {
        const Token key = next();
        if (key.kind != TokenKind::text) {
            return refusal("Tuple keys must be of type String. Actual type: " + std::string(key.text) + " under " +
                           (place.empty() ? "root" : place));
        }
        if (key.value.empty()) return refusal(std::string(sentences::empty_name));
        TRY(expect(":"));
        TRY_ASSIGN(AttributeValue element, value(place.empty() ? "root" : place + "." + key.value, levels));
        if (!item.add(key.value, std::move(element))) {
            return refusal("Duplicate keys in tuple. Key: " + key.value + " under " + (place.empty() ? "root" : place));
        }
    } while (take(","));
    TRY(expect("}"));
    return item;
}

Result<AttributeValue> Reader::set() {
    TRY(expect("<<"));
    if (at(">>")) return refusal("Empty bags are not supported");
    std::vector<Number> numbers;
    std::vector<std::string> texts;
    std::vector<std::string> binaries;
    do {
        TRY_ASSIGN(AttributeValue member, value());
        if (const auto* number = member.as<Number>()) {
            numbers.push_back(*number);
        } else if (auto* text = member.as<std::string>()) {
            texts.push_back(std::move(*text));
        } else if (auto* binary = member.as<Binary>()) {
            binaries.push_back(std::move(binary->bytes));
        } else {
            return refusal("Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags");
        }
    } while (take(","));
    TRY(expect(">>"));
    const int kinds = (numbers.empty() ? 0 : 1) + (texts.empty() ? 0 : 1) + (binaries.empty() ? 0 : 1);
    if (kinds > 1) {
        return refusal("Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags");
    }
    if (!numbers.empty()) {
        NumberSet made;
        if (!make_set(std::move(numbers), &made)) return refusal(std::string(sentences::duplicate_numbers));
        return AttributeValue{std::move(made)};
    }
    if (!texts.empty()) {
        std::string given;
        for (const auto& text : texts) given.append(given.empty() ? "" : ", ").append(text);
        StringSet made;
        if (!make_set(std::move(texts), &made)) {
            return refusal(std::string(sentences::duplicates_before) + "[" + given + "] contains duplicates.");
        }
        return AttributeValue{std::move(made)};
    }
    BinarySet made;
    if (!make_set(std::move(binaries), &made)) return refusal(std::string(sentences::duplicate_numbers));
    return AttributeValue{std::move(made)};
}

}  // namespace millrace::table::partiql
