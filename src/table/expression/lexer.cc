#include "src/table/expression/lexer.h"

#include <algorithm>

namespace millrace::table {
namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_word(char c) {
    return is_letter(c) || is_digit(c) || c == '_';
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// The bytes of the UTF-8 character at the front, as far as they are there.
size_t character(std::string_view text) {
    size_t size = 1;
    while (size < text.size() && size < 4 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) ++size;
    return size;
}

size_t word_from(std::string_view text, size_t at) {
    while (at < text.size() && is_word(text[at])) ++at;
    return at;
}

Token token_at(std::string_view text, size_t at) {
    const std::string_view rest = text.substr(at);
    const char c = rest.front();
    const auto make = [&](TokenKind kind, size_t size) { return Token{kind, rest.substr(0, size), at}; };
    if (is_letter(c)) return make(TokenKind::identifier, word_from(rest, 1));
    if (is_digit(c)) {
        size_t size = 1;
        while (size < rest.size() && is_digit(rest[size])) ++size;
        return make(TokenKind::integer, size);
    }
    if ((c == '#' || c == ':') && rest.size() > 1 && is_word(rest[1])) {
        return make(c == '#' ? TokenKind::name : TokenKind::value, word_from(rest, 1));
    }
    if (rest.starts_with("<>") || rest.starts_with("<=") || rest.starts_with(">=")) return make(TokenKind::symbol, 2);
    if (std::string_view("=<>+-()[],.").find(c) != std::string_view::npos) return make(TokenKind::symbol, 1);
    return make(TokenKind::other, character(rest));
}

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

std::vector<Token> tokens_of(std::string_view text) {
    std::vector<Token> tokens;
    size_t at = 0;
    while (true) {
        while (at < text.size() && is_space(text[at])) ++at;
        if (at == text.size()) break;
        tokens.push_back(token_at(text, at));
        at += tokens.back().text.size();
    }
    tokens.push_back({TokenKind::end, text.substr(at), at});
    return tokens;
}

bool is_keyword(const Token& token, std::string_view upper_case) {
    return token.kind == TokenKind::identifier &&
           std::equal(token.text.begin(), token.text.end(), upper_case.begin(), upper_case.end(),
                      [](char a, char b) { return upper(a) == b; });
}

std::string syntax_error(std::string_view text, const std::vector<Token>& tokens, size_t at) {
    const Token& token = tokens[at];
    const Token& before = at > 0 ? tokens[at - 1] : token;
    const Token& after = at + 1 < tokens.size() && tokens[at + 1].kind != TokenKind::end ? tokens[at + 1] : token;
    const size_t end =
        token.kind == TokenKind::end ? before.begin + before.text.size() : after.begin + after.text.size();
    std::string message = "Syntax error; token: \"";
    message.append(token.kind == TokenKind::end ? "<EOF>" : token.text);
    message.append("\", near: \"").append(text.substr(before.begin, end - before.begin)).append("\"");
    return message;
}

}  // namespace millrace::table
