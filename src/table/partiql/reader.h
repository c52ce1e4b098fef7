// What the parts of the grammar share: a place in the tokens, names, paths, literals and parameters.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/table/partiql/lexer.h"
#include "src/table/partiql/statement.h"

namespace millrace::table::partiql {

class Reader {
  public:
    Reader(std::vector<Token> tokens, std::span<const AttributeValue> parameters)
        : tokens_(std::move(tokens)), parameters_(parameters) {}

    const Token& peek(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
    Token next();
    bool at(std::string_view symbol) const { return peek().kind == TokenKind::symbol && peek().value == symbol; }
    bool at_word(std::string_view upper_case) const { return is_word(peek(), upper_case); }
    bool at_end() const { return peek().kind == TokenKind::end; }
    bool take(std::string_view symbol);
    bool take_word(std::string_view upper_case);
    Status expect(std::string_view symbol);
    Status expect_word(std::string_view upper_case);
    Error unexpected() const;  // the token here

    // An attribute's, a table's or an index's name. Bare words of the grammar are none; quoted ones are.
    bool at_name() const;
    Result<std::string> name();
    Result<Path> path();
    // Whether a literal or a parameter begins here.
    bool at_value() const;
    // `place` is where numbers that are refused are said to be: "root", "root.x", "root[1]".
    Result<AttributeValue> value(const std::string& place = "root", int levels = nesting_max);
    Result<Item> struct_of(const std::string& place, int levels);  // {'k': v, ...}; of an insert where place is ""
    bool all_parameters_used() const { return parameter_ == parameters_.size(); }

    // Around what nests: an error beyond 100 levels.
    Status enter();
    void leave() { --depth_; }

  private:
    Result<AttributeValue> number(bool negative, const std::string& place);
    Result<AttributeValue> list(const std::string& place, int levels);
    Result<AttributeValue> set();

    std::vector<Token> tokens_;
    std::span<const AttributeValue> parameters_;
    size_t at_ = 0;
    size_t parameter_ = 0;
    int depth_ = 0;
};

// where.cc
Result<ConditionTree> parse_where(Reader& in);
// changes.cc: SET and REMOVE, until something else comes
Status parse_changes(Reader& in, UpdateTree* out);

}  // namespace millrace::table::partiql
