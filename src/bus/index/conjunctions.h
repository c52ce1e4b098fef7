// A pattern as a list of "all of these": what pattern_index.cc lays out as a tree.
#pragma once

#include <string>
#include <vector>

#include "src/flow/pattern/nodes.h"

namespace millrace::bus {

struct Conjunction {
    std::vector<const flow::pattern::Values*> all;  // each knows its path; views of the pattern
    bool complete = true;                           // says all that the pattern says
};

constexpr size_t conjunctions_max = 64;  // a pattern; of one with more ways through $or, only what is outside of it

// At least one; they live as long as the pattern.
std::vector<Conjunction> conjunctions_of(const flow::pattern::Pattern::Object& root);

}  // namespace millrace::bus
