// The records of an object in Amazon Ion text: the structs at its top level, or in lists there. A scanner for where
// each ends; what is in them is parsed by src/table/value/item_ion.h.
#pragma once

#include <optional>
#include <string_view>

#include "src/flow/table_jobs/object_text.h"

namespace millrace::flow {

constexpr size_t ion_record_bytes_max = 4 << 20;

// One thread. `text` outlives it.
class IonRecords {
  public:
    explicit IonRecords(ObjectText& text) : text_(text) {}
    // The next struct, valid until the next call; nullopt at the end. Errors: ObjectText's; invalid_argument where the
    // text is not Ion, is binary Ion, has another value where a record should be, or a record is over
    // ion_record_bytes_max. Nothing can be read after one.
    Result<std::optional<std::string_view>> next();

  private:
    // The character at `i` of the window, which is filled as far; -1 at the object's end.
    Result<int> at(size_t i);
    Result<bool> is_at(size_t i, std::string_view what);
    Status skip_blanks();
    Status take_marker();
    Result<size_t> comment_end(size_t begin);
    Result<size_t> text_end(size_t begin);
    Result<size_t> lob_end(size_t begin);
    Result<size_t> struct_end();

    ObjectText& text_;
    size_t given_ = 0;  // bytes of the record that was given out last
    bool in_list_ = false;
    bool between_ = false;  // in a list, after an element
    bool begun_ = false;
};

}  // namespace millrace::flow
