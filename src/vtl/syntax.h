// A template as a tree. Nodes refer to nothing outside their template.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/vtl/value.h"

namespace millrace::vtl {

struct Expression;
using ExpressionRef = std::unique_ptr<Expression>;
struct Node;
using Block = std::vector<Node>;

// .name, .name(arguments) or [index]
struct Access {
    enum class Kind : uint8_t { property, method, index } kind = Kind::property;
    std::string name;
    std::vector<ExpressionRef> arguments;  // of a method; one of an index
};

struct Reference {
    std::string name;
    std::vector<Access> path;
    bool quiet = false;      // $!
    std::string source;      // what it prints where it has no value
    size_t backslashes = 0;  // before it
};

struct Expression {
    enum class Kind : uint8_t {
        literal,
        interpolated,  // "text with $references": `block`
        reference,
        list,
        range,  // two operands
        map,    // operands: key, value, key, value...
        not_,
        and_,
        or_,
        add,
        subtract,
        multiply,
        divide,
        modulo,
        less,
        less_equal,
        greater,
        greater_equal,
        equal,
        not_equal,
    } kind = Kind::literal;
    Value value;
    Reference reference;
    std::vector<ExpressionRef> operands;
    Block block;
};

struct Branch {
    ExpressionRef condition;  // null: #else
    Block block;
};

struct Node {
    enum class Kind : uint8_t {
        text,
        reference,
        set,
        if_,
        foreach,
        break_,
        stop,
        macro,
        call,
        define,
        evaluate
    } kind = Kind::text;
    std::string text;                      // text; the name of a macro, a call, a #foreach's or #define's variable
    Reference reference;                   // reference; #set's target
    ExpressionRef expression;              // #set, #foreach, #evaluate
    std::vector<Branch> branches;          // #if
    Block block;                           // #foreach, #macro, #define, and the body of #@call
    Block else_block;                      // #foreach over nothing
    std::vector<std::string> names;        // #macro: parameters
    std::vector<ExpressionRef> arguments;  // call
    bool has_body = false;                 // #@call
    std::string source;                    // of a call: what it prints where there is no such macro
};

}  // namespace millrace::vtl
