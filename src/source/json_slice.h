// Values inside JSON text, as slices of it: what a source gave is passed on digit for digit, whatever its numbers are,
// and no tree is built of a body of megabytes to take it apart.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "src/base/result.h"

namespace millrace::source {

inline constexpr int json_depth_max = 64;

// Whether the text is one JSON value (RFC 8259: UTF-8, nothing behind it but blanks), nested no deeper than that.
bool is_json(std::string_view text);

// The value at the front of `text`, which is_json; without the blanks around it.
std::string_view front_value(std::string_view text);
// Calls for each element of an array, or each member of an object (its name still escaped), in order, until false.
// `value` is a value of that kind in a text which is_json.
void each_element(std::string_view value, const std::function<bool(std::string_view element)>& visit);
void each_member(std::string_view value,
                 const std::function<bool(std::string_view name, std::string_view value)>& visit);
// Appends the value without blanks between its tokens.
void append_compact(std::string_view value, std::string& out);
// What the string says, where the value is one; else the value as it stands.
std::string text_of(std::string_view value);

// A path that names one place: $ .name ['name'] [0]
class SlicePath {
  public:
    // unsupported where it is a path that names more (wildcards, filters); invalid_argument where it is none.
    static Result<SlicePath> parse(std::string_view text);
    // An empty view where there is nothing. `value` as above. Of members of the same name the last counts.
    std::string_view find(std::string_view value) const;

  private:
    std::vector<std::variant<std::string, size_t>> steps_;
};

}  // namespace millrace::source
