// What a target gets of an event: all of it, a part (InputPath), a constant (Input), or a template filled from it
// (InputTransformer). https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
//
// In a template, <name> stands for what its path found: a JSON value where it stands outside of a string; inside, its
// text - a string's characters, and of objects and lists their JSON without quotes, as AWS has it. Where a path found
// nothing: null outside of a string, nothing inside. No escapes are added or taken away.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/bus/input/json_slice.h"

namespace millrace::bus {

struct InputDefinition {
    std::optional<std::string> constant;  // at most one of these three
    std::optional<std::string> path;
    std::optional<std::string> text;           // the template...
    std::map<std::string, std::string> paths;  // ...and its names
};

struct Occasion {  // what a template may ask for beside the event
    std::string_view rule_arn, rule_name;
    TimestampMs accepted;
};

constexpr size_t input_bytes_max = 1 << 20;  // of what comes out

class Input {  // immutable; any thread
  public:
    // invalid_argument with a sentence: no JSON, a path that is none, a name that is not defined, more than 100 names.
    static Result<Input> compile(const InputDefinition& definition);

    // invalid_argument where the template's result would be longer than input_bytes_max. A path that finds nothing
    // gives "null"... for an InputPath.
    Result<std::string> apply(std::string_view event, const Occasion& occasion) const;
    bool is_whole() const { return kind_ == Kind::whole; }

  private:
    enum class Kind : uint8_t { whole, constant, path, text };
    struct Piece {
        enum class What : uint8_t { literal, path, rule_arn, rule_name, accepted, event, event_without_detail } what;
        std::string literal;
        size_t path = 0;
        bool in_string = false;
    };
    Status compile_template(const InputDefinition& definition);
    Status check_result() const;

    Kind kind_ = Kind::whole;
    std::string constant_;
    std::vector<SlicePath> paths_;
    std::vector<Piece> pieces_;
};

}  // namespace millrace::bus
