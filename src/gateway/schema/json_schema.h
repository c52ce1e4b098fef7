// JSON Schema, draft 4, which models of REST APIs are written in: compiled once, held against many bodies.
// https://json-schema.org/draft-04/json-schema-validation, https://json-schema.org/draft-04/json-schema-core
//
// Ours, for the libraries that Debian has match `pattern` by std::regex, which a long text takes down with the stack:
// patterns are RE2's here (a pattern that RE2 does not take is refused). Not held: `format`, as in API Gateway.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/vtl/value.h"

namespace millrace::gateway {

class JsonSchema {  // immutable; any thread
  public:
    // What a $ref names that is not in this schema: the text of another model; nullopt where there is none.
    using Lookup = std::function<std::optional<std::string>(std::string_view reference)>;
    // invalid_argument: not JSON, not a schema, a $ref to nothing, an expression that does not compile.
    static Result<std::shared_ptr<const JsonSchema>> compile(std::string_view text, const Lookup& lookup);
    virtual ~JsonSchema() = default;
    // What is wrong, each as a sentence with the place ("object has missing required properties ([\"id\"])"); at
    // most 20. Empty: valid.
    virtual std::vector<std::string> problems(const vtl::Value& value) const = 0;
};

}  // namespace millrace::gateway
