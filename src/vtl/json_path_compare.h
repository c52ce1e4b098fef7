// The operators of Jayway's JSON path filters: [?(@.price < 10 && @.kind in ['a', 'b'])].
// https://github.com/json-path/JsonPath#filter-operators
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "src/base/result.h"
#include "src/vtl/value.h"

namespace re2 {
class RE2;
}

namespace millrace::vtl {

enum class Comparison : uint8_t {
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    matches,  // =~ /pattern/flags
    in,
    not_in,
    subset_of,
    any_of,
    none_of,
    contains,
    size,
    empty,
};

// The operator that `*rest` begins with, which is taken; nullopt where it begins with none.
std::optional<Comparison> take_comparison(std::string_view* rest);

// nullopt: a path that leads nowhere.
bool compare(Comparison how, const std::optional<Value>& left, const std::optional<Value>& right);

using Pattern = std::shared_ptr<const re2::RE2>;
// /text/flags, which is taken; of the flags, i ignores case and s lets . match a line's end. Linear in what it is held
// against.
Result<Pattern> take_pattern(std::string_view* rest);
bool matches(const Pattern& pattern, const std::optional<Value>& left);

// min, max, avg, stddev or sum of the numbers in a list; nullopt where there is no such function, or nothing to count.
std::optional<Value> aggregate(std::string_view name, const Value& list);
bool is_aggregate(std::string_view name);

}  // namespace millrace::vtl
