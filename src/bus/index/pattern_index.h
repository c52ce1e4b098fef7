// Finds, among many patterns, those that an event matches - at a cost that depends on the event and on what matches,
// not on how many patterns there are.
//
// A pattern becomes conjunctions (its $or multiplied out), a conjunction a way down a tree: each step asks for one path
// of the event and leads on by what stands there - a string, a prefix, a suffix, a number's range, or that there is
// anything at all. Patterns that ask the same share their steps. An event is walked once for the paths that any pattern
// asks for, then down the tree, following only steps that hold: a pattern is looked at when everything on its way
// holds.
//
// What the tree does not express ("exists": false, wildcards without a beginning or an end, networks, anything-but,
// numbers by equality) is left to Pattern::matches, which then has the last word; so it has where the event has lists
// of objects or a name twice. index_test.cc holds the result against Pattern::matches on random patterns and events.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "src/flow/pattern/pattern.h"

namespace millrace::bus {

class PatternIndex {  // immutable once built; any thread
  public:
    // Numbers in the results are places in `patterns`.
    static std::shared_ptr<const PatternIndex> build(std::vector<flow::pattern::Pattern> patterns);
    virtual ~PatternIndex() = default;

    // What a thread needs meanwhile; keep it for the next event.
    class Scratch {
      public:
        Scratch();
        ~Scratch();
        Scratch(const Scratch&) = delete;
        Scratch& operator=(const Scratch&) = delete;
        struct State;
        std::unique_ptr<State> state;
    };
    // Which match, ascending. `event` is a JSON object; what is none matches nothing.
    virtual void match(std::string_view event, Scratch& scratch, std::vector<uint32_t>* out) const = 0;
};

}  // namespace millrace::bus
