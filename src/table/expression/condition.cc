#include "src/table/expression/condition.h"

#include <algorithm>

namespace millrace::table {
namespace {

// A resolved operand: borrowed from the item or the tree, or computed here. Null: absent.
class Resolved {
  public:
    Resolved(const Operand& operand, const Item* item) {
        if (operand.kind == Operand::Kind::value) {
            value_ = &operand.value;
            return;
        }
        const AttributeValue* found = item != nullptr ? at_path(*item, operand.path) : nullptr;
        if (operand.kind == Operand::Kind::path) {
            value_ = found;
        } else if (Number size; found != nullptr && size_of(*found, &size)) {
            computed_.value = size;
            value_ = &computed_;
        }
    }
    Resolved(const Resolved&) = delete;
    const AttributeValue* get() const { return value_; }

  private:
    const AttributeValue* value_ = nullptr;
    AttributeValue computed_;
};

bool compares(const AttributeValue* a, Comparator comparator, const AttributeValue* b) {
    if (comparator == Comparator::ne) return a == nullptr || b == nullptr || !(*a == *b);
    if (a == nullptr || b == nullptr) return false;
    if (comparator == Comparator::eq) return *a == *b;
    std::strong_ordering order = std::strong_ordering::equal;
    if (!order_of(*a, *b, &order)) return false;
    switch (comparator) {
        case Comparator::lt:
            return order < 0;
        case Comparator::le:
            return order <= 0;
        case Comparator::gt:
            return order > 0;
        case Comparator::ge:
            return order >= 0;
        case Comparator::eq:
        case Comparator::ne:
            break;
    }
    return false;
}

bool begins(const AttributeValue& value, const AttributeValue& prefix) {
    if (const auto* text = value.as<std::string>()) {
        const auto* wanted = prefix.as<std::string>();
        return wanted != nullptr && text->starts_with(*wanted);
    }
    const auto* bytes = value.as<Binary>();
    const auto* wanted = prefix.as<Binary>();
    return bytes != nullptr && wanted != nullptr && bytes->bytes.starts_with(wanted->bytes);
}

template <class Member>
bool has_member(const std::vector<Member>& sorted, const Member* wanted) {
    return wanted != nullptr && std::binary_search(sorted.begin(), sorted.end(), *wanted);
}

bool contains_part(const AttributeValue& value, const AttributeValue& part) {
    const auto* text = part.as<std::string>();
    const auto* binary = part.as<Binary>();
    const std::string* bytes = binary != nullptr ? &binary->bytes : nullptr;
    switch (value.type()) {
        case Type::S:
            return text != nullptr && value.as<std::string>()->find(*text) != std::string::npos;
        case Type::B:
            return bytes != nullptr && value.as<Binary>()->bytes.find(*bytes) != std::string::npos;
        case Type::SS:
            return has_member(value.as<StringSet>()->members, text);
        case Type::NS:
            return has_member(value.as<NumberSet>()->members, part.as<Number>());
        case Type::BS:
            return has_member(value.as<BinarySet>()->members, bytes);
        case Type::L: {
            const List& list = *value.as<List>();
            return std::find(list.begin(), list.end(), part) != list.end();
        }
        case Type::N:
        case Type::BOOL:
        case Type::NULL_:
        case Type::M:
            return false;
    }
    return false;
}

bool evaluate(const ConditionTree& tree, const Item* item) {
    using Kind = ConditionTree::Kind;
    const auto every = [&](const ConditionTree& child) { return evaluate(child, item); };
    switch (tree.kind) {
        case Kind::all_of:
            return std::all_of(tree.children.begin(), tree.children.end(), every);
        case Kind::any_of:
            return std::any_of(tree.children.begin(), tree.children.end(), every);
        case Kind::negation:
            return !evaluate(tree.children[0], item);
        default:
            break;
    }
    const Resolved first(tree.operands[0], item);
    if (tree.kind == Kind::exists) return first.get() != nullptr;
    if (tree.kind == Kind::absent) return first.get() == nullptr;
    if (tree.kind == Kind::type_is) return first.get() != nullptr && first.get()->type() == tree.type;
    if (tree.kind == Kind::in) {
        return std::any_of(tree.operands.begin() + 1, tree.operands.end(), [&](const Operand& candidate) {
            return compares(first.get(), Comparator::eq, Resolved(candidate, item).get());
        });
    }
    const Resolved second(tree.operands[1], item);
    if (tree.kind == Kind::compare) return compares(first.get(), tree.comparator, second.get());
    if (tree.kind == Kind::between) {
        return compares(first.get(), Comparator::ge, second.get()) &&
               compares(first.get(), Comparator::le, Resolved(tree.operands[2], item).get());
    }
    if (first.get() == nullptr || second.get() == nullptr) return false;
    return tree.kind == Kind::begins_with ? begins(*first.get(), *second.get())
                                          : contains_part(*first.get(), *second.get());
}

size_t operands_wanted(ConditionTree::Kind kind) {
    using Kind = ConditionTree::Kind;
    switch (kind) {
        case Kind::exists:
        case Kind::absent:
        case Kind::type_is:
        case Kind::in:
            return 1;
        case Kind::compare:
        case Kind::begins_with:
        case Kind::contains:
            return 2;
        case Kind::between:
            return 3;
        case Kind::all_of:
        case Kind::any_of:
        case Kind::negation:
            return 0;
    }
    return 0;
}

class CompiledCondition : public Condition {
  public:
    explicit CompiledCondition(ConditionTree tree) : tree_(std::move(tree)) { look_at(tree_); }
    bool holds(const Item* item) const override { return evaluate(tree_, item); }
    const std::set<std::string, std::less<>>& attributes() const override { return attributes_; }
    std::vector<Path> paths() const override { return paths_; }

  private:
    void look_at(const ConditionTree& tree) {
        MILLRACE_CHECK(tree.operands.size() >= operands_wanted(tree.kind));
        MILLRACE_CHECK(tree.kind != ConditionTree::Kind::negation || tree.children.size() == 1);
        for (const Operand& operand : tree.operands) {
            if (operand.kind == Operand::Kind::value) continue;
            MILLRACE_CHECK(!operand.path.empty());
            attributes_.insert(operand.path.front().name);
            paths_.push_back(operand.path);
        }
        for (const ConditionTree& child : tree.children) look_at(child);
    }

    ConditionTree tree_;
    std::set<std::string, std::less<>> attributes_;
    std::vector<Path> paths_;
};

ConditionTree leaf(ConditionTree::Kind kind, std::vector<Operand> operands) {
    ConditionTree tree;
    tree.kind = kind;
    tree.operands = std::move(operands);
    return tree;
}

ConditionTree branch(ConditionTree::Kind kind, std::vector<ConditionTree> children) {
    ConditionTree tree;
    tree.kind = kind;
    tree.children = std::move(children);
    return tree;
}

}  // namespace

std::string_view text_of(Comparator comparator) {
    switch (comparator) {
        case Comparator::eq:
            return "=";
        case Comparator::ne:
            return "<>";
        case Comparator::lt:
            return "<";
        case Comparator::le:
            return "<=";
        case Comparator::gt:
            return ">";
        case Comparator::ge:
            return ">=";
    }
    return "";
}

bool size_of(const AttributeValue& value, Number* out) {
    const auto set = [&](size_t size) {
        *out = Number::of(static_cast<int64_t>(size));
        return true;
    };
    switch (value.type()) {
        case Type::S:
            return set(value.as<std::string>()->size());
        case Type::B:
            return set(value.as<Binary>()->bytes.size());
        case Type::M:
            return set(value.as<AttributeMap>()->size());
        case Type::L:
            return set(value.as<List>()->size());
        case Type::SS:
            return set(value.as<StringSet>()->members.size());
        case Type::NS:
            return set(value.as<NumberSet>()->members.size());
        case Type::BS:
            return set(value.as<BinarySet>()->members.size());
        case Type::N:
        case Type::BOOL:
        case Type::NULL_:
            return false;
    }
    return false;
}

bool order_of(const AttributeValue& a, const AttributeValue& b, std::strong_ordering* out) {
    if (a.type() != b.type()) return false;
    if (const auto* number = a.as<Number>()) {
        *out = *number <=> *b.as<Number>();
    } else if (const auto* text = a.as<std::string>()) {
        *out = *text <=> *b.as<std::string>();
    } else if (const auto* binary = a.as<Binary>()) {
        *out = *binary <=> *b.as<Binary>();
    } else {
        return false;
    }
    return true;
}

ConditionTree compare(Comparator comparator, Operand a, Operand b) {
    ConditionTree tree = leaf(ConditionTree::Kind::compare, {std::move(a), std::move(b)});
    tree.comparator = comparator;
    return tree;
}

ConditionTree between(Operand value, Operand low, Operand high) {
    return leaf(ConditionTree::Kind::between, {std::move(value), std::move(low), std::move(high)});
}

ConditionTree in(Operand value, std::vector<Operand> candidates) {
    candidates.insert(candidates.begin(), std::move(value));
    return leaf(ConditionTree::Kind::in, std::move(candidates));
}

ConditionTree exists(Path path) {
    return leaf(ConditionTree::Kind::exists, {Operand::at(std::move(path))});
}

ConditionTree absent(Path path) {
    return leaf(ConditionTree::Kind::absent, {Operand::at(std::move(path))});
}

ConditionTree type_is(Operand value, Type type) {
    ConditionTree tree = leaf(ConditionTree::Kind::type_is, {std::move(value)});
    tree.type = type;
    return tree;
}

ConditionTree begins_with(Operand value, Operand prefix) {
    return leaf(ConditionTree::Kind::begins_with, {std::move(value), std::move(prefix)});
}

ConditionTree contains(Operand value, Operand part) {
    return leaf(ConditionTree::Kind::contains, {std::move(value), std::move(part)});
}

ConditionTree all_of(std::vector<ConditionTree> children) {
    return branch(ConditionTree::Kind::all_of, std::move(children));
}

ConditionTree any_of(std::vector<ConditionTree> children) {
    return branch(ConditionTree::Kind::any_of, std::move(children));
}

ConditionTree negation(ConditionTree child) {
    std::vector<ConditionTree> children;
    children.push_back(std::move(child));
    return branch(ConditionTree::Kind::negation, std::move(children));
}

std::shared_ptr<const Condition> make_condition(ConditionTree tree) {
    return std::make_shared<CompiledCondition>(std::move(tree));
}

}  // namespace millrace::table
