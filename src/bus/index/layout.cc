#include <algorithm>
#include <limits>
#include <tuple>

#include "src/bus/index/nodes.h"

namespace millrace::bus {
namespace {

using namespace flow::pattern;  // the pattern's nodes

constexpr size_t nodes_per_conjunction_max = 256;
constexpr size_t first_edges_max = 4096;  // of the first step: a long list of values is not multiplied by anything

template <class... F>
struct Cases : F... {
    using F::operator()...;
};

// How few events a step lets through, roughly: the lower, the sooner it is asked.
enum class Rank : uint8_t { exact, literal, affix, range, present };

struct Step {
    const Values* values;
    uint32_t path = 0;
    Rank rank = Rank::exact;
    bool usable = true;  // false where the value may be absent
    bool exact = true;   // the tree says all that the values say
};

void look_at(const Matcher& matcher, Step* step) {
    const auto at_least = [&](Rank rank) { step->rank = std::max(step->rank, rank); };
    std::visit(Cases{
                   [&](const Exact& exact) {
                       if (exact.kind != JsonTree::Kind::string) at_least(Rank::literal);
                       if (exact.kind == JsonTree::Kind::number) step->exact = false;
                   },
                   [&](const Affix&) { at_least(Rank::affix); },
                   [&](const IgnoreCase&) { at_least(Rank::literal); },
                   [&](const Wildcard& wildcard) {
                       at_least(wildcard.head().empty() && wildcard.tail().empty() ? Rank::present : Rank::affix);
                       step->exact = false;
                   },
                   [&](const NumericRange&) { at_least(Rank::range); },
                   [&](const Exists& exists) {
                       at_least(Rank::present);
                       if (!exists.wanted) step->usable = false;
                   },
                   [&](const auto&) {  // a network, anything-but
                       at_least(Rank::present);
                       step->exact = false;
                   },
               },
               matcher);
}

class Builder {
  public:
    Builder() {
        out_.nodes.emplace_back();
        out_.paths.emplace_back();
    }

    void add(uint32_t pattern, const Conjunction& conjunction) {
        std::vector<Step> steps;
        bool exact = conjunction.complete;
        for (const Values* values : conjunction.all) {
            Step step{values};
            for (const Matcher& matcher : values->any) look_at(matcher, &step);
            exact &= step.usable && step.exact;
            if (!step.usable) continue;
            step.path = path_of(values->path);
            steps.push_back(step);
        }
        std::sort(steps.begin(), steps.end(),
                  [](const Step& a, const Step& b) { return std::tuple(a.rank, a.path) < std::tuple(b.rank, b.path); });
        std::vector<NodeIndex> ends = {0};
        for (size_t i = 0; i < steps.size(); ++i) {
            const size_t edges = steps[i].values->any.size();
            if (edges * ends.size() > (i == 0 ? first_edges_max : std::max(nodes_per_conjunction_max, ends.size()))) {
                exact = false;
                continue;
            }
            std::vector<NodeIndex> next;
            for (const NodeIndex end : ends) {
                for (const Matcher& matcher : steps[i].values->any) next.push_back(child(end, steps[i].path, matcher));
            }
            std::sort(next.begin(), next.end());
            next.erase(std::unique(next.begin(), next.end()), next.end());
            ends = std::move(next);
        }
        for (const NodeIndex end : ends) out_.nodes[end].accepted.push_back({pattern, exact});
    }

    Layout take() {
        for (Branch& branch : out_.branches) branch.ranges.seal();
        return std::move(out_);
    }

  private:
    uint32_t path_of(const std::vector<std::string>& names) {
        uint32_t at = 0;
        for (const std::string& name : names) {
            const auto known = out_.paths[at].children.find(name);
            if (known != out_.paths[at].children.end()) {
                at = known->second;
                continue;
            }
            const auto next = static_cast<uint32_t>(out_.paths.size());
            out_.paths[at].children.emplace(name, next);
            out_.paths.emplace_back();
            at = next;
        }
        if (out_.paths[at].path < 0) out_.paths[at].path = static_cast<int32_t>(out_.path_count++);
        return static_cast<uint32_t>(out_.paths[at].path);
    }

    Branch& branch(NodeIndex node, uint32_t path) {
        auto& branches = out_.nodes[node].branches;
        const auto place = std::lower_bound(branches.begin(), branches.end(), std::pair(path, uint32_t{0}));
        if (place != branches.end() && place->first == path) return out_.branches[place->second];
        branches.insert(place, {path, static_cast<uint32_t>(out_.branches.size())});
        return out_.branches.emplace_back();
    }

    NodeIndex child(NodeIndex node, uint32_t path, const Matcher& matcher) {
        NodeIndex* place = edge(branch(node, path), matcher);
        if (*place == no_node) {
            *place = static_cast<NodeIndex>(out_.nodes.size());
            out_.nodes.emplace_back();
        }
        return *place;
    }

    static NodeIndex* slot(ByText<NodeIndex>& map, std::string key) {
        return &map.try_emplace(std::move(key), no_node).first->second;
    }
    static NodeIndex* slot(Affixes& affixes, std::string key) {
        ByText<NodeIndex>& map = affixes.by_length[key.size()];
        return slot(map, std::move(key));
    }

    static NodeIndex* edge(Branch& branch, const Matcher& matcher) {
        return std::visit(
            Cases{
                [&](const Exact& exact) {
                    if (exact.kind == JsonTree::Kind::string) return slot(branch.strings, exact.text);
                    if (exact.kind != JsonTree::Kind::number) return slot(branch.literals, exact.text);
                    return &branch.numbers.try_emplace(exact.number, no_node).first->second;
                },
                [&](const Affix& affix) {
                    const bool is_prefix = affix.end == Affix::End::prefix;
                    if (!affix.ignore_case) return slot(is_prefix ? branch.prefixes : branch.suffixes, affix.text);
                    return slot(is_prefix ? branch.prefixes_ignoring_case : branch.suffixes_ignoring_case,
                                in_lower_case(affix.text));
                },
                [&](const IgnoreCase& wanted) { return slot(branch.ignoring_case, in_lower_case(wanted.text)); },
                [&](const Wildcard& wildcard) {
                    if (!wildcard.head().empty()) return slot(branch.prefixes, wildcard.head());
                    if (!wildcard.tail().empty()) return slot(branch.suffixes, wildcard.tail());
                    return &branch.present;
                },
                [&](const NumericRange& range) { return branch.ranges.place(range); },
                [&](const auto&) { return &branch.present; },
            },
            matcher);
    }

    Layout out_;
};

}  // namespace

std::string in_lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return out;
}

NodeIndex* Ranges::place(const NumericRange& range) {
    const auto key = std::tuple(range.low, range.high, range.low_open, range.high_open);
    const auto [place, is_new] = places_.try_emplace(key, entries_.size());
    if (is_new) entries_.push_back({range});
    return &entries_[place->second].node;
}

void Ranges::seal() {
    places_.clear();
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return a.range.low < b.range.low; });
    seal(0, entries_.size());
}

double Ranges::seal(size_t begin, size_t end) {
    if (begin == end) return -std::numeric_limits<double>::infinity();
    const size_t middle = begin + (end - begin) / 2;
    Entry& entry = entries_[middle];
    entry.high_max = std::max({entry.range.high, seal(begin, middle), seal(middle + 1, end)});
    return entry.high_max;
}

Layout lay_out(const std::vector<Pattern>& patterns) {
    Builder builder;
    for (uint32_t i = 0; i < patterns.size(); ++i) {
        for (const Conjunction& each : conjunctions_of(patterns[i].root())) builder.add(i, each);
    }
    return builder.take();
}

}  // namespace millrace::bus
