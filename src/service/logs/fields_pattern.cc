// [ip, user, ..., status = 4*, bytes]: a message as fields between spaces, and what is asked of each.
#include <vector>

#include "src/service/logs/filter_pattern.h"
#include "src/service/logs/pattern_lexer.h"

namespace millrace::service::logs {
namespace {

// Alternatives of conjunctions. Empty: anything.
struct Field {
    bool rest = false;  // "...": any number of fields
    std::vector<std::vector<Comparison>> any;

    bool takes(std::string_view value) const {
        for (const std::vector<Comparison>& all : any) {
            bool holds = true;
            for (const Comparison& one : all) holds = holds && one.holds(value);
            if (holds) return true;
        }
        return any.empty();
    }
};

// Between spaces; what is in "" or [] is one field, without them.
std::vector<std::string_view> split(std::string_view message, size_t count_max) {
    std::vector<std::string_view> fields;
    size_t at = 0;
    while (fields.size() <= count_max) {
        at = message.find_first_not_of(" \t\r\n", at);
        if (at == message.npos) break;
        const char close = message[at] == '"' ? '"' : message[at] == '[' ? ']' : '\0';
        const size_t end = close ? message.find(close, at + 1) : message.npos;
        if (close && end != message.npos) {
            fields.push_back(message.substr(at + 1, end - at - 1));
            at = end + 1;
            continue;
        }
        const size_t space = std::min(message.find_first_of(" \t\r\n", at), message.size());
        fields.push_back(message.substr(at, space - at));
        at = space;
    }
    return fields;
}

constexpr size_t message_fields_max = 10'000;  // ours: of a longer line no field pattern takes anything

class FieldsMatcher final : public FilterPattern::Matcher {
  public:
    std::vector<Field> before, after;
    bool rest = false;

    bool matches(std::string_view message) const override {
        const std::vector<std::string_view> fields = split(message, message_fields_max);
        const size_t named = before.size() + after.size();
        if (fields.size() > message_fields_max || fields.size() < named) return false;
        if (!rest && fields.size() != named) return false;
        for (size_t i = 0; i < before.size(); ++i) {
            if (!before[i].takes(fields[i])) return false;
        }
        for (size_t i = 0; i < after.size(); ++i) {
            if (!after[i].takes(fields[fields.size() - after.size() + i])) return false;
        }
        return true;
    }
};

// NAME, or NAME = VALUE && NAME != VALUE || ...
Result<Field> read_field(Lexer& lexer) {
    Field field;
    if (lexer.accept("...")) {
        field.rest = true;
        return field;
    }
    std::string name;
    const auto read_name = [&]() -> Status {
        lexer.skip_space();
        const std::string_view read = lexer.name();
        if (read.empty()) return lexer.error("a field's name is missing");
        if (!name.empty() && read != name) return lexer.error("a field is compared by its own name");
        name = read;
        return {};
    };
    TRY(read_name());
    if (lexer.peek() == ',' || lexer.peek() == ']') return field;
    do {
        std::vector<Comparison>& all = field.any.emplace_back();
        do {
            if (!all.empty() || field.any.size() > 1) TRY(read_name());
            TRY_ASSIGN(all.emplace_back(), read_comparison(lexer, ",]&|"));
        } while (lexer.accept("&&"));
    } while (lexer.accept("||"));
    return field;
}

}  // namespace

Result<MatcherPointer> compile_fields(std::string_view text) {
    Lexer lexer(text);
    auto matcher = std::make_shared<FieldsMatcher>();
    lexer.accept("[");
    do {
        TRY_ASSIGN(Field field, read_field(lexer));
        if (field.rest && matcher->rest) return lexer.error("... may stand once");
        if (field.rest)
            matcher->rest = true;
        else
            (matcher->rest ? matcher->after : matcher->before).push_back(std::move(field));
    } while (lexer.accept(","));
    if (!lexer.accept("]")) return lexer.error(", or ] is missing");
    if (!lexer.at_end()) return lexer.error("nothing may follow ]");
    return MatcherPointer(matcher);
}

}  // namespace millrace::service::logs
