#include "src/vtl/json_path.h"

#include <charconv>
#include <vector>

#include "src/vtl/json_path_compare.h"

namespace millrace::vtl {
namespace {

constexpr int nesting_max = 32;

struct Condition;

struct Step {
    enum class Kind : uint8_t { names, indexes, slice, all, descend, filter, length, aggregate } kind = Kind::names;
    std::vector<std::string> names;
    std::vector<int64_t> indexes;
    std::optional<int64_t> first, last;  // of a slice
    std::shared_ptr<const Condition> condition;
    bool of_each = false;  // a filter after ..: whatever is below is asked, not the items of lists once more
    bool definite() const {
        return kind == Kind::length || kind == Kind::aggregate || kind == Kind::names ||
               (kind == Kind::indexes && indexes.size() == 1);
    }
};
using Steps = std::vector<Step>;

struct Operand {
    std::optional<Steps> path;  // from @ or $
    bool from_root = false;
    Value literal;
    Pattern pattern;  // of =~
};

// a && b || c, comparisons and existence.
struct Condition {
    enum class Kind : uint8_t { exists, compare, matches, and_, or_, not_ } kind;
    Comparison how = Comparison::equal;  // of compare
    Operand left, right;
    std::vector<std::shared_ptr<const Condition>> parts;
};

class Walker {
  public:
    Walker(const Value& root, size_t values_max) : root_(root), left_(values_max) {}

    std::vector<Value> walk(const Value& from, const Steps& steps) {
        std::vector<Value> now = {from};
        for (const Step& step : steps) {
            std::vector<Value> next;
            for (const Value& value : now) take(value, step, &next);
            now = std::move(next);
        }
        return now;
    }

  private:
    void push(std::vector<Value>* out, const Value& value) {
        if (left_ == 0) return;
        --left_;
        out->push_back(value);
    }

    void take(const Value& value, const Step& step, std::vector<Value>* out) {
        const List* list = value.list();
        const Map* map = value.map();
        switch (step.kind) {
            case Step::Kind::names:
                if (map) take_names(*map, step.names, out);
                return;
            case Step::Kind::aggregate:
                if (const auto made = aggregate(step.names.front(), value)) push(out, *made);
                return;
            case Step::Kind::indexes:
                for (const int64_t index : step.indexes) {
                    if (!list) return;
                    const int64_t at = index < 0 ? index + static_cast<int64_t>(list->size()) : index;
                    if (at >= 0 && static_cast<size_t>(at) < list->size()) push(out, (*list)[static_cast<size_t>(at)]);
                }
                return;
            case Step::Kind::slice: {
                if (!list) return;
                const auto size = static_cast<int64_t>(list->size());
                const auto place = [&](int64_t at) {
                    return std::min(std::max<int64_t>(at < 0 ? at + size : at, 0), size);
                };
                const int64_t end = place(step.last.value_or(size));
                for (int64_t at = place(step.first.value_or(0)); at < end; ++at)
                    push(out, (*list)[static_cast<size_t>(at)]);
                return;
            }
            case Step::Kind::all:
                children(value, [&](const Value& child) { push(out, child); });
                return;
            case Step::Kind::descend:
                descend(value, out, 0);
                return;
            case Step::Kind::filter:
                // Of a list, its items; an object is asked itself.
                if (map && holds(*step.condition, value)) push(out, value);
                if (!list || step.of_each) return;
                for (const Value& child : *list) {
                    if (holds(*step.condition, child)) push(out, child);
                }
                return;
            case Step::Kind::length:
                if (list) push(out, static_cast<int64_t>(list->size()));
                if (map) push(out, static_cast<int64_t>(map->size()));
                if (const std::string* text = value.string()) push(out, static_cast<int64_t>(text->size()));
                return;
        }
    }

    // One name leads to its value; several make an object of those that are there.
    void take_names(const Map& map, const std::vector<std::string>& names, std::vector<Value>* out) {
        if (names.size() == 1) {
            if (const Value* found = map.find(names.front())) push(out, *found);
            return;
        }
        auto made = std::make_shared<Map>();
        for (const std::string& name : names) {
            if (const Value* found = map.find(name)) made->put(name, *found);
        }
        push(out, Value(std::move(made)));
    }

    template <class Visit>
    static void children(const Value& value, Visit visit) {
        if (const List* list = value.list()) {
            for (const Value& child : *list) visit(child);
        } else if (const Map* map = value.map()) {
            for (const auto& [key, child] : map->entries()) visit(child);
        }
    }

    // The value itself and everything below it.
    void descend(const Value& value, std::vector<Value>* out, int depth) {
        if (depth > 64 || left_ == 0) return;
        push(out, value);
        children(value, [&](const Value& child) { descend(child, out, depth + 1); });
    }

    std::optional<Value> value_of(const Operand& operand, const Value& current) {
        if (!operand.path) return operand.literal;
        const std::vector<Value> found = walk(operand.from_root ? root_ : current, *operand.path);
        if (found.empty()) return std::nullopt;
        return found.front();
    }

    static size_t items(const std::optional<Value>& value) {
        return value && value->list() ? std::max<size_t>(value->list()->size(), 1) : 1;
    }

    bool holds(const Condition& condition, const Value& current) {
        using Kind = Condition::Kind;
        if (condition.kind == Kind::and_ || condition.kind == Kind::or_) {
            for (const auto& part : condition.parts) {
                if (holds(*part, current) == (condition.kind == Kind::or_)) return condition.kind == Kind::or_;
            }
            return condition.kind == Kind::and_;
        }
        if (condition.kind == Kind::not_) return !holds(*condition.parts[0], current);
        const std::optional<Value> left = value_of(condition.left, current);
        if (condition.kind == Kind::exists) return left.has_value();
        if (condition.kind == Kind::matches) return matches(condition.right.pattern, left);
        const std::optional<Value> right = value_of(condition.right, current);
        // Lists are held against each other item by item.
        const size_t cost = items(left) * items(right);
        if (cost > left_) left_ = 0;
        if (left_ == 0) return false;
        left_ -= cost - 1;
        return compare(condition.how, left, right);
    }

    const Value& root_;
    size_t left_;
};

class PathParser {
  public:
    explicit PathParser(std::string_view text) : rest_(text) {}

    Result<Steps> whole() {
        if (!take("$")) return error("a path begins with $");
        TRY_ASSIGN(Steps steps, parse_steps(false));
        skip();
        if (!rest_.empty()) return error("unexpected text");
        return steps;
    }

  private:
    Error error(std::string_view what) const {
        return {ErrorCode::invalid_argument,
                "JSON path: " + std::string(what) + (rest_.empty() ? "" : " at " + std::string(rest_.substr(0, 20)))};
    }
    void skip() {
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
    }
    bool take(std::string_view what) {
        if (!rest_.starts_with(what)) return false;
        rest_.remove_prefix(what.size());
        return true;
    }
    bool take_word(std::string_view what) {
        skip();
        return take(what);
    }

    // In a filter, a path ends where an operator or ')' begins.
    Result<Steps> parse_steps(bool in_filter) {
        Steps steps;
        for (;;) {
            if (!in_filter) skip();
            if (take("..")) {
                steps.push_back({.kind = Step::Kind::descend});
                if (rest_.starts_with("[")) continue;
                if (take("*")) {
                    steps.push_back({.kind = Step::Kind::all});
                    continue;
                }
                TRY(parse_name(&steps));
            } else if (take(".")) {
                if (take("*")) {
                    steps.push_back({.kind = Step::Kind::all});
                } else {
                    TRY(parse_name(&steps));
                }
            } else if (take("[")) {
                TRY(parse_brackets(&steps));
            } else {
                return steps;
            }
        }
    }

    Status parse_name(Steps* steps) {
        const size_t end = rest_.find_first_of(".[]()=<>!&| \t,");
        const std::string_view name = rest_.substr(0, end);
        if (name.empty()) return error("a name is expected");
        rest_.remove_prefix(name.size());
        if (name == "length" && take("()")) {
            steps->push_back({.kind = Step::Kind::length});
        } else if (is_aggregate(name) && take("()")) {
            steps->push_back({.kind = Step::Kind::aggregate, .names = {std::string(name)}});
        } else {
            steps->push_back({.kind = Step::Kind::names, .names = {std::string(name)}});
        }
        return {};
    }

    Result<std::string> parse_quoted() {
        const char quote = rest_.front();
        rest_.remove_prefix(1);
        std::string out;
        while (!rest_.empty() && rest_.front() != quote) {
            if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
            out += rest_.front();
            rest_.remove_prefix(1);
        }
        if (rest_.empty()) return error("a name is not closed");
        rest_.remove_prefix(1);
        return out;
    }

    std::optional<int64_t> parse_integer() {
        skip();
        int64_t value = 0;
        const auto parsed = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (parsed.ec != std::errc()) return std::nullopt;
        rest_.remove_prefix(static_cast<size_t>(parsed.ptr - rest_.data()));
        return value;
    }

    Status parse_brackets(Steps* steps) {
        skip();
        Step step;
        if (take("*")) {
            step.kind = Step::Kind::all;
        } else if (take("?")) {
            skip();
            if (!take("(")) return error("a filter wants (");
            step.kind = Step::Kind::filter;
            TRY_ASSIGN(step.condition, parse_or(0));
            skip();
            if (!take(")")) return error("a filter wants )");
        } else if (rest_.starts_with("'") || rest_.starts_with("\"")) {
            do {
                skip();
                if (!rest_.starts_with("'") && !rest_.starts_with("\"")) return error("a name in quotes is expected");
                TRY_ASSIGN(std::string name, parse_quoted());
                step.names.push_back(std::move(name));
                skip();
            } while (take(","));
        } else {
            std::optional<int64_t> first = parse_integer();
            skip();
            if (take(":")) {
                step.kind = Step::Kind::slice;
                step.first = first;
                step.last = parse_integer();
            } else {
                step.kind = Step::Kind::indexes;
                for (;;) {
                    if (!first) return error("an index is expected");
                    step.indexes.push_back(*first);
                    skip();
                    if (!take(",")) break;
                    first = parse_integer();
                }
            }
        }
        skip();
        if (!take("]")) return error("] is expected");
        step.of_each = !steps->empty() && steps->back().kind == Step::Kind::descend;
        steps->push_back(std::move(step));
        return {};
    }

    using ConditionRef = std::shared_ptr<const Condition>;

    Result<ConditionRef> parse_or(int depth) { return parse_joined(depth, "||", Condition::Kind::or_); }

    Result<ConditionRef> parse_joined(int depth, std::string_view joint, Condition::Kind kind) {
        if (depth > nesting_max) return error("too much nesting");
        auto out = std::make_shared<Condition>();
        out->kind = kind;
        do {
            TRY_ASSIGN(ConditionRef part, kind == Condition::Kind::or_
                                              ? parse_joined(depth + 1, "&&", Condition::Kind::and_)
                                              : parse_comparison(depth + 1));
            out->parts.push_back(std::move(part));
        } while (take_word(joint));
        return ConditionRef(std::move(out));
    }

    Result<ConditionRef> parse_comparison(int depth) {
        if (depth > nesting_max) return error("too much nesting");
        skip();
        auto out = std::make_shared<Condition>();
        if (take("!")) {
            out->kind = Condition::Kind::not_;
            TRY_ASSIGN(ConditionRef inner, parse_comparison(depth + 1));
            out->parts.push_back(std::move(inner));
            return ConditionRef(std::move(out));
        }
        if (take("(")) {
            TRY_ASSIGN(ConditionRef inner, parse_or(depth + 1));
            skip();
            if (!take(")")) return error(") is expected");
            return inner;
        }
        TRY_ASSIGN(out->left, parse_operand());
        out->kind = Condition::Kind::exists;
        skip();
        if (const auto how = take_comparison(&rest_)) {
            out->kind = *how == Comparison::matches ? Condition::Kind::matches : Condition::Kind::compare;
            out->how = *how;
            TRY_ASSIGN(out->right, parse_operand());
            if ((out->right.pattern != nullptr) != (out->kind == Condition::Kind::matches)) {
                return error("=~ wants a /pattern/, and no other operator takes one");
            }
        }
        return ConditionRef(std::move(out));
    }

    Result<Operand> parse_operand() {
        skip();
        Operand out;
        if (rest_.starts_with("@") || rest_.starts_with("$")) {
            out.from_root = rest_.front() == '$';
            rest_.remove_prefix(1);
            TRY_ASSIGN(out.path, parse_steps(true));
            return out;
        }
        if (rest_.starts_with("'") || rest_.starts_with("\"")) {
            TRY_ASSIGN(std::string text, parse_quoted());
            out.literal = std::move(text);
            return out;
        }
        if (take("true")) {
            out.literal = true;
            return out;
        }
        if (take("false")) {
            out.literal = false;
            return out;
        }
        if (take("null")) return out;
        if (rest_.starts_with("/")) {
            TRY_ASSIGN(out.pattern, take_pattern(&rest_));
            return out;
        }
        if (take("[")) {
            List list;
            for (skip(); !take("]"); skip()) {
                if (!list.empty() && !take(",")) return error("a list wants , or ]");
                TRY_ASSIGN(Operand each, parse_operand());
                if (each.path || each.pattern || each.literal.list()) return error("a list has literals");
                list.push_back(std::move(each.literal));
            }
            out.literal = make_list(std::move(list));
            return out;
        }
        double value = 0;
        const auto parsed = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (parsed.ec != std::errc()) return error("a value is expected");
        rest_.remove_prefix(static_cast<size_t>(parsed.ptr - rest_.data()));
        out.literal = value;
        return out;
    }

    std::string_view rest_;
};

class ParsedPath final : public JsonPath {
  public:
    explicit ParsedPath(Steps steps) : steps_(std::move(steps)) {
        for (const Step& step : steps_) definite_ = definite_ && step.definite();
    }
    bool is_definite() const override { return definite_; }
    std::optional<Value> find(const Value& root, size_t values_max) const override {
        std::vector<Value> found = Walker(root, values_max).walk(root, steps_);
        if (!definite_) {
            auto all =
                std::make_shared<List>(std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
            all->from_json = true;
            return Value(std::move(all));
        }
        if (found.empty()) return std::nullopt;
        return std::move(found.front());
    }

  private:
    const Steps steps_;
    bool definite_ = true;
};

}  // namespace

Result<std::shared_ptr<const JsonPath>> JsonPath::parse(std::string_view text) {
    TRY_ASSIGN(Steps steps, PathParser(text).whole());
    return std::shared_ptr<const JsonPath>(std::make_shared<ParsedPath>(std::move(steps)));
}

}  // namespace millrace::vtl
