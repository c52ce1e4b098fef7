// Amazon Ion text in.
#include <algorithm>
#include <array>

#include <simdjson.h>

#include "src/table/value/ion_lexer.h"
#include "src/table/value/item_ion.h"
#include "src/table/value/sentences.h"

namespace millrace::table {
namespace {

Error invalid(std::string_view sentence) {
    return {ErrorCode::invalid_argument, std::string(sentence)};
}

class Parser {
  public:
    explicit Parser(std::string_view text) : in_(text) {}

    Result<Item> whole(int levels) {
        TRY(in_.skip_blanks());
        if (in_.peek() != '{' || in_.is_next("{{")) return in_.wrong("no struct");
        TRY_ASSIGN(Item item, fields(levels));
        TRY(in_.skip_blanks());
        if (!in_.at_end()) return in_.wrong("something after the struct");
        return item;
    }

  private:
    Result<AttributeMap> fields(int levels) {
        MILLRACE_CHECK(in_.take("{"));
        std::vector<AttributeMap::Entry> entries;
        for (;;) {
            TRY(in_.skip_blanks());
            if (in_.take("}")) return in_order(std::move(entries));
            TRY_ASSIGN(std::string name, field_name());
            TRY_ASSIGN(AttributeValue value, annotated(levels));
            entries.emplace_back(std::move(name), std::move(value));
            TRY(in_.skip_blanks());
            if (!in_.take(",") && in_.peek() != '}') return in_.wrong("no comma after a field");
        }
    }

    // A map takes names in order at once, however many there are.
    static Result<AttributeMap> in_order(std::vector<AttributeMap::Entry> entries) {
        std::sort(entries.begin(), entries.end(),
                  [](const auto& one, const auto& other) { return one.first < other.first; });
        AttributeMap map;
        map.reserve(entries.size());
        for (AttributeMap::Entry& entry : entries) {
            if (!map.add(entry.first, std::move(entry.second))) {
                return invalid("the attribute " + entry.first.substr(0, 100) + " is there twice");
            }
        }
        return map;
    }

    Result<std::string> field_name() {
        if (!in_.is_string_next() && !in_.is_symbol_next()) return in_.wrong("no field's name");
        TRY_ASSIGN(std::string name, in_.is_string_next() ? in_.string() : in_.symbol());
        TRY(in_.skip_blanks());
        if (in_.is_next("::") || !in_.take(":")) return in_.wrong("no colon after a field's name");
        if (name.empty()) return invalid(sentences::empty_name);
        if (name.size() > sentences::name_bytes_max) return invalid(sentences::long_name);
        return name;
    }

    // A value with what stands before it: $dynamodb_SS::[...]
    Result<AttributeValue> annotated(int levels) {
        TRY(in_.skip_blanks());
        if (!in_.is_symbol_next()) return value(levels);
        const bool is_quoted = in_.peek() == '\'';
        TRY_ASSIGN(const std::string symbol, in_.symbol());
        if (!is_quoted && symbol == "null") return null();
        TRY(in_.skip_blanks());
        if (!in_.take("::")) {
            if (!is_quoted && (symbol == "true" || symbol == "false")) return AttributeValue{symbol == "true"};
            return invalid("DynamoDB has no type for Ion's symbol: " + symbol.substr(0, 100));
        }
        TRY(in_.skip_blanks());
        if (symbol == "$dynamodb_SS") return set<StringSet, std::string>(sentences::empty_string_set);
        if (symbol == "$dynamodb_NS") return set<NumberSet, Number>(sentences::empty_number_set);
        if (symbol == "$dynamodb_BS") return set<BinarySet, Binary>(sentences::empty_binary_set);
        return invalid("DynamoDB has no meaning for the annotation " + symbol.substr(0, 100));
    }

    Result<AttributeValue> value(int levels) {
        if (in_.is_string_next()) {
            TRY_ASSIGN(std::string text, in_.string());
            return AttributeValue{std::move(text)};
        }
        if (in_.is_next("{{")) {
            TRY_ASSIGN(std::string bytes, in_.blob());
            return AttributeValue{Binary{std::move(bytes)}};
        }
        if (in_.peek() == '(') return invalid("DynamoDB has no type for Ion's sexp");
        if (in_.peek() == '{' || in_.peek() == '[') {
            if (levels == 0) return invalid(sentences::too_deep);
            if (in_.peek() == '[') return list(levels - 1);
            TRY_ASSIGN(AttributeMap map, fields(levels - 1));
            return AttributeValue{std::move(map)};
        }
        const std::string_view token = in_.token();
        if (token.empty()) return in_.wrong("no value");
        TRY_ASSIGN(const std::string digits, ion_number(token));
        TRY_ASSIGN(const Number number, Number::parse(digits));
        return AttributeValue{number};
    }

    Result<AttributeValue> list(int levels) {
        List list;
        TRY(elements([&]() -> Status {
            TRY_ASSIGN(AttributeValue value, annotated(levels));
            list.push_back(std::move(value));
            return {};
        }));
        return AttributeValue{std::move(list)};
    }

    template <class Each>
    Status elements(Each&& each) {
        if (!in_.take("[")) return in_.wrong("no list");
        for (;;) {
            TRY(in_.skip_blanks());
            if (in_.take("]")) return {};
            TRY(each());
            TRY(in_.skip_blanks());
            if (!in_.take(",") && in_.peek() != ']') return in_.wrong("no comma after an element");
        }
    }

    template <class Set, class Member>
    Result<AttributeValue> set(std::string_view if_empty) {
        decltype(Set::members) members;
        TRY(elements([&]() -> Status {
            TRY_ASSIGN(AttributeValue one, value(0));
            auto* member = one.as<Member>();
            if (member == nullptr) return invalid("a set has a member of another type");
            if constexpr (std::is_same_v<Member, Binary>) {
                members.push_back(std::move(member->bytes));
            } else {
                members.push_back(std::move(*member));
            }
            return {};
        }));
        if (members.empty()) return invalid(if_empty);
        Set set;
        if (!make_set(std::move(members), &set)) return invalid(sentences::duplicate_numbers);
        return AttributeValue{std::move(set)};
    }

    Result<AttributeValue> null() {  // of whatever type
        constexpr std::array<std::string_view, 13> types = {"null",      "bool",   "int",    "float", "decimal",
                                                            "timestamp", "symbol", "string", "clob",  "blob",
                                                            "list",      "sexp",   "struct"};
        if (!in_.take(".")) return AttributeValue{Null()};
        TRY_ASSIGN(const std::string type, in_.symbol());
        if (std::find(types.begin(), types.end(), type) == types.end()) return in_.wrong("a null of no type");
        return AttributeValue{Null()};
    }

    IonLexer in_;
};

}  // namespace

Result<Item> parse_item_ion(std::string_view text, int levels) {
    if (!simdjson::validate_utf8(text)) return invalid("not Ion: it is not UTF-8");
    return Parser(text).whole(levels);
}

}  // namespace millrace::table
