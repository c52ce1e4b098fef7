// The keys that a Query or a Scan's segment walks over.
#pragma once

#include <optional>
#include <string>

#include "src/table/engine/keys.h"
#include "src/table/tables.h"

namespace millrace::table::engine {

struct KeyRange {
    std::string begin;  // at or after
    std::string end;    // before; "" is no end
    bool empty() const { return !end.empty() && begin >= end; }
};

KeyRange range_of(uint32_t id, const KeyCondition& condition);
KeyRange range_of_segment(uint32_t id, uint32_t segment, uint32_t segments);
// The rest of a range after `key`, in the direction of the walk.
void start_after(KeyRange* range, const std::string& key, bool forward);

}  // namespace millrace::table::engine
