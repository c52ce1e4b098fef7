// The tree of a PatternIndex; see pattern_index.h for the idea. layout.cc builds it, pattern_index.cc walks it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/bus/index/conjunctions.h"

namespace millrace::bus {

struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <class T>
using ByText = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

using NodeIndex = uint32_t;
constexpr NodeIndex no_node = UINT32_MAX;

// Closed or open intervals of numbers, and which of them hold one: in the time of a binary search for each that does.
class Ranges {
  public:
    NodeIndex* place(const flow::pattern::NumericRange& range);  // no_node where it is new; before seal()
    void seal();
    bool empty() const { return entries_.empty(); }
    template <class Visit>
    void find(double x, Visit visit) const {
        find(x, 0, entries_.size(), visit);
    }

  private:
    struct Entry {
        flow::pattern::NumericRange range;
        NodeIndex node = no_node;
        double high_max = 0;  // of the part of the sorted entries whose middle this is
    };
    double seal(size_t begin, size_t end);
    template <class Visit>
    void find(double x, size_t begin, size_t end, Visit& visit) const {
        if (begin == end) return;
        const size_t middle = begin + (end - begin) / 2;
        const Entry& entry = entries_[middle];
        if (entry.high_max < x) return;
        find(x, begin, middle, visit);
        if (entry.range.low > x) return;
        const bool above = entry.range.low_open ? x > entry.range.low : x >= entry.range.low;
        if (above && (entry.range.high_open ? x < entry.range.high : x <= entry.range.high)) visit(entry.node);
        find(x, middle + 1, end, visit);
    }

    std::vector<Entry> entries_;
    std::map<std::tuple<double, double, bool, bool>, size_t> places_;  // until sealed
};

// Beginnings or ends of strings, by their length.
struct Affixes {
    std::map<size_t, ByText<NodeIndex>> by_length;
};

struct Branch {
    ByText<NodeIndex> strings, ignoring_case, literals;  // ignoring_case: in lower case; literals: true, false, null
    std::unordered_map<double, NodeIndex> numbers;
    Affixes prefixes, suffixes, prefixes_ignoring_case, suffixes_ignoring_case;
    Ranges ranges;
    NodeIndex present = no_node;
};

struct Accepted {
    uint32_t pattern;
    bool exact;  // nothing is left to look at
};

struct Node {
    std::vector<Accepted> accepted;
    std::vector<std::pair<uint32_t, uint32_t>> branches;  // path, place in Layout::branches; by path
};

// Which members of an event are asked for.
struct PathNode {
    ByText<uint32_t> children;  // places in Layout::paths
    int32_t path = -1;          // its number, where values are asked for here
};

struct Layout {
    std::vector<Node> nodes;
    std::vector<Branch> branches;
    std::vector<PathNode> paths;
    uint32_t path_count = 0;
};

Layout lay_out(const std::vector<flow::pattern::Pattern>& patterns);

std::string in_lower_case(std::string_view text);  // of ASCII

}  // namespace millrace::bus
