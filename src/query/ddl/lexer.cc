#include "src/query/ddl/lexer.h"

#include <cctype>

namespace millrace::query {

namespace {

bool word_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || (c & 0x80) != 0;
}

void append_utf8(uint32_t code, std::string* out) {
    if (code < 0x80) {
        out->push_back(static_cast<char>(code));
    } else if (code < 0x800) {
        out->push_back(static_cast<char>(0xc0 | code >> 6));
        out->push_back(static_cast<char>(0x80 | (code & 0x3f)));
    } else {
        out->push_back(static_cast<char>(0xe0 | code >> 12));
        out->push_back(static_cast<char>(0x80 | (code >> 6 & 0x3f)));
        out->push_back(static_cast<char>(0x80 | (code & 0x3f)));
    }
}

// Digits of `base` from `at` on, exactly `count` of them; false where there are fewer.
bool digits(std::string_view sql, size_t at, size_t count, uint32_t base, uint32_t* value) {
    if (at + count > sql.size()) return false;
    *value = 0;
    for (size_t i = 0; i < count; ++i) {
        const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(sql[at + i])));
        uint32_t digit = base;
        if (c >= '0' && c <= '9') digit = static_cast<uint32_t>(c - '0');
        if (c >= 'a' && c <= 'f') digit = static_cast<uint32_t>(c - 'a' + 10);
        if (digit >= base) return false;
        *value = *value * base + digit;
    }
    return true;
}

// One escape of Hive's, `at` being the character after the backslash. Returns where to go on.
size_t unescape(std::string_view sql, size_t at, std::string* out) {
    uint32_t value = 0;
    if (sql[at] == 'u' && digits(sql, at + 1, 4, 16, &value)) {
        append_utf8(value, out);
        return at + 5;
    }
    if (digits(sql, at, 3, 8, &value) && value < 256) {
        out->push_back(static_cast<char>(value));
        return at + 3;
    }
    switch (sql[at]) {
        case 't':
            out->push_back('\t');
            break;
        case 'n':
            out->push_back('\n');
            break;
        case 'r':
            out->push_back('\r');
            break;
        case 'b':
            out->push_back('\b');
            break;
        case '0':
            out->push_back('\0');
            break;
        default:
            out->push_back(sql[at]);
    }
    return at + 1;
}

// Reads up to the closing `mark`; a doubled mark is one. Npos where there is none.
size_t read_quoted(std::string_view sql, size_t at, char mark, bool escapes, std::string* out) {
    while (at < sql.size()) {
        if (sql[at] == mark) {
            if (at + 1 >= sql.size() || sql[at + 1] != mark) return at + 1;
            out->push_back(mark);
            at += 2;
        } else if (escapes && sql[at] == '\\' && at + 1 < sql.size()) {
            at = unescape(sql, at + 1, out);
        } else {
            out->push_back(sql[at++]);
        }
    }
    return std::string_view::npos;
}

}  // namespace

bool DdlToken::is(std::string_view upper_word) const {
    if (kind != Kind::word || text.size() != upper_word.size()) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        if (std::toupper(static_cast<unsigned char>(text[i])) != upper_word[i]) return false;
    }
    return true;
}

std::string position_of(std::string_view sql, size_t at) {
    size_t line = 1;
    size_t column = 1;
    for (size_t i = 0; i < at && i < sql.size(); ++i) {
        ++column;
        if (sql[i] == '\n') {
            ++line;
            column = 1;
        }
    }
    return "line " + std::to_string(line) + ":" + std::to_string(column);
}

Result<std::vector<DdlToken>> tokenize_ddl(std::string_view sql) {
    std::vector<DdlToken> tokens;
    size_t at = 0;
    while (at < sql.size()) {
        const char c = sql[at];
        if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            ++at;
            continue;
        }
        if (sql.substr(at).starts_with("--")) {
            at = std::min(sql.find('\n', at), sql.size());
            continue;
        }
        if (sql.substr(at).starts_with("/*")) {
            const size_t end = sql.find("*/", at + 2);
            at = end == std::string_view::npos ? sql.size() : end + 2;
            continue;
        }
        DdlToken token;
        token.begin = at;
        if (c == '\'' || c == '"' || c == '`') {
            token.kind = c == '\''  ? DdlToken::Kind::string
                         : c == '"' ? DdlToken::Kind::double_quoted
                                    : DdlToken::Kind::quoted_name;
            at = read_quoted(sql, at + 1, c, c != '`', &token.text);
            if (at == std::string_view::npos) {
                return Error{ErrorCode::invalid_argument,
                             position_of(sql, token.begin) + ": a quote (" + std::string(1, c) + ") is not closed"};
            }
        } else if (word_character(c)) {
            bool number = true;
            while (at < sql.size() && word_character(sql[at])) {
                number &= std::isdigit(static_cast<unsigned char>(sql[at])) != 0;
                token.text += sql[at++];
            }
            token.kind = number ? DdlToken::Kind::number : DdlToken::Kind::word;
        } else {
            token.kind = DdlToken::Kind::symbol;
            token.text = c;
            ++at;
        }
        token.end = at;
        tokens.push_back(std::move(token));
    }
    DdlToken end;
    end.begin = end.end = sql.size();
    end.text = "<EOF>";
    tokens.push_back(std::move(end));
    return tokens;
}

}  // namespace millrace::query
