// { $.a.b = "x" && ... }: a message that is JSON, and what is asked of its members.
#include <charconv>
#include <variant>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "src/service/logs/filter_pattern.h"
#include "src/service/logs/pattern_lexer.h"

namespace millrace::service::logs {
namespace {

namespace json = boost::json;

constexpr int depth_max = 32;

using Step = std::variant<std::string, size_t>;

struct Condition {
    enum class Kind : uint8_t { compare, is_null, is_true, is_false, exists, not_exists };
    std::vector<Step> path;
    Kind kind = Kind::compare;
    Comparison comparison;

    bool holds(const json::value& root) const {
        const json::value* at = &root;
        for (const Step& step : path) {
            if (const auto* name = std::get_if<std::string>(&step)) {
                at = at->is_object() ? at->get_object().if_contains(*name) : nullptr;
            } else {
                at = at->is_array() ? at->get_array().if_contains(std::get<size_t>(step)) : nullptr;
            }
            if (!at) return kind == Kind::not_exists;
        }
        switch (kind) {
            case Kind::not_exists:
                return false;
            case Kind::exists:
                return true;
            case Kind::is_null:
                return at->is_null();
            case Kind::is_true:
                return at->is_bool() && at->get_bool();
            case Kind::is_false:
                return at->is_bool() && !at->get_bool();
            case Kind::compare:
                break;
        }
        if (at->is_string()) return comparison.holds(std::string_view(at->get_string()));
        if (at->is_number()) return comparison.holds(at->to_number<double>(), json::serialize(*at));
        if (at->is_bool()) return comparison.holds(at->get_bool() ? "true" : "false");
        return false;
    }
};

// Alternatives of conjunctions, as a tree.
struct Node {
    enum class Kind : uint8_t { all, any, condition };
    Kind kind = Kind::condition;
    std::vector<Node> parts;
    Condition condition;

    bool holds(const json::value& root) const {
        if (kind == Kind::condition) return condition.holds(root);
        for (const Node& part : parts) {
            if (part.holds(root) == (kind == Kind::any)) return kind == Kind::any;
        }
        return kind == Kind::all;
    }
};

class JsonMatcher final : public FilterPattern::Matcher {
  public:
    Node root;
    bool matches(std::string_view message) const override {
        json::error_code error;
        const json::value value = json::parse(json::string_view(message.data(), message.size()), error);
        return !error && root.holds(value);
    }
};

class Parser {
  public:
    explicit Parser(std::string_view text) : lexer_(text) {}

    Result<Node> pattern() {
        if (!lexer_.accept("{")) return lexer_.error("{ is missing");
        TRY_ASSIGN(Node root, any(0));
        if (!lexer_.accept("}")) return lexer_.error("&&, || or } is missing");
        if (!lexer_.at_end()) return lexer_.error("nothing may follow }");
        return root;
    }

  private:
    Result<Node> any(int depth) {
        Node node{Node::Kind::any, {}, {}};
        do {
            TRY_ASSIGN(node.parts.emplace_back(), all(depth));
        } while (lexer_.accept("||"));
        return node;
    }
    Result<Node> all(int depth) {
        Node node{Node::Kind::all, {}, {}};
        do {
            TRY_ASSIGN(node.parts.emplace_back(), one(depth));
        } while (lexer_.accept("&&"));
        return node;
    }
    Result<Node> one(int depth) {
        if (depth > depth_max) return lexer_.error("parentheses lie too deep");
        if (!lexer_.accept("(")) return condition();
        TRY_ASSIGN(Node node, any(depth + 1));
        if (!lexer_.accept(")")) return lexer_.error(") is missing");
        return node;
    }
    Result<Node> condition() {
        Node node;
        TRY_ASSIGN(node.condition.path, path());
        using Kind = Condition::Kind;
        if (lexer_.accept_word("IS")) {
            if (lexer_.accept_word("NULL"))
                node.condition.kind = Kind::is_null;
            else if (lexer_.accept_word("TRUE"))
                node.condition.kind = Kind::is_true;
            else if (lexer_.accept_word("FALSE"))
                node.condition.kind = Kind::is_false;
            else
                return lexer_.error("NULL, TRUE or FALSE has to follow IS");
            return node;
        }
        if (lexer_.accept_word("NOT")) {
            if (!lexer_.accept_word("EXISTS")) return lexer_.error("EXISTS has to follow NOT");
            node.condition.kind = Kind::not_exists;
            return node;
        }
        if (lexer_.accept_word("EXISTS")) {
            node.condition.kind = Kind::exists;
            return node;
        }
        TRY_ASSIGN(node.condition.comparison, read_comparison(lexer_, "()&|}"));
        return node;
    }
    Result<std::vector<Step>> path() {
        if (!lexer_.accept("$")) return lexer_.error("a selector begins with $");
        std::vector<Step> steps;
        while (true) {
            const bool dot = lexer_.accept(".");
            if (lexer_.accept("[")) {
                TRY_ASSIGN(steps.emplace_back(), bracketed());
            } else if (dot) {
                if (lexer_.peek() == '*') return wildcard();
                const std::string_view name = lexer_.name();
                if (name.empty()) return lexer_.error("a name has to follow the dot");
                steps.emplace_back(std::string(name));
            } else {
                break;
            }
        }
        if (steps.empty()) return lexer_.error("a selector names a member: $.name");
        return steps;
    }
    Result<Step> bracketed() {
        for (const char quote : {'\'', '"'}) {
            if (!lexer_.accept(std::string_view(&quote, 1))) continue;
            TRY_ASSIGN(std::string name, lexer_.quoted(quote));
            if (!lexer_.accept("]")) return lexer_.error("] is missing");
            return Step(std::move(name));
        }
        if (lexer_.peek() == '*') return wildcard();
        const std::string_view digits = lexer_.name();
        size_t index = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
        if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
            return lexer_.error("a number has to follow [");
        }
        if (!lexer_.accept("]")) return lexer_.error("] is missing");
        return Step(index);
    }
    static Error wildcard() {
        return {ErrorCode::unsupported, "Millrace does not honour wildcard selectors (*) in filter patterns"};
    }

    Lexer lexer_;
};

}  // namespace

Result<MatcherPointer> compile_json(std::string_view text) {
    auto matcher = std::make_shared<JsonMatcher>();
    TRY_ASSIGN(matcher->root, Parser(text).pattern());
    return MatcherPointer(matcher);
}

}  // namespace millrace::service::logs
