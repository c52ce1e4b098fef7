// JSON paths, as Jayway's library reads them, which API Gateway ($input.path, $input.json) and EventBridge (InputPath)
// use: $.a.b  $['a']['b']  [0] [-1] [0,2] [1:3]  .* [*]  ..name ..*  [?(@.price < 10 && @.name)]  .length()
// https://github.com/json-path/JsonPath
//
// A definite path gives a value or nothing; one with a wildcard, a slice, a filter or a descent gives a list.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "src/base/result.h"
#include "src/vtl/value.h"

namespace millrace::vtl {

class JsonPath {  // immutable; any thread
  public:
    // invalid_argument.
    static Result<std::shared_ptr<const JsonPath>> parse(std::string_view text);
    virtual ~JsonPath() = default;
    // nullopt: there is nothing there. At most `values_max` values are looked at; beyond that the list ends.
    virtual std::optional<Value> find(const Value& root, size_t values_max = 1'000'000) const = 0;
    virtual bool is_definite() const = 0;
};

}  // namespace millrace::vtl
