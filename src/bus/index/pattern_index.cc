#include "src/bus/index/pattern_index.h"

#include <algorithm>

#include <simdjson.h>

#include "src/bus/index/nodes.h"

namespace millrace::bus {
namespace {

using flow::pattern::Pattern;
using simdjson::ondemand::json_type;

constexpr size_t buffer_bytes_kept_max = 4 << 20;

struct Leaf {
    enum class Kind : uint8_t { string, number, literal } kind;
    std::string_view text;  // a string's characters; a number or literal as written
    int32_t next = -1;      // of the same path
};

}  // namespace

struct PatternIndex::Scratch::State {
    simdjson::ondemand::parser parser;
    std::string padded;
    std::vector<Leaf> leaves;
    std::vector<int32_t> first_leaf;  // by path; -1: none
    std::vector<uint32_t> touched;    // paths that have leaves
    std::vector<uint64_t> node_seen, pattern_seen, path_node_seen;
    uint64_t event = 0;   // stamps of node_seen and pattern_seen
    uint64_t object = 0;  // stamps of path_node_seen
    const void* of = nullptr;
    std::vector<uint32_t> doubtful;  // patterns that Pattern::matches has to decide
};

PatternIndex::Scratch::Scratch() : state(std::make_unique<State>()) {}
PatternIndex::Scratch::~Scratch() = default;

namespace {

using State = PatternIndex::Scratch::State;

std::string_view trimmed(std::string_view token) {
    const size_t last = token.find_last_not_of(" \t\r\n");
    return token.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// Collects the values of the paths that are asked for.
class Scan {
  public:
    Scan(const Layout& layout, State& state) : layout_(layout), state_(state) {}

    // Throws simdjson_error.
    void object(simdjson::ondemand::object object, const PathNode& node) {
        const uint64_t stamp = ++state_.object;
        for (auto member : object) {
            const std::string_view name = member.unescaped_key();
            const auto child = node.children.find(name);
            if (child == node.children.end()) continue;
            uint64_t& seen = state_.path_node_seen[child->second];
            if (seen == stamp) ambiguous_ = true;  // the name a second time: which of the two counts is not ours to say
            seen = stamp;
            simdjson::ondemand::value value = member.value();
            this->value(value, layout_.paths[child->second], false);
        }
    }

    bool ambiguous() const { return ambiguous_; }

  private:
    void value(simdjson::ondemand::value& value, const PathNode& node, bool in_list) {
        switch (json_type(value.type())) {
            case json_type::object:
                if (node.children.empty()) return;
                if (in_list) ambiguous_ = true;  // all that a pattern says must hold in one element
                object(value.get_object(), node);
                return;
            case json_type::array:
                for (auto element : value.get_array()) {
                    simdjson::ondemand::value each = element.value();
                    this->value(each, node, true);
                }
                return;
            case json_type::string:
                if (node.path >= 0) add(node.path, Leaf::Kind::string, value.get_string());
                return;
            case json_type::number:
                if (node.path >= 0) add(node.path, Leaf::Kind::number, trimmed(value.raw_json_token()));
                return;
            default:
                if (node.path >= 0) add(node.path, Leaf::Kind::literal, trimmed(value.raw_json_token()));
        }
    }

    void add(int32_t path, Leaf::Kind kind, std::string_view text) {
        int32_t& first = state_.first_leaf[static_cast<size_t>(path)];
        if (first < 0) state_.touched.push_back(static_cast<uint32_t>(path));
        state_.leaves.push_back({kind, text, first});
        first = static_cast<int32_t>(state_.leaves.size() - 1);
    }

    const Layout& layout_;
    State& state_;
    bool ambiguous_ = false;
};

// Goes down the tree wherever a step holds. A node is looked at once an event, whichever values lead to it.
class Walk {
  public:
    Walk(const Layout& layout, State& state, bool ambiguous, std::vector<uint32_t>* out)
        : layout_(layout), state_(state), ambiguous_(ambiguous), out_(out) {}

    void node(NodeIndex index) {
        if (index == no_node || state_.node_seen[index] == state_.event) return;
        state_.node_seen[index] = state_.event;
        const Node& node = layout_.nodes[index];
        for (const Accepted& each : node.accepted) accept(each);
        if (node.branches.size() <= state_.touched.size()) {
            for (const auto& [path, branch] : node.branches) {
                if (state_.first_leaf[path] >= 0) leaves(path, layout_.branches[branch]);
            }
            return;
        }
        for (const uint32_t path : state_.touched) {
            const auto place =
                std::lower_bound(node.branches.begin(), node.branches.end(), std::pair(path, uint32_t{0}));
            if (place != node.branches.end() && place->first == path) leaves(path, layout_.branches[place->second]);
        }
    }

  private:
    void accept(const Accepted& each) {
        uint64_t& seen = state_.pattern_seen[each.pattern];
        if (seen == state_.event) return;
        if (each.exact && !ambiguous_) {
            seen = state_.event;
            out_->push_back(each.pattern);
        } else {
            state_.doubtful.push_back(each.pattern);
        }
    }

    void leaves(uint32_t path, const Branch& branch) {
        node(branch.present);
        for (int32_t i = state_.first_leaf[path]; i >= 0; i = state_.leaves[static_cast<size_t>(i)].next) {
            const Leaf& leaf = state_.leaves[static_cast<size_t>(i)];
            switch (leaf.kind) {
                case Leaf::Kind::string:
                    string(branch, leaf.text);
                    break;
                case Leaf::Kind::number:
                    number(branch, leaf.text);
                    break;
                case Leaf::Kind::literal:
                    follow(branch.literals, leaf.text);
                    break;
            }
        }
    }

    void string(const Branch& branch, std::string_view text) {
        follow(branch.strings, text);
        prefixes(branch.prefixes, text);
        suffixes(branch.suffixes, text);
        if (branch.ignoring_case.empty() && branch.prefixes_ignoring_case.by_length.empty() &&
            branch.suffixes_ignoring_case.by_length.empty()) {
            return;
        }
        const std::string lower = in_lower_case(text);
        follow(branch.ignoring_case, lower);
        prefixes(branch.prefixes_ignoring_case, lower);
        suffixes(branch.suffixes_ignoring_case, lower);
    }

    void number(const Branch& branch, std::string_view text) {
        if (branch.numbers.empty() && branch.ranges.empty()) return;
        const double value = flow::pattern::number_of(text);
        if (const auto found = branch.numbers.find(value); found != branch.numbers.end()) node(found->second);
        branch.ranges.find(value, [&](NodeIndex index) { node(index); });
    }

    void follow(const ByText<NodeIndex>& map, std::string_view text) {
        if (map.empty()) return;
        if (const auto found = map.find(text); found != map.end()) node(found->second);
    }
    void prefixes(const Affixes& affixes, std::string_view text) {
        for (const auto& [length, map] : affixes.by_length) {
            if (length > text.size()) return;
            follow(map, text.substr(0, length));
        }
    }
    void suffixes(const Affixes& affixes, std::string_view text) {
        for (const auto& [length, map] : affixes.by_length) {
            if (length > text.size()) return;
            follow(map, text.substr(text.size() - length));
        }
    }

    const Layout& layout_;
    State& state_;
    const bool ambiguous_;
    std::vector<uint32_t>* out_;
};

class PatternIndexImpl final : public PatternIndex {
  public:
    explicit PatternIndexImpl(std::vector<Pattern> patterns)
        : patterns_(std::move(patterns)), layout_(lay_out(patterns_)) {}

    void match(std::string_view event, Scratch& scratch, std::vector<uint32_t>* out) const override {
        out->clear();
        if (patterns_.empty()) return;
        State& state = *scratch.state;
        prepare(state);
        bool ambiguous = false;
        try {
            ambiguous = scan(event, state);
        } catch (const simdjson::simdjson_error&) {
            return;
        }
        Walk(layout_, state, ambiguous, out).node(0);
        decide_doubtful(event, state, out);
        std::sort(out->begin(), out->end());
    }

  private:
    void prepare(State& state) const {
        if (state.of != this) {
            const uint64_t event = state.event, object = state.object;
            state.first_leaf.assign(layout_.path_count, -1);
            state.node_seen.assign(layout_.nodes.size(), event);
            state.pattern_seen.assign(patterns_.size(), event);
            state.path_node_seen.assign(layout_.paths.size(), object);
            state.touched.clear();
            state.of = this;
        }
        for (const uint32_t path : state.touched) state.first_leaf[path] = -1;
        state.touched.clear();
        state.leaves.clear();
        state.doubtful.clear();
        ++state.event;
    }

    bool scan(std::string_view event, State& state) const {
        if (state.padded.capacity() > buffer_bytes_kept_max && event.size() < buffer_bytes_kept_max) {
            state.padded = std::string();
            state.parser = simdjson::ondemand::parser();
        }
        state.padded.reserve(event.size() + simdjson::SIMDJSON_PADDING);
        state.padded = event;
        simdjson::ondemand::document document = state.parser.iterate(
            simdjson::padded_string_view(state.padded.data(), state.padded.size(), state.padded.capacity()));
        Scan scan(layout_, state);
        scan.object(document.get_object(), layout_.paths[0]);
        return scan.ambiguous();
    }

    void decide_doubtful(std::string_view event, State& state, std::vector<uint32_t>* out) const {
        if (state.doubtful.empty()) return;
        const auto tree = flow::pattern::parse_json(event);
        if (!tree.ok()) return;
        for (const uint32_t pattern : state.doubtful) {
            uint64_t& seen = state.pattern_seen[pattern];
            if (seen == state.event) continue;
            seen = state.event;
            if (patterns_[pattern].matches(*tree)) out->push_back(pattern);
        }
    }

    const std::vector<Pattern> patterns_;
    const Layout layout_;
};

}  // namespace

std::shared_ptr<const PatternIndex> PatternIndex::build(std::vector<Pattern> patterns) {
    return std::make_shared<PatternIndexImpl>(std::move(patterns));
}

}  // namespace millrace::bus
