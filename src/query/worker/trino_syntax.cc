#include "src/query/worker/trino_syntax.h"

#include <cctype>
#include <vector>

namespace millrace::query {

namespace {

constexpr int nesting_max = 32;

// A piece of the text: a word, a quoted run, a comment, white space, or one other character.
struct Token {
    enum class Kind : unsigned char { word, quoted, space, symbol };
    Kind kind;
    std::string_view text;
};

bool word_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || (c & 0x80) != 0;
}

std::vector<Token> split(std::string_view sql) {
    std::vector<Token> tokens;
    size_t at = 0;
    while (at < sql.size()) {
        const size_t begin = at;
        const char c = sql[at];
        auto kind = Token::Kind::symbol;
        if (c == '\'' || c == '"') {
            kind = Token::Kind::quoted;
            // A doubled quote is two quoted runs side by side: nothing between them to misread.
            const size_t end = sql.find(c, at + 1);
            at = end == std::string_view::npos ? sql.size() : end + 1;
        } else if (sql.substr(at).starts_with("--")) {
            kind = Token::Kind::space;
            const size_t end = sql.find('\n', at);
            at = end == std::string_view::npos ? sql.size() : end;
        } else if (sql.substr(at).starts_with("/*")) {
            kind = Token::Kind::space;
            const size_t end = sql.find("*/", at + 2);
            at = end == std::string_view::npos ? sql.size() : end + 2;
        } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            kind = Token::Kind::space;
            ++at;
        } else if (word_character(c)) {
            kind = Token::Kind::word;
            while (at < sql.size() && word_character(sql[at])) ++at;
        } else {
            ++at;
        }
        tokens.push_back({kind, sql.substr(begin, at - begin)});
    }
    return tokens;
}

bool is_word(const Token& token, std::string_view lower) {
    if (token.kind != Token::Kind::word || token.text.size() != lower.size()) return false;
    for (size_t i = 0; i < lower.size(); ++i) {
        if (std::tolower(static_cast<unsigned char>(token.text[i])) != lower[i]) return false;
    }
    return true;
}

bool is_symbol(const Token& token, char symbol) {
    return token.kind == Token::Kind::symbol && token.text[0] == symbol;
}

class Translator {
  public:
    explicit Translator(std::string_view sql) : tokens_(split(sql)) {}

    std::string whole() {
        std::string out;
        bool after_as = false;  // inside CAST(... AS: a type comes
        while (at_ < tokens_.size()) {
            const Token& token = tokens_[at_];
            if (token.kind == Token::Kind::space) {
                out += token.text;
                ++at_;
                continue;
            }
            if (after_as && is_word(token, "array")) {
                out += type(0);
                after_as = false;
                continue;
            }
            if (after_as && (is_word(token, "map") || is_word(token, "row"))) {
                out += type(0);
                after_as = false;
                continue;
            }
            after_as = is_word(token, "as");
            if (is_word(token, "values")) {
                out += token.text;
                ++at_;
                out += values();
                continue;
            }
            out += token.text;
            ++at_;
        }
        return out;
    }

  private:
    size_t next_solid(size_t from) const {
        while (from < tokens_.size() && tokens_[from].kind == Token::Kind::space) ++from;
        return from;
    }

    // A type from here on: array(T) -> T[], with what stands in its parentheses translated as well. Anything that is
    // not a type after all passes as it is (an alias called "array", say).
    std::string type(int depth) {
        const Token head = tokens_[at_++];
        const size_t open = next_solid(at_);
        const bool angle = open < tokens_.size() && is_symbol(tokens_[open], '<');
        if (depth > nesting_max || open >= tokens_.size() || !(angle || is_symbol(tokens_[open], '('))) {
            return std::string(head.text);
        }
        at_ = open + 1;
        std::string inside;
        int parentheses = 0;
        while (at_ < tokens_.size()) {
            const Token& token = tokens_[at_];
            if (parentheses == 0 && is_symbol(token, angle ? '>' : ')')) break;
            if (is_word(token, "array") || is_word(token, "map") || is_word(token, "row")) {
                inside += type(depth + 1);
                continue;
            }
            if (is_symbol(token, '(')) ++parentheses;
            if (is_symbol(token, ')')) --parentheses;
            inside += token.text;
            ++at_;
        }
        if (at_ < tokens_.size()) ++at_;
        if (is_word(head, "array")) return inside + "[]";
        return std::string(head.text) + "(" + inside + ")";
    }

    // After VALUES: where the first row has no parentheses, every top-level item gets a pair.
    std::string values() {
        const size_t first = next_solid(at_);
        if (first >= tokens_.size() || is_symbol(tokens_[first], '(') || is_word(tokens_[first], "row")) return {};
        std::string out = " (";
        int parentheses = 0;
        at_ = first;
        while (at_ < tokens_.size()) {
            const Token& token = tokens_[at_];
            if (parentheses == 0) {
                if (is_symbol(token, ')') || is_symbol(token, ';') || is_word(token, "order") ||
                    is_word(token, "limit") || is_word(token, "union") || is_word(token, "except") ||
                    is_word(token, "intersect") || is_word(token, "offset") || is_word(token, "fetch")) {
                    break;
                }
                if (is_symbol(token, ',')) {
                    out += "), (";
                    ++at_;
                    continue;
                }
            }
            if (is_symbol(token, '(') || is_symbol(token, '[')) ++parentheses;
            if (is_symbol(token, ')') || is_symbol(token, ']')) --parentheses;
            out += token.text;
            ++at_;
        }
        return out + ") ";
    }

    std::vector<Token> tokens_;
    size_t at_ = 0;
};

}  // namespace

std::string translate_syntax(std::string_view sql) {
    return Translator(sql).whole();
}

}  // namespace millrace::query
