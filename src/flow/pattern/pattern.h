// Event patterns: which events somebody wants to see. Lambda's filter criteria and EventBridge's rules are written so.
//
//   {"source": ["shop"], "detail": {"price": [{"numeric": [">", 10]}], "$or": [{"a": [1]}, {"b": [{"exists":
//   false}]}]}}
//
// An object asks for the same shape in the event; an array lists what a value may be, any of it; members of an object
// must all hold. Where the event has an array, one of its elements must match, the same one for all that the pattern
// says about it. What the pattern does not mention does not matter.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
#pragma once

#include <memory>
#include <string_view>

#include "src/base/result.h"
#include "src/flow/pattern/json_tree.h"

namespace millrace::flow::pattern {

// Immutable; any thread; cheap to copy.
class Pattern {
  public:
    // invalid_argument with the sentence that AWS gives as the reason ("Empty arrays are not allowed", "\"a\" must be
    // an object or an array", "Unrecognized match type foo", ...). Bounded: pattern_bytes_max, json_depth_max, and
    // alternatives_max ways through $or.
    static Result<Pattern> compile(std::string_view json);

    // Takes time linear in the size of the event, but for wildcards (see text_match.h) and for arrays under $or, which
    // are bounded by the event's size times alternatives_max.
    bool matches(const JsonTree& event) const;

    // Whether it says anything about the member `name` of the event, also inside $or...
    bool mentions(std::string_view name) const;
    // ...and whether it asks for a value there, where an object would have been needed to look inside.
    bool asks_for_value(std::string_view name) const;

    struct Object;
    // What it was compiled to (nodes.h), for who lays out many patterns (src/bus/index). Lives as long as a copy does.
    const Object& root() const { return *root_; }

  private:
    std::shared_ptr<const Object> root_;
};

constexpr size_t pattern_bytes_max = 16 * 1024;
constexpr size_t alternatives_max = 1000;

}  // namespace millrace::flow::pattern
