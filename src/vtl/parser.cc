// Text, directives and blocks. A line's end right after a directive belongs to the directive, so that a template can be
// laid out without its layout being printed (Velocity 1.7's way); blanks before #set go as well.
#include "src/vtl/parser.h"

#include "src/vtl/cursor.h"

namespace millrace::vtl {
namespace {

using Kind = Node::Kind;

class BlockParser {
  public:
    explicit BlockParser(std::string_view text) : cursor_(text) {}

    Result<Block> whole() {
        Block block;
        TRY_ASSIGN(const std::string_view stop, parse(&block));
        if (!stop.empty()) return cursor_.error("#" + std::string(stop) + " without what it ends");
        return block;
    }

  private:
    // Until the end ("") or a directive that ends or divides a block ("end", "else", "elseif"), which is taken.
    Result<std::string_view> parse(Block* block) {
        const Nested nested(cursor_);
        if (nested.too_deep()) return cursor_.error("too much nesting");
        for (;;) {
            take_text(block);
            if (cursor_.end()) return std::string_view();
            size_t backslashes = 0;
            while (cursor_.peek(backslashes) == '\\') ++backslashes;
            const size_t begin = cursor_.at;
            cursor_.at += backslashes;
            if (cursor_.peek() == '$') {
                Node node;
                node.kind = Kind::reference;
                TRY_ASSIGN(const bool found, parse_reference(cursor_, &node.reference));
                node.reference.backslashes = backslashes;
                if (found) {
                    block->push_back(std::move(node));
                } else {
                    ++cursor_.at;
                    add_text(block, cursor_.from(begin));
                }
                continue;
            }
            if (cursor_.peek() != '#') {
                add_text(block, cursor_.from(begin));
                continue;
            }
            if (backslashes > 0 && is_directive()) {
                add_text(block, std::string(backslashes / 2, '\\'));
                if (backslashes % 2 == 1) {
                    ++cursor_.at;
                    add_text(block, "#");
                    continue;
                }
            } else {
                add_text(block, cursor_.from(begin));
            }
            TRY_ASSIGN(const std::string_view stop, parse_directive(block));
            if (!stop.empty()) return stop;
        }
    }

    void add_text(Block* block, std::string_view text) {
        if (text.empty()) return;
        if (block->empty() || block->back().kind != Kind::text) {
            block->emplace_back();
            commented_ = 0;
        }
        block->back().text += text;
    }

    void note_comment(const Block& block) {
        commented_ = block.empty() || block.back().kind != Kind::text ? 0 : block.back().text.size();
    }

    void take_text(Block* block) {
        const size_t begin = cursor_.at;
        const size_t end = cursor_.text().find_first_of("$#\\", begin);
        cursor_.at = std::min(end, cursor_.text().size());
        add_text(block, cursor_.from(begin));
    }

    // The name after '#', braces or not; "" where none. The cursor stays.
    std::string_view directive_name(size_t* length) const {
        Cursor ahead = cursor_;
        ++ahead.at;
        const bool braces = ahead.take("{");
        const std::string_view name = ahead.identifier();
        if (name.empty() || (braces && !ahead.take("}"))) return {};
        *length = ahead.at - cursor_.at;
        return name;
    }
    bool is_directive() const {
        static constexpr std::string_view names[] = {"set",      "if",      "elseif", "else",  "end",
                                                     "foreach",  "break",   "stop",   "macro", "define",
                                                     "evaluate", "include", "parse"};
        size_t length = 0;
        const std::string_view name = directive_name(&length);
        return std::find(std::begin(names), std::end(names), name) != std::end(names);
    }

    // A line's end that follows at once, and blanks before it.
    void take_line_end() {
        const size_t before = cursor_.at;
        cursor_.skip_blanks();
        if (cursor_.take("\r\n") || cursor_.take("\n") || cursor_.take("\r")) return;
        cursor_.at = before;
    }

    Status open(std::string_view name) {
        cursor_.skip_blanks();
        if (cursor_.take("(")) return {};
        return cursor_.error("#" + std::string(name) + " wants (");
    }
    Status close(std::string_view name) {
        cursor_.skip_space();
        if (!cursor_.take(")")) return cursor_.error("#" + std::string(name) + " wants )");
        take_line_end();
        return {};
    }
    // $name, where a directive makes a variable.
    Result<std::string> variable(std::string_view directive) {
        cursor_.skip_space();
        Reference reference;
        if (cursor_.peek() == '$') {
            TRY_ASSIGN(const bool found, parse_reference(cursor_, &reference));
            if (found && reference.path.empty()) return reference.name;
        }
        return cursor_.error("#" + std::string(directive) + " wants a $name");
    }

    Result<std::string_view> parse_directive(Block* block) {
        static constexpr std::string_view nothing;
        if (cursor_.take("##")) {
            while (!cursor_.end() && cursor_.peek() != '\n') ++cursor_.at;
            cursor_.take("\n");
            note_comment(*block);
            return nothing;
        }
        if (cursor_.starts("#*")) {
            const size_t end = cursor_.text().find("*#", cursor_.at + 2);
            if (end == std::string_view::npos) return cursor_.error("a comment is not closed");
            cursor_.at = end + 2;
            note_comment(*block);
            return nothing;
        }
        if (cursor_.starts("#[[")) {
            const size_t begin = cursor_.at + 3;
            const size_t end = cursor_.text().find("]]#", begin);
            if (end == std::string_view::npos) return cursor_.error("#[[ is not closed");
            add_text(block, cursor_.text().substr(begin, end - begin));
            cursor_.at = end + 3;
            return nothing;
        }
        if (cursor_.starts("#@")) return parse_call(block);
        size_t length = 0;
        const std::string_view name = directive_name(&length);
        const size_t begin = cursor_.at;
        cursor_.at += length;
        if (name == "end" || name == "else") {
            take_line_end();
            return name;
        }
        if (name == "elseif") return name;
        if (name == "set") return parse_set(block);
        if (name == "if") return parse_if(block);
        if (name == "foreach") return parse_foreach(block);
        if (name == "macro") return parse_macro(block);
        if (name == "define") return parse_define(block);
        if (name == "evaluate") return parse_evaluate(block);
        if (name == "break" || name == "stop") {
            take_line_end();
            add(block, name == "break" ? Kind::break_ : Kind::stop);
            return nothing;
        }
        if (name == "include" || name == "parse") {
            return cursor_.error("#" + std::string(name) + " reads files and is not served");
        }
        cursor_.at = begin;
        return parse_call(block);
    }

    Node& add(Block* block, Kind kind) {
        block->emplace_back();
        block->back().kind = kind;
        return block->back();
    }

    Result<std::string_view> parse_set(Block* block) {
        // Blanks that are all there is since the last directive, reference or comment go as well.
        if (!block->empty() && block->back().kind == Kind::text) {
            std::string& before = block->back().text;
            size_t begin = before.size();
            while (begin > commented_ && is_blank(before[begin - 1])) --begin;
            if (begin == commented_) before.resize(begin);
        }
        TRY(open("set"));
        cursor_.skip_space();
        Node node;
        node.kind = Kind::set;
        if (cursor_.peek() != '$') return cursor_.error("#set wants a reference");
        TRY_ASSIGN(const bool found, parse_reference(cursor_, &node.reference));
        if (!found) return cursor_.error("#set wants a reference");
        cursor_.skip_space();
        if (!cursor_.take("=")) return cursor_.error("#set wants =");
        TRY_ASSIGN(node.expression, parse_expression(cursor_));
        TRY(close("set"));
        block->push_back(std::move(node));
        return std::string_view();
    }

    Result<std::string_view> parse_if(Block* block) {
        Node node;
        node.kind = Kind::if_;
        for (std::string_view clause = "if"; clause != "end";) {
            Branch branch;
            if (clause != "else") {
                TRY(open(clause));
                TRY_ASSIGN(branch.condition, parse_expression(cursor_));
                TRY(close(clause));
            } else if (!node.branches.empty() && !node.branches.back().condition) {
                return cursor_.error("#else twice");
            }
            TRY_ASSIGN(clause, parse(&branch.block));
            if (clause.empty()) return cursor_.error("#if without #end");
            if (clause == "elseif" && !branch.condition) return cursor_.error("#elseif after #else");
            node.branches.push_back(std::move(branch));
        }
        block->push_back(std::move(node));
        return std::string_view();
    }

    Result<std::string_view> parse_foreach(Block* block) {
        TRY(open("foreach"));
        Node node;
        node.kind = Kind::foreach;
        TRY_ASSIGN(node.text, variable("foreach"));
        cursor_.skip_space();
        if (cursor_.identifier() != "in") return cursor_.error("#foreach wants in");
        TRY_ASSIGN(node.expression, parse_expression(cursor_));
        TRY(close("foreach"));
        TRY_ASSIGN(std::string_view stop, parse(&node.block));
        if (stop == "else") {
            TRY_ASSIGN(stop, parse(&node.else_block));
        }
        if (stop != "end") return cursor_.error("#foreach without #end");
        block->push_back(std::move(node));
        return std::string_view();
    }

    Status parse_body(std::string_view name, Block* body) {
        TRY_ASSIGN(const std::string_view stop, parse(body));
        if (stop != "end") return cursor_.error("#" + std::string(name) + " without #end");
        return {};
    }

    Result<std::string_view> parse_macro(Block* block) {
        TRY(open("macro"));
        cursor_.skip_space();
        Node node;
        node.kind = Kind::macro;
        node.text = cursor_.identifier();
        if (node.text.empty()) return cursor_.error("#macro wants a name");
        for (;;) {
            cursor_.skip_space();
            if (cursor_.take(",")) continue;
            if (cursor_.peek() != '$') break;
            TRY_ASSIGN(std::string parameter, variable("macro"));
            node.names.push_back(std::move(parameter));
        }
        TRY(close("macro"));
        TRY(parse_body("macro", &node.block));
        block->push_back(std::move(node));
        return std::string_view();
    }

    Result<std::string_view> parse_define(Block* block) {
        TRY(open("define"));
        Node node;
        node.kind = Kind::define;
        TRY_ASSIGN(node.text, variable("define"));
        TRY(close("define"));
        TRY(parse_body("define", &node.block));
        block->push_back(std::move(node));
        return std::string_view();
    }

    Result<std::string_view> parse_evaluate(Block* block) {
        TRY(open("evaluate"));
        Node node;
        node.kind = Kind::evaluate;
        TRY_ASSIGN(node.expression, parse_expression(cursor_));
        TRY(close("evaluate"));
        block->push_back(std::move(node));
        return std::string_view();
    }

    // #name(arguments), #name, or #@name(arguments) body #end. Anything else is text: "#fff", "# title"; whether #name
    // is a macro is seen when it is rendered.
    Result<std::string_view> parse_call(Block* block) {
        const size_t begin = cursor_.at++;
        Node node;
        node.kind = Kind::call;
        node.has_body = cursor_.take("@");
        const bool braces = cursor_.take("{");
        node.text = cursor_.identifier();
        const bool named = !node.text.empty() && (!braces || cursor_.take("}"));
        const size_t end = cursor_.at;
        cursor_.skip_blanks();
        const bool open = named && cursor_.take("(");
        if (named && !open && !node.has_body) {
            cursor_.at = end;
            node.source = cursor_.from(begin);
            block->push_back(std::move(node));
            return std::string_view();
        }
        if (!open) {
            cursor_.at = begin + 1;
            add_text(block, "#");
            return std::string_view();
        }
        for (;;) {
            cursor_.skip_space();
            if (cursor_.take(")")) break;
            if (cursor_.take(",")) continue;
            auto argument = parse_operand(cursor_);
            if (!argument.ok()) {  // "#note(that this is text)"
                if (node.has_body) return std::move(argument).error();
                cursor_.at = begin + 1;
                add_text(block, "#");
                return std::string_view();
            }
            node.arguments.push_back(std::move(argument).value());
        }
        node.source = cursor_.from(begin);
        take_line_end();
        if (node.has_body) TRY(parse_body(node.text, &node.block));
        block->push_back(std::move(node));
        return std::string_view();
    }

    Cursor cursor_;
    size_t commented_ = 0;  // where in the text that is being gathered the last comment stood
};

}  // namespace

Result<Block> parse_block(std::string_view text) {
    if (text.size() > template_bytes_max) {
        return Error{ErrorCode::invalid_argument, "a template has at most 300 KB"};
    }
    return BlockParser(text).whole();
}

}  // namespace millrace::vtl
