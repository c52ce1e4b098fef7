// What a pattern is compiled to (pattern_compile.cc), and walked as (pattern_match.cc).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "src/flow/pattern/pattern.h"
#include "src/flow/pattern/text_match.h"

namespace millrace::flow::pattern {

struct Exact {
    JsonTree::Kind kind;
    std::string text;
    double number = 0;
};
struct Affix {
    enum class End : uint8_t { prefix, suffix } end;
    bool ignore_case = false;
    std::string text;
};
struct IgnoreCase {
    std::string text;
};
struct NumericRange {
    double low, high;
    bool low_open = false, high_open = false;
};
struct Exists {
    bool wanted = true;
};
// Any of these would make anything-but false.
using Excluded = std::variant<Exact, Affix, IgnoreCase, Wildcard>;
struct AnythingBut {
    std::vector<Excluded> values;
};
using Matcher = std::variant<Exact, Affix, IgnoreCase, Wildcard, AddressBlock, NumericRange, Exists, AnythingBut>;

struct Values {
    std::vector<Matcher> any;
    // From the event's root, for {"exists": false}: absent means nowhere in the event, whichever element of an array
    // is being looked at.
    std::vector<std::string> path;
};

struct Pattern::Object {
    std::vector<std::pair<std::string, std::variant<Values, std::shared_ptr<const Object>>>> fields;
    std::vector<std::vector<std::shared_ptr<const Object>>> ors;  // one of each
};

}  // namespace millrace::flow::pattern
