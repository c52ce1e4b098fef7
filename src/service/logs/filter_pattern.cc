#include "src/service/logs/filter_pattern.h"

#include <vector>

#include "src/service/logs/pattern_lexer.h"

namespace millrace::service::logs {
namespace {

class Terms final : public FilterPattern::Matcher {
  public:
    std::vector<std::string> required, any, excluded;

    bool matches(std::string_view message) const override {
        const auto occurs = [&](const std::string& term) { return message.find(term) != message.npos; };
        for (const std::string& term : required) {
            if (!occurs(term)) return false;
        }
        for (const std::string& term : excluded) {
            if (occurs(term)) return false;
        }
        if (!required.empty() || !excluded.empty() || any.empty()) return true;
        for (const std::string& term : any) {
            if (occurs(term)) return true;
        }
        return false;
    }
};

}  // namespace

Result<MatcherPointer> compile_terms(std::string_view text) {
    Lexer lexer(text);
    auto terms = std::make_shared<Terms>();
    while (!lexer.at_end()) {
        std::vector<std::string>* into = &terms->required;
        if (lexer.accept("?")) into = &terms->any;
        if (into == &terms->required && lexer.accept("-")) into = &terms->excluded;
        if (lexer.peek() == '%') {
            return Error{ErrorCode::unsupported, "Millrace does not honour regular expressions (%) in filter patterns"};
        }
        if (lexer.accept("\"")) {
            TRY_ASSIGN(into->emplace_back(), lexer.quoted('"'));
            continue;
        }
        const std::string_view term = lexer.until("\"");
        if (term.empty()) return lexer.error("a term is missing");
        into->emplace_back(term);
    }
    return MatcherPointer(terms);
}

Result<FilterPattern> FilterPattern::compile(std::string_view text) {
    FilterPattern pattern;
    const size_t first = text.find_first_not_of(" \t\r\n");
    if (first == text.npos) return pattern;
    text.remove_prefix(first);
    const auto compiled = text[0] == '{'   ? compile_json(text)
                          : text[0] == '[' ? compile_fields(text)
                                           : compile_terms(text);
    if (!compiled.ok()) return compiled.error();
    pattern.matcher_ = *compiled;
    return pattern;
}

}  // namespace millrace::service::logs
