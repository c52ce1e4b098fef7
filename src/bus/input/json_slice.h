// Parts of a JSON text as they stand in it: what paths pick keeps its numbers' and strings' spelling. The text has been
// checked before (what is no JSON gives nothing or nonsense, never a read outside of it).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::bus {

// $.a.b-c[0]['any name'][*].* - what EventBridge's input paths know. A path with a star gives a list.
class SlicePath {
  public:
    // invalid_argument.
    static Result<SlicePath> parse(std::string_view text);
    // What is there, as JSON text; nullopt where there is nothing. With a star: a list, perhaps empty.
    std::optional<std::string> find(std::string_view json) const;

  private:
    struct Step {
        enum class Kind : uint8_t { member, element, all } kind;
        std::string name;
        long index = 0;  // negative: from the end
    };
    void walk(std::string_view value, size_t step, std::vector<std::string_view>* out) const;

    std::vector<Step> steps_;
    bool is_list_ = false;
};

constexpr size_t slice_path_steps_max = 64;
constexpr size_t slices_max = 10'000;  // that a path with stars gives

// The characters of a JSON string (with its quotes), unescaped. "" where it is none.
std::string string_of(std::string_view json);

}  // namespace millrace::bus
