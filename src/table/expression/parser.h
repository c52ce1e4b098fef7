// What the grammars share: a place in the tokens, paths, operands, and the count of operators.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/table/expression/lexer.h"
#include "src/table/expression/syntax.h"

namespace millrace::table {

class Parser {
  public:
    // Names that no operand may be: the grammar's own words.
    Parser(std::string_view text, std::vector<std::string_view> keywords)
        : text_(text), keywords_(std::move(keywords)), tokens_(tokens_of(text)) {}

    const Token& peek(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
    void next() { at_ = std::min(at_ + 1, tokens_.size() - 1); }
    bool at(std::string_view symbol) const { return peek().kind == TokenKind::symbol && peek().text == symbol; }
    bool at_word(std::string_view keyword) const { return is_keyword(peek(), keyword); }
    bool take(std::string_view symbol);
    bool at_end() const { return peek().kind == TokenKind::end; }

    Error unexpected() const;  // the token here
    Status expect(std::string_view symbol);
    Status expect_word(std::string_view keyword);
    Status end();
    Status count_operator();  // an error from the 301st on

    Status path(PathSyntax* out);
    Status rest_of_path(PathSyntax* out);  // .a and [0]
    // A value, a path, a call, or one of these in parentheses. `in_parentheses`: whether it was.
    Status operand(OperandSyntax* out, bool* in_parentheses = nullptr);
    Status operands(std::vector<OperandSyntax>* out);  // a, b, c)
    // One more parenthesis around something; `already`: there is one straight inside.
    Status enter();
    void leave() { --depth_; }
    static Error redundant_parentheses();

  private:
    bool at_name() const;  // an identifier that is no keyword

    std::string_view text_;
    std::vector<std::string_view> keywords_;
    std::vector<Token> tokens_;
    size_t at_ = 0;
    int operators_ = 0;
    int depth_ = 0;
};

// Checks that need no placeholder, for all grammars.
Status check_names(const PathSyntax& path);

}  // namespace millrace::table
