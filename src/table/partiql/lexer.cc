#include "src/table/partiql/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace millrace::table::partiql {
namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

size_t characters(std::string_view text) {
    return static_cast<size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// A number's exponent must fit 32 bits, and so must the digits behind the point less the exponent.
bool fits(std::string_view number) {
    const size_t mark = number.find_first_of("eE");
    if (mark == std::string_view::npos) return true;
    std::string_view digits = number.substr(mark + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    int64_t exponent = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (read.ec != std::errc() || exponent > INT32_MAX || exponent < INT32_MIN) return false;
    const size_t point = number.substr(0, mark).find('.');
    const auto behind = point == std::string_view::npos ? 0 : static_cast<int64_t>(mark - point - 1);
    return behind - exponent <= INT32_MAX;
}

class Lexer {
  public:
    explicit Lexer(std::string_view statement) : rest_(statement) {}

    Result<std::vector<Token>> all() {
        std::vector<Token> tokens;
        while (true) {
            TRY(skip_space());
            if (rest_.empty()) break;
            TRY_ASSIGN(Token token, next());
            tokens.push_back(std::move(token));
        }
        tokens.push_back({TokenKind::end, "", rest_, line_, column_});
        return tokens;
    }

  private:
    void advance(size_t size) {
        for (const char c : rest_.substr(0, size)) {
            if (c == '\n') {
                ++line_;
                column_ = 1;
            } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
                ++column_;
            }
        }
        rest_.remove_prefix(size);
    }

    Status skip_space() {
        while (!rest_.empty()) {
            const char c = rest_.front();
            if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
                advance(1);
            } else if (rest_.starts_with("--")) {
                advance(std::min(rest_.find('\n'), rest_.size()));
            } else if (rest_.starts_with("/*")) {
                const size_t end = rest_.find("*/", 2);
                if (end == std::string_view::npos) return malformed("");
                advance(end + 2);
            } else {
                break;
            }
        }
        return {};
    }

    Token take(TokenKind kind, size_t size, std::string value) {
        Token token{kind, std::move(value), rest_.substr(0, size), line_, column_};
        advance(size);
        return token;
    }

    Result<Token> next() {
        const char c = rest_.front();
        if (c == '\'' || c == '"') return quoted(c);
        if (is_digit(c) || (c == '.' && rest_.size() > 1 && is_digit(rest_[1]))) return number();
        if (is_letter(c)) {
            size_t size = 1;
            while (size < rest_.size() && (is_letter(rest_[size]) || is_digit(rest_[size]))) ++size;
            return take(TokenKind::word, size, std::string(rest_.substr(0, size)));
        }
        constexpr std::array<std::string_view, 6> pairs = {"<<", ">>", "<>", "<=", ">=", "!="};
        for (const auto pair : pairs) {
            if (rest_.starts_with(pair)) return take(TokenKind::symbol, 2, std::string(pair));
        }
        if (std::string_view("()[]{},.:?*=<>+-;").find(c) == std::string_view::npos) return malformed("");
        return take(TokenKind::symbol, 1, std::string(1, c));
    }

    // A doubled quote stands for itself.
    Result<Token> quoted(char quote) {
        std::string value;
        for (size_t at = 1; at < rest_.size(); ++at) {
            if (rest_[at] != quote) {
                value.push_back(rest_[at]);
            } else if (at + 1 < rest_.size() && rest_[at + 1] == quote) {
                value.push_back(quote);
                ++at;
            } else {
                return take(quote == '"' ? TokenKind::quoted : TokenKind::text, at + 1, std::move(value));
            }
        }
        return malformed("");
    }

    Result<Token> number() {
        size_t size = 0;
        const auto digits = [&] {
            while (size < rest_.size() && is_digit(rest_[size])) ++size;
        };
        digits();
        if (size < rest_.size() && rest_[size] == '.') {
            ++size;
            digits();
        }
        if (size < rest_.size() && (rest_[size] == 'e' || rest_[size] == 'E')) {
            size_t exponent = size + 1;
            if (exponent < rest_.size() && (rest_[exponent] == '+' || rest_[exponent] == '-')) ++exponent;
            if (exponent < rest_.size() && is_digit(rest_[exponent])) {
                size = exponent;
                digits();
            }
        }
        const std::string_view text = rest_.substr(0, size);
        if (!fits(text) || (size < rest_.size() && is_letter(rest_[size]))) return malformed("");
        return take(TokenKind::number, size, std::string(text));
    }

    std::string_view rest_;
    size_t line_ = 1;
    size_t column_ = 1;
};

}  // namespace

Error malformed(std::string_view detail) {
    return {ErrorCode::invalid_argument,
            std::string("Statement wasn't well formed, can't be processed: ").append(detail)};
}

Result<std::vector<Token>> tokens_of(std::string_view statement) {
    return Lexer(statement).all();
}

bool is_word(const Token& token, std::string_view upper_case) {
    return token.kind == TokenKind::word && token.value.size() == upper_case.size() &&
           std::equal(token.value.begin(), token.value.end(), upper_case.begin(),
                      [](char a, char b) { return upper(a) == b; });
}

std::string lower_case(std::string_view word) {
    std::string lower(word);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lower;
}

std::string place_of(const Token& token) {
    return " at " + std::to_string(token.line) + ":" + std::to_string(token.column) + ":" +
           std::to_string(characters(token.text));
}

}  // namespace millrace::table::partiql
