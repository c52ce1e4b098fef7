#include <algorithm>

#include "src/flow/pattern/nodes.h"

namespace millrace::flow::pattern {
namespace {

using Kind = JsonTree::Kind;

template <class... F>
struct Cases : F... {
    using F::operator()...;
};

bool equal(const Exact& wanted, const JsonTree& value) {
    if (wanted.kind != value.kind) return false;
    // The user guide says that 300 and 300.0 are not equal; the engine that AWS publishes compares numbers by value,
    // and falls back to the text for those that a double does not hold.
    return wanted.text == value.text || (value.kind == Kind::number && wanted.number == value.number &&
                                         std::max(wanted.text.size(), value.text.size()) <= 15);
}

bool equal(const Affix& wanted, const JsonTree& value) {
    if (value.kind != Kind::string || value.text.size() < wanted.text.size()) return false;
    const std::string_view text = value.text;
    const std::string_view part = wanted.end == Affix::End::prefix ? text.substr(0, wanted.text.size())
                                                                   : text.substr(text.size() - wanted.text.size());
    return wanted.ignore_case ? equals_ignore_case(part, wanted.text) : part == wanted.text;
}

bool equal(const IgnoreCase& wanted, const JsonTree& value) {
    return value.kind == Kind::string && equals_ignore_case(value.text, wanted.text);
}

bool equal(const Wildcard& wanted, const JsonTree& value) {
    return value.kind == Kind::string && wanted.matches(value.text);
}

// A value that is there, and that is neither an object nor an array.
bool holds(const Matcher& matcher, const JsonTree& value) {
    return std::visit(
        Cases{
            [&](const AddressBlock& block) { return value.kind == Kind::string && block.contains(value.text); },
            [&](const NumericRange& range) {
                if (value.kind != Kind::number) return false;
                const bool above = range.low_open ? value.number > range.low : value.number >= range.low;
                return above && (range.high_open ? value.number < range.high : value.number <= range.high);
            },
            [&](const Exists& exists) { return exists.wanted; },
            [&](const AnythingBut& but) {
                return std::none_of(but.values.begin(), but.values.end(), [&](const Excluded& excluded) {
                    return std::visit([&](const auto& each) { return equal(each, value); }, excluded);
                });
            },
            [&](const auto& wanted) { return equal(wanted, value); },
        },
        matcher);
}

bool any_leaf(const Values& values, const JsonTree& value) {
    if (value.kind == Kind::object) return false;
    if (value.kind == Kind::array) {
        return std::any_of(value.children.begin(), value.children.end(),
                           [&](const auto& child) { return any_leaf(values, child); });
    }
    return std::any_of(values.any.begin(), values.any.end(), [&](const Matcher& m) { return holds(m, value); });
}

bool has_leaf(const JsonTree& value) {
    if (value.kind == Kind::object) return false;
    if (value.kind != Kind::array) return true;
    return std::any_of(value.children.begin(), value.children.end(), [](const auto& child) { return has_leaf(child); });
}

bool present(const JsonTree& tree, const std::vector<std::string>& path, size_t depth) {
    if (tree.kind == Kind::array) {
        if (depth == path.size()) return has_leaf(tree);
        return std::any_of(tree.children.begin(), tree.children.end(),
                           [&](const auto& child) { return present(child, path, depth); });
    }
    if (depth == path.size()) return has_leaf(tree);
    if (tree.kind != Kind::object) return false;
    const JsonTree* child = tree.find(path[depth]);
    return child != nullptr && present(*child, path, depth + 1);
}

bool wants_absence(const Values& values) {
    return std::any_of(values.any.begin(), values.any.end(), [](const Matcher& matcher) {
        const auto* exists = std::get_if<Exists>(&matcher);
        return exists != nullptr && !exists->wanted;
    });
}

class Match {
  public:
    explicit Match(const JsonTree& event) : event_(event) {}

    // `value` is null where the event has nothing there: {"exists": false} may still hold.
    bool object(const Pattern::Object& wanted, const JsonTree* value) const {
        if (value != nullptr && value->kind == Kind::array) {
            const bool any = std::any_of(value->children.begin(), value->children.end(),
                                         [&](const auto& child) { return object(wanted, &child); });
            return any || (value->children.empty() && object(wanted, nullptr));
        }
        if (value != nullptr && value->kind != Kind::object) value = nullptr;
        for (const auto& [name, node] : wanted.fields) {
            const JsonTree* child = value != nullptr ? value->find(name) : nullptr;
            if (const auto* values = std::get_if<Values>(&node)) {
                if (!leaf(*values, child)) return false;
            } else if (!object(*std::get<std::shared_ptr<const Pattern::Object>>(node), child)) {
                return false;
            }
        }
        return std::all_of(wanted.ors.begin(), wanted.ors.end(), [&](const auto& alternatives) {
            return std::any_of(alternatives.begin(), alternatives.end(),
                               [&](const auto& each) { return object(*each, value); });
        });
    }

  private:
    bool leaf(const Values& values, const JsonTree* value) const {
        if (value != nullptr && any_leaf(values, *value)) return true;
        return wants_absence(values) && !present(event_, values.path, 0);
    }

    const JsonTree& event_;
};

const std::variant<Values, std::shared_ptr<const Pattern::Object>>* field(const Pattern::Object& object,
                                                                          std::string_view name, bool values_only) {
    for (const auto& [each, node] : object.fields) {
        if (each == name && (!values_only || std::holds_alternative<Values>(node))) return &node;
    }
    for (const auto& alternatives : object.ors) {
        for (const auto& alternative : alternatives) {
            if (const auto* found = field(*alternative, name, values_only)) return found;
        }
    }
    return nullptr;
}

}  // namespace

bool Pattern::matches(const JsonTree& event) const {
    return Match(event).object(*root_, &event);
}

bool Pattern::mentions(std::string_view name) const {
    return field(*root_, name, false) != nullptr;
}

bool Pattern::asks_for_value(std::string_view name) const {
    return field(*root_, name, true) != nullptr;
}

}  // namespace millrace::flow::pattern
