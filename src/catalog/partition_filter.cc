#include "src/catalog/partition_filter.h"

#include "src/catalog/lake.h"
#include "src/catalog/partition_value.h"

namespace millrace::catalog {

namespace {

constexpr int depth_max = 200;
constexpr size_t expression_bytes_max = 2048 * 4;  // Glue takes 2048 characters
constexpr std::string_view hive_null = "__HIVE_DEFAULT_PARTITION__";

enum class Truth : uint8_t { no, unknown, yes };
Truth truth_of(bool value) {
    return value ? Truth::yes : Truth::no;
}

}  // namespace

struct PartitionFilter::Node {
    enum class Kind : uint8_t { conjunction, disjunction, negation, equal, less, greater, in, like, is_null };
    Kind kind;
    std::vector<Node> children;  // of the first three
    size_t key = 0;
    PartitionType type = PartitionType::text;
    std::vector<std::string> literals;  // normalized

    Truth evaluate(const std::vector<std::string>& values) const {
        switch (kind) {
            case Kind::conjunction: {
                Truth all = Truth::yes;
                for (const Node& child : children) all = std::min(all, child.evaluate(values));
                return all;
            }
            case Kind::disjunction: {
                Truth any = Truth::no;
                for (const Node& child : children) any = std::max(any, child.evaluate(values));
                return any;
            }
            case Kind::negation: {
                const Truth truth = children[0].evaluate(values);
                return truth == Truth::unknown ? truth : truth_of(truth == Truth::no);
            }
            default:
                return evaluate_predicate(values[key]);
        }
    }

    Truth evaluate_predicate(const std::string& text) const {
        const auto value = text == hive_null ? std::nullopt : normalized(type, text);
        if (kind == Kind::is_null) return truth_of(!value);
        if (!value) return Truth::unknown;
        if (kind == Kind::like) return truth_of(catalog::like(*value, literals[0]));
        if (kind == Kind::in) {
            for (const std::string& literal : literals) {
                if (compare_values(type, *value, literal) == 0) return Truth::yes;
            }
            return Truth::no;
        }
        const auto order = compare_values(type, *value, literals[0]);
        return truth_of(kind == Kind::equal ? order == 0 : kind == Kind::less ? order < 0 : order > 0);
    }
};

namespace {

struct Token {
    enum class Kind : uint8_t { end, word, quoted_name, text, number, symbol };
    Kind kind = Kind::end;
    std::string text;   // words as written
    std::string upper;  // of words
};

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
}

char to_upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}

    // A token with kind end and `failed` set where the text has none.
    Token next(bool& failed) {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
        Token token;
        if (at_ == text_.size()) return token;
        const char c = text_[at_];
        if (c == '\'' || c == '"' || c == '`') return quoted(c, failed);
        const bool digit = c >= '0' && c <= '9';
        const bool signed_number = (c == '-' || c == '+' || c == '.') && at_ + 1 < text_.size() &&
                                   ((text_[at_ + 1] >= '0' && text_[at_ + 1] <= '9') || text_[at_ + 1] == '.');
        if (digit || signed_number) {
            const size_t begin = at_++;
            while (at_ < text_.size() && ((text_[at_] >= '0' && text_[at_] <= '9') || text_[at_] == '.')) ++at_;
            if (at_ < text_.size() && is_word_character(text_[at_])) failed = true;  // 12abc
            return {Token::Kind::number, std::string(text_.substr(begin, at_ - begin)), {}};
        }
        if (is_word_character(c)) {
            token.kind = Token::Kind::word;
            for (; at_ < text_.size() && is_word_character(text_[at_]); ++at_) {
                token.text.push_back(text_[at_]);
                token.upper.push_back(to_upper(text_[at_]));
            }
            return token;
        }
        for (const std::string_view symbol : {"<>", "<=", ">=", "!=", "=", "<", ">", "(", ")", ",", "{", "}"}) {
            if (!text_.substr(at_).starts_with(symbol)) continue;
            at_ += symbol.size();
            return {Token::Kind::symbol, std::string(symbol), {}};
        }
        failed = true;
        return token;
    }

  private:
    Token quoted(char quote, bool& failed) {
        Token token;
        token.kind = quote == '\'' ? Token::Kind::text : Token::Kind::quoted_name;
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] == quote) {
                if (at_ + 1 == text_.size() || text_[at_ + 1] != quote) {
                    ++at_;
                    return token;
                }
                ++at_;
            }
            token.text.push_back(text_[at_]);
        }
        failed = true;
        return token;
    }

    std::string_view text_;
    size_t at_ = 0;
};

}  // namespace

namespace {

// Template over the node so that the private type of PartitionFilter stays its own.
template <class Node>
class Parser {
  public:
    using Kind = typename Node::Kind;

    Parser(std::string_view expression, const std::vector<Column>& keys)
        : expression_(expression), keys_(keys), lexer_(expression) {
        advance();
    }

    bool at_end() const { return token_.kind == Token::Kind::end && !failed_; }

    Result<Node> parse_all() {
        TRY_ASSIGN(Node node, parse_or(0));
        if (!at_end()) return unexpected();
        return node;
    }

  private:
    void advance() { token_ = lexer_.next(failed_); }
    bool is_word(std::string_view word) const { return token_.kind == Token::Kind::word && token_.upper == word; }
    bool is_symbol(std::string_view symbol) const {
        return token_.kind == Token::Kind::symbol && token_.text == symbol;
    }
    bool take_word(std::string_view word) {
        if (!is_word(word)) return false;
        advance();
        return true;
    }
    bool take_symbol(std::string_view symbol) {
        if (!is_symbol(symbol)) return false;
        advance();
        return true;
    }

    Error invalid(std::string_view why) const {
        return {ErrorCode::invalid_argument,
                "Unsupported expression '" + std::string(expression_.substr(0, 300)) + "': " + std::string(why)};
    }
    Error unexpected() const {
        if (token_.kind == Token::Kind::end && !failed_) return invalid("it ends too early");
        return invalid("unexpected \"" + token_.text + "\"");
    }

    Result<Node> parse_or(int depth) {
        if (depth > depth_max) return invalid("it is nested too deep");
        TRY_ASSIGN(Node first, parse_and(depth));
        if (!is_word("OR")) return first;
        Node node{Kind::disjunction};
        node.children.push_back(std::move(first));
        while (take_word("OR")) {
            TRY_ASSIGN(Node next, parse_and(depth));
            node.children.push_back(std::move(next));
        }
        return node;
    }

    Result<Node> parse_and(int depth) {
        TRY_ASSIGN(Node first, parse_not(depth));
        if (!is_word("AND")) return first;
        Node node{Kind::conjunction};
        node.children.push_back(std::move(first));
        while (take_word("AND")) {
            TRY_ASSIGN(Node next, parse_not(depth));
            node.children.push_back(std::move(next));
        }
        return node;
    }

    Result<Node> parse_not(int depth) {
        if (depth > depth_max) return invalid("it is nested too deep");
        if (take_word("NOT")) {
            TRY_ASSIGN(Node child, parse_not(depth + 1));
            return negated(std::move(child));
        }
        if (take_symbol("(")) {
            TRY_ASSIGN(Node node, parse_or(depth + 1));
            if (!take_symbol(")")) return unexpected();
            return node;
        }
        return parse_predicate();
    }

    static Node negated(Node child) {
        Node node{Kind::negation};
        node.children.push_back(std::move(child));
        return node;
    }

    bool is_literal() const {
        if (token_.kind == Token::Kind::text || token_.kind == Token::Kind::number || is_symbol("{")) return true;
        return false;
    }

    Result<Node> parse_predicate() {
        if (is_literal()) return parse_flipped();
        TRY_ASSIGN(const size_t key, take_key());
        Node node{Kind::equal};
        TRY(set_key(node, key));
        if (take_word("IS")) {
            const bool negate = take_word("NOT");
            if (!take_word("NULL")) return unexpected();
            node.kind = Kind::is_null;
            return negate ? negated(std::move(node)) : std::move(node);
        }
        const bool negate = take_word("NOT");
        if (take_word("IN")) {
            TRY(parse_in(node));
        } else if (take_word("LIKE")) {
            node.kind = Kind::like;
            if (token_.kind != Token::Kind::text) return unexpected();
            node.literals.push_back(token_.text);
            advance();
        } else if (take_word("BETWEEN")) {
            TRY(parse_between(node));
        } else if (negate || token_.kind != Token::Kind::symbol) {
            return unexpected();
        } else {
            const std::string symbol = token_.text;
            advance();
            TRY(add_literal(node));
            return compared(std::move(node), symbol);
        }
        return negate ? negated(std::move(node)) : std::move(node);
    }

    // 5 < key is key > 5.
    Result<Node> parse_flipped() {
        Node literal{Kind::equal};
        std::string text;
        TRY_ASSIGN(text, take_literal());
        std::string symbol = token_.text;
        if (token_.kind != Token::Kind::symbol) return unexpected();
        advance();
        TRY_ASSIGN(const size_t key, take_key());
        TRY(set_key(literal, key));
        TRY(add_text(literal, text));
        if (symbol[0] == '<' && symbol != "<>") {
            symbol[0] = '>';
        } else if (symbol[0] == '>') {
            symbol[0] = '<';
        }
        return compared(std::move(literal), symbol);
    }

    Result<Node> compared(Node node, const std::string& symbol) const {
        if (symbol == "=") return node;
        if (symbol == "<>" || symbol == "!=") return negated(std::move(node));
        node.kind = symbol[0] == '<' ? Kind::less : Kind::greater;
        if (symbol == "<" || symbol == ">") return node;
        if (symbol != "<=" && symbol != ">=") return invalid("unexpected \"" + symbol + "\"");
        node.kind = symbol[0] == '<' ? Kind::greater : Kind::less;
        return negated(std::move(node));
    }

    Status parse_in(Node& node) {
        node.kind = Kind::in;
        if (!take_symbol("(")) return unexpected();
        do {
            TRY(add_literal(node));
        } while (take_symbol(","));
        if (!take_symbol(")")) return unexpected();
        return {};
    }

    // key BETWEEN a AND b is NOT (key < a OR key > b); with a NULL both sides are unknown, and so is the whole.
    Status parse_between(Node& node) {
        Node below = node, above = node;
        below.kind = Kind::less;
        above.kind = Kind::greater;
        TRY(add_literal(below));
        if (!take_word("AND")) return unexpected();
        TRY(add_literal(above));
        Node outside{Kind::disjunction};
        outside.children.push_back(std::move(below));
        outside.children.push_back(std::move(above));
        node = negated(std::move(outside));
        return {};
    }

    Result<size_t> take_key() {
        if (token_.kind != Token::Kind::word && token_.kind != Token::Kind::quoted_name) return unexpected();
        for (size_t i = 0; i < keys_.size(); ++i) {
            if (keys_[i].name.size() != token_.text.size()) continue;
            bool same = true;
            for (size_t j = 0; j < token_.text.size(); ++j) {
                same = same && to_upper(keys_[i].name[j]) == to_upper(token_.text[j]);
            }
            if (!same) continue;
            advance();
            return i;
        }
        return invalid("\"" + token_.text + "\" is not a partition key");
    }

    Status set_key(Node& node, size_t key) {
        const auto type = partition_type_of(keys_[key].type);
        if (!type) return invalid("a key of type " + keys_[key].type + " cannot be compared");
        node.key = key;
        node.type = *type;
        return {};
    }

    Status add_literal(Node& node) {
        TRY_ASSIGN(const std::string text, take_literal());
        return add_text(node, text);
    }

    Status add_text(Node& node, const std::string& text) {
        auto literal = normalized(node.type, text);
        // year < 2020.5 has no equal among integers, but an order.
        if (!literal && node.type == PartitionType::integer) literal = normalized(PartitionType::decimal, text);
        if (!literal) {
            return invalid("\"" + text + "\" is not of the type of the key " + keys_[node.key].name + ", " +
                           keys_[node.key].type);
        }
        node.literals.push_back(*std::move(literal));
        return {};
    }

    Result<std::string> take_literal() {
        const bool braced = take_symbol("{");  // JDBC's {d '...'} and {ts '...'}
        if (braced ? is_word("D") || is_word("TS") || is_word("T") : is_word("DATE") || is_word("TIMESTAMP")) {
            advance();
            if (token_.kind != Token::Kind::text) return unexpected();
        } else if (braced) {
            return unexpected();
        }
        if (token_.kind != Token::Kind::text && token_.kind != Token::Kind::number) return unexpected();
        std::string text = token_.text;
        advance();
        if (braced && !take_symbol("}")) return unexpected();
        return text;
    }

    std::string_view expression_;
    const std::vector<Column>& keys_;
    Lexer lexer_;
    Token token_;
    bool failed_ = false;
};

}  // namespace

PartitionFilter::PartitionFilter(std::unique_ptr<Node> root, size_t key_count)
    : root_(std::move(root)), key_count_(key_count) {}
PartitionFilter::PartitionFilter(PartitionFilter&&) noexcept = default;
PartitionFilter& PartitionFilter::operator=(PartitionFilter&&) noexcept = default;
PartitionFilter::~PartitionFilter() = default;

Result<PartitionFilter> PartitionFilter::parse(std::string_view expression, const std::vector<Column>& keys) {
    if (expression.size() > expression_bytes_max) {
        return Error{ErrorCode::invalid_argument, "the expression is longer than 2048 characters"};
    }
    Parser<Node> parser(expression, keys);
    if (parser.at_end()) return PartitionFilter(nullptr, keys.size());
    TRY_ASSIGN(Node root, parser.parse_all());
    return PartitionFilter(std::make_unique<Node>(std::move(root)), keys.size());
}

bool PartitionFilter::matches(const std::vector<std::string>& values) const {
    if (values.size() != key_count_) return false;
    return root_ == nullptr || root_->evaluate(values) == Truth::yes;
}

}  // namespace millrace::catalog
