// Walks a template's tree. Every node costs a step and every byte of output counts, so that rendering ends whatever the
// template says.
#include <algorithm>
#include <chrono>

#include "src/vtl/methods.h"
#include "src/vtl/operators.h"
#include "src/vtl/parser.h"
#include "src/vtl/template.h"

namespace millrace::vtl {
namespace {

using Kind = Node::Kind;
using ExpressionKind = Expression::Kind;

enum class Flow : uint8_t { on, break_, stop };

// What #define makes of a name: a block that is rendered where the name stands.
class Defined final : public Object {
  public:
    explicit Defined(const Block& of) : block(of) {}
    std::optional<Value> property(std::string_view) const override { return std::nullopt; }
    std::optional<Value> call(std::string_view, const std::vector<Value>&) const override { return std::nullopt; }
    const Block& block;  // of a template that is being rendered
};

// $foreach
class LoopState final : public Object {
  public:
    LoopState(size_t at, size_t count, Value outer) : at_(at), count_(count), outer_(std::move(outer)) {}
    std::optional<Value> property(std::string_view name) const override {
        if (name == "index") return static_cast<int64_t>(at_);
        if (name == "count") return static_cast<int64_t>(at_ + 1);
        if (name == "hasNext") return at_ + 1 < count_;
        if (name == "first") return at_ == 0;
        if (name == "last") return at_ + 1 == count_;
        if (name == "parent") return outer_;
        if (name == "topmost") return outer_.object() ? outer_.object()->property(name) : shared_this();
        return std::nullopt;
    }
    // hasNext(), isFirst(), getIndex()...
    std::optional<Value> call(std::string_view name, const std::vector<Value>& arguments) const override {
        if (!arguments.empty()) return std::nullopt;
        const size_t prefix = name.starts_with("get") ? 3 : name.starts_with("is") ? 2 : 0;
        std::string property_name(name.substr(prefix));
        if (prefix > 0 && !property_name.empty()) property_name[0] = static_cast<char>(property_name[0] | 0x20);
        if (prefix == 0 && property_name != "hasNext") return std::nullopt;
        return property(property_name);
    }

  private:
    Value shared_this() const { return Value::ObjectRef(std::make_shared<LoopState>(at_, count_, outer_)); }
    const size_t at_, count_;
    const Value outer_;
};

class Renderer {
  public:
    Renderer(Context& context, const Limits& limits)
        : context_(context),
          lenient_(context.dialect() == Context::Dialect::api_gateway),
          limits_(limits),
          until_(std::chrono::steady_clock::now() + std::chrono::milliseconds(limits.ms_max)) {}

    Status block(const Block& nodes, std::string* out, Flow* flow) {
        for (const Node& each : nodes) {
            TRY(node(each, out, flow));
            if (*flow != Flow::on) return {};
        }
        return {};
    }

    // Macros may be called before they are defined; the first of a name stays.
    void collect_macros(const Block& nodes) {
        for (const Node& each : nodes) {
            if (each.kind == Kind::macro) macros_.try_emplace(each.text, &each);
        }
    }

  private:
    // Counts a level while it lives.
    class Deeper {
      public:
        explicit Deeper(Renderer& renderer) : renderer_(renderer) { ++renderer_.depth_; }
        ~Deeper() { --renderer_.depth_; }
        Deeper(const Deeper&) = delete;
        Deeper& operator=(const Deeper&) = delete;

      private:
        Renderer& renderer_;
    };

    Status step(const std::string& out) {
        if (++steps_ > limits_.steps_max)
            return Error{ErrorCode::resource_exhausted, "the template takes too many steps"};
        if (out.size() > limits_.output_bytes_max) {
            return Error{ErrorCode::resource_exhausted, "the template's output is too large"};
        }
        if (depth_ > limits_.depth_max)
            return Error{ErrorCode::resource_exhausted, "the template calls itself too deep"};
        return {};
    }
    size_t room(const std::string& out) const {
        return limits_.output_bytes_max + 1 - std::min(limits_.output_bytes_max, out.size());
    }

    Status node(const Node& node, std::string* out, Flow* flow) {
        TRY(step(*out));
        switch (node.kind) {
            case Kind::text:
                *out += node.text;
                return {};
            case Kind::reference:
                return print(node.reference, out, flow);
            case Kind::set:
                return set(node);
            case Kind::if_:
                for (const Branch& branch : node.branches) {
                    if (branch.condition) {
                        TRY_ASSIGN(const Value condition, evaluate(*branch.condition));
                        if (!condition.is_true()) continue;
                    }
                    return block(branch.block, out, flow);
                }
                return {};
            case Kind::foreach:
                return foreach (node, out, flow);
            case Kind::break_:
                *flow = Flow::break_;
                return {};
            case Kind::stop:
                *flow = Flow::stop;
                return {};
            case Kind::macro:
                macros_.try_emplace(node.text, &node);
                return {};
            case Kind::define:
                context_.set(node.text, Value::ObjectRef(std::make_shared<Defined>(node.block)));
                return {};
            case Kind::evaluate:
                return evaluate_text(node, out, flow);
            case Kind::call:
                return call(node, out, flow);
        }
        return {};
    }

    Status print(const Reference& reference, std::string* out, Flow* flow) {
        TRY_ASSIGN(const std::optional<Value> value, resolve(reference));
        const bool known = value && !value->is_null();
        if (reference.backslashes > 0) {
            // Escapes count before references that have a value: \$a prints $a.
            out->append(known ? reference.backslashes / 2 : reference.backslashes, '\\');
            if (known && reference.backslashes % 2 == 1) {
                *out += reference.source;
                return {};
            }
        }
        if (!known) {
            if (reference.backslashes > 0 || !(reference.quiet || lenient_)) *out += reference.source;
            return {};
        }
        if (const auto* defined = dynamic_cast<const Defined*>(value->object())) {
            const Deeper deeper(*this);
            TRY(step(*out));
            return block(defined->block, out, flow);
        }
        value->append_text(out, room(*out));
        return {};
    }

    Status set(const Node& node) {
        TRY_ASSIGN(Value value, evaluate(*node.expression));
        const Reference& target = node.reference;
        if (value.is_null()) return {};  // 1.7: what it was before stays
        if (target.path.empty()) {
            context_.set(target.name, std::move(value));
            return {};
        }
        // $map.name = ..., $map["name"] = ..., $list[0] = ...
        Reference owner;
        owner.name = target.name;
        TRY_ASSIGN(const std::optional<Value> holder, resolve(owner.name, target.path, target.path.size() - 1));
        if (!holder) return {};
        const Access& last = target.path.back();
        Value key = last.name;
        if (last.kind == Access::Kind::method) return {};
        if (last.kind == Access::Kind::index) {
            TRY_ASSIGN(key, evaluate(*last.arguments[0]));
        }
        if (!may_hold(holder->map() ? static_cast<const void*>(holder->map()) : holder->list(), value)) return {};
        if (Map* map = holder->map()) {
            map->put(key.text(), std::move(value));
        } else if (List* list = holder->list(); list && key.integer()) {
            const int64_t at = *key.integer();
            if (at >= 0 && static_cast<size_t>(at) < list->size()) (*list)[static_cast<size_t>(at)] = std::move(value);
        }
        return {};
    }

    Status foreach (const Node& node, std::string * out, Flow * flow) {
        TRY_ASSIGN(const Value over, evaluate(*node.expression));
        List items;
        if (const List* list = over.list()) {
            items = *list;  // a copy: the block may change the list
        } else if (const Map* map = over.map()) {
            for (const auto& [key, value] : map->entries()) items.push_back(value);
        }
        if (items.empty()) return block(node.else_block, out, flow);
        if (items.size() > limits_.loop_max) {
            return Error{ErrorCode::resource_exhausted,
                         "#foreach over more than " + std::to_string(limits_.loop_max) + " items"};
        }
        const Saved variable(context_, node.text), state(context_, "foreach"), count(context_, "velocityCount");
        const Value outer = state.before.value_or(Value());
        for (size_t i = 0; i < items.size() && *flow == Flow::on; ++i) {
            context_.set("foreach", Value::ObjectRef(std::make_shared<LoopState>(i, items.size(), outer)));
            context_.set("velocityCount", static_cast<int64_t>(i + 1));
            context_.set(node.text, items[i]);
            TRY(step(*out));
            TRY(block(node.block, out, flow));
        }
        if (*flow == Flow::break_) *flow = Flow::on;
        return {};
    }

    // A name's value, put back when this ends.
    struct Saved {
        Saved(Context& in, std::string of) : context(in), name(std::move(of)) {
            if (const Value* found = context.find(name)) before = *found;
        }
        ~Saved() {
            if (before) {
                context.set(name, *before);
            } else {
                context.erase(name);
            }
        }
        Saved(const Saved&) = delete;
        Saved& operator=(const Saved&) = delete;
        Context& context;
        const std::string name;
        std::optional<Value> before;
    };

    Status call(const Node& node, std::string* out, Flow* flow) {
        const auto found = macros_.find(node.text);
        if (found == macros_.end()) {
            *out += node.source;
            return {};
        }
        const Deeper deeper(*this);
        TRY(step(*out));
        const Node& macro = *found->second;
        std::vector<Value> arguments;
        for (const ExpressionRef& argument : node.arguments) {
            TRY_ASSIGN(Value value, evaluate(*argument));
            arguments.push_back(std::move(value));
        }
        std::vector<std::unique_ptr<Saved>> saved;
        for (size_t i = 0; i < macro.names.size(); ++i) {
            saved.push_back(std::make_unique<Saved>(context_, macro.names[i]));
            if (i < arguments.size()) {
                context_.set(macro.names[i], arguments[i]);
            } else {
                context_.erase(macro.names[i]);
            }
        }
        if (node.has_body) {
            saved.push_back(std::make_unique<Saved>(context_, "bodyContent"));
            context_.set("bodyContent", Value::ObjectRef(std::make_shared<Defined>(node.block)));
        }
        TRY(block(macro.block, out, flow));
        if (*flow == Flow::break_) *flow = Flow::on;
        while (!saved.empty()) saved.pop_back();
        return {};
    }

    Status evaluate_text(const Node& node, std::string* out, Flow* flow) {
        TRY_ASSIGN(const Value text, evaluate(*node.expression));
        if (!text.string()) return {};
        const Deeper deeper(*this);
        TRY(step(*out));
        TRY_ASSIGN(Block parsed, parse_block(*text.string()));
        // What it defines may be used after it: its tree lives as long as the rendering.
        evaluated_.push_back(std::make_unique<Block>(std::move(parsed)));
        const Block& nodes = *evaluated_.back();
        steps_ += text.string()->size();
        collect_macros(nodes);
        return block(nodes, out, flow);
    }

    Result<std::optional<Value>> resolve(const Reference& reference) {
        return resolve(reference.name, reference.path, reference.path.size());
    }

    Result<std::optional<Value>> resolve(const std::string& name, const std::vector<Access>& path, size_t count) {
        const Value* found = context_.find(name);
        if (!found) return std::optional<Value>();
        Value value = *found;
        for (size_t i = 0; i < count; ++i) {
            const Access& access = path[i];
            TRY(step(""));
            std::vector<Value> arguments;
            for (const ExpressionRef& argument : access.arguments) {
                TRY_ASSIGN(Value each, evaluate(*argument));
                arguments.push_back(std::move(each));
            }
            std::optional<Value> next;
            switch (access.kind) {
                case Access::Kind::property:
                    next = get_property(value, access.name);
                    break;
                case Access::Kind::method:
                    if (std::chrono::steady_clock::now() >= until_)
                        return Error{ErrorCode::resource_exhausted, "the template takes too long"};
                    next = call_method(value, access.name, arguments, limits_.output_bytes_max);
                    break;
                case Access::Kind::index:
                    next = get_index(value, arguments[0]);
                    break;
            }
            if (!next) return std::optional<Value>();
            TRY(charge(*next));
            value = std::move(*next);
        }
        return std::optional<Value>(std::move(value));
    }

    // What a template holds at once is bounded through what it makes in all: a text costs by its length.
    Status charge(const Value& made) {
        if (const std::string* text = made.string()) made_bytes_ += text->size();
        if (made_bytes_ > 16 * limits_.output_bytes_max) {
            return Error{ErrorCode::resource_exhausted, "the template makes too much text"};
        }
        return {};
    }

    Result<Value> evaluate(const Expression& expression) {
        TRY(step(""));
        switch (expression.kind) {
            case ExpressionKind::literal:
                return expression.value;
            case ExpressionKind::interpolated: {
                std::string text;
                Flow flow = Flow::on;
                TRY(block(expression.block, &text, &flow));
                Value made = std::move(text);
                TRY(charge(made));
                return made;
            }
            case ExpressionKind::reference: {
                TRY_ASSIGN(std::optional<Value> value, resolve(expression.reference));
                if (value) {
                    if (const auto* defined = dynamic_cast<const Defined*>(value->object())) {
                        std::string text;
                        Flow flow = Flow::on;
                        const Deeper deeper(*this);
                        TRY(block(defined->block, &text, &flow));
                        return Value(std::move(text));
                    }
                }
                return value ? std::move(*value) : Value();
            }
            case ExpressionKind::list: {
                List list;
                for (const ExpressionRef& operand : expression.operands) {
                    TRY_ASSIGN(Value item, evaluate(*operand));
                    list.push_back(std::move(item));
                }
                return make_list(std::move(list));
            }
            case ExpressionKind::map: {
                auto map = std::make_shared<Map>();
                for (size_t i = 0; i + 1 < expression.operands.size(); i += 2) {
                    TRY_ASSIGN(const Value key, evaluate(*expression.operands[i]));
                    TRY_ASSIGN(Value value, evaluate(*expression.operands[i + 1]));
                    map->put(key.text(), std::move(value));
                }
                return Value(std::move(map));
            }
            case ExpressionKind::not_: {
                TRY_ASSIGN(const Value operand, evaluate(*expression.operands[0]));
                return Value(!operand.is_true());
            }
            default:
                return binary(expression);
        }
    }

    bool same(const Value& left, const Value& right) const {
        const auto nothing = [](const Value& value) {
            return value.is_null() || (value.string() && value.string()->empty());
        };
        return left.equals(right) || (lenient_ && nothing(left) && nothing(right));
    }

    Result<Value> binary(const Expression& expression) {
        TRY_ASSIGN(const Value left, evaluate(*expression.operands[0]));
        if (expression.kind == ExpressionKind::and_ && !left.is_true()) return Value(false);
        if (expression.kind == ExpressionKind::or_ && left.is_true()) return Value(true);
        TRY_ASSIGN(const Value right, evaluate(*expression.operands[1]));
        switch (expression.kind) {
            case ExpressionKind::and_:
            case ExpressionKind::or_:
                return Value(right.is_true());
            case ExpressionKind::equal:
                return Value(same(left, right));
            case ExpressionKind::not_equal:
                return Value(!same(left, right));
            case ExpressionKind::range:
                return range(left, right);
            case ExpressionKind::less:
            case ExpressionKind::less_equal:
            case ExpressionKind::greater:
            case ExpressionKind::greater_equal:
                return compare(expression.kind, left, right);
            default:
                return sum_or_text(expression.kind, left, right);
        }
    }

    Result<Value> sum_or_text(ExpressionKind kind, const Value& left, const Value& right) {
        if (kind != ExpressionKind::add || !(left.string() || right.string())) return arithmetic(kind, left, right);
        std::string text;
        left.append_text(&text, limits_.output_bytes_max);
        right.append_text(&text, limits_.output_bytes_max);
        Value made = std::move(text);
        TRY(charge(made));
        return made;
    }

    Context& context_;
    const bool lenient_;  // API Gateway's dialect
    const Limits limits_;
    const std::chrono::steady_clock::time_point until_;
    uint64_t steps_ = 0;
    uint64_t made_bytes_ = 0;
    int depth_ = 0;
    std::map<std::string, const Node*, std::less<>> macros_;
    std::vector<std::unique_ptr<Block>> evaluated_;
};

class ParsedTemplate final : public Template {
  public:
    explicit ParsedTemplate(Block block) : block_(std::move(block)) {}
    Result<std::string> render(Context& context, const Limits& limits) const override {
        Renderer renderer(context, limits);
        renderer.collect_macros(block_);
        std::string out;
        Flow flow = Flow::on;
        TRY(renderer.block(block_, &out, &flow));
        if (out.size() > limits.output_bytes_max) {
            return Error{ErrorCode::resource_exhausted, "the template's output is too large"};
        }
        return out;
    }

  private:
    const Block block_;
};

}  // namespace

Result<std::shared_ptr<const Template>> Template::parse(std::string_view text) {
    TRY_ASSIGN(Block block, parse_block(text));
    return std::shared_ptr<const Template>(std::make_shared<ParsedTemplate>(std::move(block)));
}

}  // namespace millrace::vtl
