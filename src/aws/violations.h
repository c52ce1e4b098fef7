// What is wrong with an input, in AWS's words: gathered while a request is decoded (required members) and validated.
//
// AWS says "2 validation errors detected: Value '' at 'streamName' failed to satisfy constraint: Member must have
// length greater than or equal to 1; Value null at 'records.1.member.data' failed to satisfy constraint: Member must
// not be null". Names begin in lower case, list elements are counted from 1.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/aws/failure.h"

namespace millrace::aws {

// Where in the input: a chain on the stack of whoever walks it. A root has no parent and no name.
struct Place {
    const Place* parent = nullptr;
    std::string_view name = {};  // a member's, or a map's key
    size_t index = 0;            // from 1, of a list's element
    std::string text() const;    // "records.1.member.data"
};

class Violations {
  public:
    void add(const Place& at, std::optional<std::string_view> value, std::string_view constraint);
    void missing(const Place& at) { add_text(at, "null ", "Member must not be null"); }
    bool empty() const { return count_ == 0; }
    // The whole as one failure: ValidationException, or the code that the caller names.
    Failure failure(std::string_view code) const;

  private:
    void add_text(const Place& at, std::string_view value_and_space, std::string_view constraint);
    size_t count_ = 0;
    std::vector<std::string> messages_;  // the first few: a hostile input may break thousands
};

}  // namespace millrace::aws
