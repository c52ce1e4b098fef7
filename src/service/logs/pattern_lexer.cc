#include "src/service/logs/pattern_lexer.h"

#include <cctype>
#include <charconv>

namespace millrace::service::logs {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
}

// '*' is any run of characters. Piece by piece, each at its first place: linear but for the search itself.
bool glob(std::string_view pattern, std::string_view text) {
    size_t star = pattern.find('*');
    if (star == pattern.npos) return pattern == text;
    if (!text.starts_with(pattern.substr(0, star))) return false;
    text.remove_prefix(star);
    pattern.remove_prefix(star + 1);
    while ((star = pattern.find('*')) != pattern.npos) {
        const size_t found = text.find(pattern.substr(0, star));
        if (found == text.npos) return false;
        text.remove_prefix(found + star);
        pattern.remove_prefix(star + 1);
    }
    return text.ends_with(pattern);
}

bool ordered(Comparison::Operator how, double a, double b) {
    using enum Comparison::Operator;
    switch (how) {
        case equal:
            return a == b;
        case unequal:
            return a != b;
        case less:
            return a < b;
        case less_or_equal:
            return a <= b;
        case greater:
            return a > b;
        case greater_or_equal:
            return a >= b;
    }
    return false;
}

}  // namespace

void Lexer::skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

bool Lexer::at_end() {
    skip_space();
    return at_ == text_.size();
}

char Lexer::peek() {
    return at_end() ? '\0' : text_[at_];
}

bool Lexer::accept(std::string_view what) {
    skip_space();
    if (!text_.substr(at_).starts_with(what)) return false;
    at_ += what.size();
    return true;
}

bool Lexer::accept_word(std::string_view what) {
    skip_space();
    const std::string_view rest = text_.substr(at_);
    if (rest.size() < what.size() || (rest.size() > what.size() && is_name(rest[what.size()]))) return false;
    for (size_t i = 0; i < what.size(); ++i) {
        if (std::toupper(static_cast<unsigned char>(rest[i])) != what[i]) return false;
    }
    at_ += what.size();
    return true;
}

std::string_view Lexer::name() {
    const size_t from = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    return text_.substr(from, at_ - from);
}

std::string_view Lexer::until(std::string_view stops) {
    const size_t from = at_;
    while (at_ < text_.size() && !is_space(text_[at_]) && stops.find(text_[at_]) == stops.npos) ++at_;
    return text_.substr(from, at_ - from);
}

Result<std::string> Lexer::quoted(char quote) {
    std::string out;
    while (at_ < text_.size() && text_[at_] != quote) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
        out.push_back(text_[at_++]);
    }
    if (at_ == text_.size()) return error("a quotation does not end");
    ++at_;
    return out;
}

Error Lexer::error(std::string_view what) const {
    return {ErrorCode::invalid_argument,
            "Invalid filter pattern: " + std::string(what) + ", at character " + std::to_string(at_ + 1)};
}

std::optional<double> number_of(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

bool Comparison::holds(std::string_view value) const {
    if (how == Operator::equal || how == Operator::unequal) {
        const std::optional<double> given = number ? number_of(value) : std::nullopt;
        const bool same = given ? *given == *number : glob(text, value);
        return same == (how == Operator::equal);
    }
    const std::optional<double> given = number_of(value);
    return given && ordered(how, *given, *number);
}

bool Comparison::holds(double value, std::string_view as_text) const {
    if (number) return ordered(how, value, *number);
    return holds(as_text);
}

Result<Comparison> read_comparison(Lexer& lexer, std::string_view stops) {
    using enum Comparison::Operator;
    Comparison comparison;
    if (lexer.accept("!=")) {
        comparison.how = unequal;
    } else if (lexer.accept("<=")) {
        comparison.how = less_or_equal;
    } else if (lexer.accept(">=")) {
        comparison.how = greater_or_equal;
    } else if (lexer.accept("<")) {
        comparison.how = less;
    } else if (lexer.accept(">")) {
        comparison.how = greater;
    } else if (!lexer.accept("=")) {
        return lexer.error("a comparison has to be one of = != < <= > >=");
    }
    if (lexer.peek() == '%') {
        return Error{ErrorCode::unsupported, "Millrace does not honour regular expressions (%) in filter patterns"};
    }
    if (lexer.accept("\"")) {
        TRY_ASSIGN(comparison.text, lexer.quoted('"'));
    } else {
        lexer.skip_space();
        comparison.text = lexer.until(stops);
        if (comparison.text.empty()) return lexer.error("a value is missing");
        comparison.number = number_of(comparison.text);
    }
    const bool by_order = comparison.how != equal && comparison.how != unequal;
    if (by_order && !comparison.number) return lexer.error("< <= > >= compare numbers alone");
    return comparison;
}

}  // namespace millrace::service::logs
