// A JSON text as a tree that keeps numbers as they were written: what patterns are compiled from and matched against.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::flow::pattern {

struct JsonTree {
    enum class Kind : uint8_t { null, boolean, number, string, array, object };
    Kind kind = Kind::null;
    // A string's characters, unescaped; "true"; a number as written.
    std::string text;
    double number = 0;  // of a number; infinite where it is beyond a double
    std::string name;   // of an object's member
    std::vector<JsonTree> children;

    // Of an object, the last of that name, as most readers take it; null where absent.
    const JsonTree* find(std::string_view member) const;

    static JsonTree of_string(std::string text);
    // For putting an event together out of parts. Replaces nothing: the caller adds each name once.
    void add(std::string member, JsonTree child);
};

constexpr int json_depth_max = 128;

// invalid_argument where `text` is not exactly one JSON value in UTF-8, or nests deeper than json_depth_max.
Result<JsonTree> parse_json(std::string_view text);

// What a number's text (RFC 8259) is as a double; infinite, or 0, where it is beyond one.
double number_of(std::string_view text);

}  // namespace millrace::flow::pattern
