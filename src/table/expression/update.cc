// Carrying out an update.
//
// Everything is computed from the item as it was, then written: first what maps and elements of lists hold (SET, ADD,
// DELETE), elements beyond a list's end in order of their index (they are appended), and last what is REMOVEd, from the
// highest index of a list down, because indexes mean the list as it was.
#include "src/table/expression/update.h"

#include <algorithm>

#include "src/table/value/sentences.h"

namespace millrace::table {
namespace {

Error refusal(const char* sentence) {
    return {ErrorCode::invalid_argument, sentence};
}

Error bad_path() {
    return refusal("The document path provided in the update expression is invalid for update");
}

Error bad_type() {
    return refusal("An operand in the update expression has an incorrect data type");
}

// What AttributeUpdates says instead.
Error mismatch() {
    return refusal("Type mismatch for attribute to update");
}

Error absent_attribute() {
    return refusal("The provided expression refers to an attribute that does not exist in the item");
}

// Borrowed from the item or the tree where it can be, else made in `scratch`.
Result<const AttributeValue*> compute(const SetValue& wanted, const Item& item, AttributeValue* scratch);

// As compute(), but a copy.
Result<AttributeValue> value_of(const SetValue& wanted, const Item& item) {
    AttributeValue scratch;
    TRY_ASSIGN(const AttributeValue* value, compute(wanted, item, &scratch));
    if (value == &scratch) return scratch;
    return *value;
}

Result<const AttributeValue*> append_lists(const SetValue& wanted, const Item& item, AttributeValue* scratch) {
    List joined;
    for (const SetValue& argument : wanted.arguments) {
        AttributeValue made;
        TRY_ASSIGN(const AttributeValue* part, compute(argument, item, &made));
        const auto* list = part->as<List>();
        if (list == nullptr) return bad_type();
        joined.insert(joined.end(), list->begin(), list->end());
    }
    scratch->value = std::move(joined);
    return scratch;
}

Result<const AttributeValue*> sum(const SetValue& wanted, const Item& item, AttributeValue* scratch) {
    AttributeValue made_a;
    AttributeValue made_b;
    TRY_ASSIGN(const AttributeValue* a, compute(wanted.arguments[0], item, &made_a));
    TRY_ASSIGN(const AttributeValue* b, compute(wanted.arguments[1], item, &made_b));
    const auto* x = a->as<Number>();
    const auto* y = b->as<Number>();
    if (x == nullptr || y == nullptr) return bad_type();
    TRY_ASSIGN(scratch->value, wanted.kind == SetValue::Kind::plus ? Number::add(*x, *y) : Number::subtract(*x, *y));
    return scratch;
}

Result<const AttributeValue*> compute(const SetValue& wanted, const Item& item, AttributeValue* scratch) {
    switch (wanted.kind) {
        case SetValue::Kind::value:
            return &wanted.value;
        case SetValue::Kind::path: {
            const AttributeValue* value = at_path(item, wanted.path);
            if (value == nullptr) return absent_attribute();
            return value;
        }
        case SetValue::Kind::if_not_exists: {
            const AttributeValue* value = at_path(item, wanted.path);
            if (value != nullptr) return value;
            return compute(wanted.arguments[0], item, scratch);
        }
        case SetValue::Kind::list_append:
            return append_lists(wanted, item, scratch);
        case SetValue::Kind::plus:
        case SetValue::Kind::minus:
            return sum(wanted, item, scratch);
    }
    return bad_type();
}

template <class Set>
void unite(Set* set, const Set& more) {
    decltype(set->members) all;
    std::set_union(set->members.begin(), set->members.end(), more.members.begin(), more.members.end(),
                   std::back_inserter(all));
    set->members = std::move(all);
}

// ADD `value` to what was there. null: nothing was.
Result<AttributeValue> added(const AttributeValue* before, const AttributeValue& value, bool legacy) {
    if (before == nullptr) return value;
    if (before->type() != value.type()) return legacy ? mismatch() : bad_type();
    AttributeValue after = *before;
    if (auto* number = after.as<Number>()) {
        TRY_ASSIGN(*number, Number::add(*number, *value.as<Number>()));
    } else if (auto* strings = after.as<StringSet>()) {
        unite(strings, *value.as<StringSet>());
    } else if (auto* numbers = after.as<NumberSet>()) {
        unite(numbers, *value.as<NumberSet>());
    } else if (auto* binaries = after.as<BinarySet>()) {
        unite(binaries, *value.as<BinarySet>());
    } else if (auto* list = after.as<List>(); list != nullptr && legacy) {
        list->insert(list->end(), value.as<List>()->begin(), value.as<List>()->end());
    } else {
        return legacy ? mismatch() : bad_type();
    }
    return after;
}

template <class Set>
bool subtract(Set* set, const Set& less) {
    decltype(set->members) left;
    std::set_difference(set->members.begin(), set->members.end(), less.members.begin(), less.members.end(),
                        std::back_inserter(left));
    set->members = std::move(left);
    return !set->members.empty();
}

// DELETE `value`'s members from what was there. Nothing where the set is empty then: it goes.
Result<std::optional<AttributeValue>> deleted(const AttributeValue& before, const AttributeValue& value, bool legacy) {
    if (before.type() != value.type()) return legacy ? mismatch() : bad_type();
    std::optional<AttributeValue> after = before;
    bool left = true;
    if (auto* strings = after->as<StringSet>()) {
        left = subtract(strings, *value.as<StringSet>());
    } else if (auto* numbers = after->as<NumberSet>()) {
        left = subtract(numbers, *value.as<NumberSet>());
    } else if (auto* binaries = after->as<BinarySet>()) {
        left = subtract(binaries, *value.as<BinarySet>());
    } else {
        return legacy ? mismatch() : bad_type();
    }
    if (!left) after.reset();
    return after;
}

// What holds the last element of `path`: the item, a map or a list. Both null: not there, or something else.
struct Holder {
    AttributeMap* map = nullptr;
    List* list = nullptr;
};

Holder holder_of(Item* item, const Path& path) {
    Holder holder{item, nullptr};
    for (size_t i = 0; i + 1 < path.size(); ++i) {
        AttributeValue* value = nullptr;
        if (path[i].index < 0) {
            value = holder.map != nullptr ? holder.map->find(path[i].name) : nullptr;
        } else if (holder.list != nullptr && static_cast<size_t>(path[i].index) < holder.list->size()) {
            value = &(*holder.list)[static_cast<size_t>(path[i].index)];
        }
        if (value == nullptr) return {};
        holder = {value->as<AttributeMap>(), value->as<List>()};
    }
    return holder;
}

bool holds_place(const Holder& holder, const PathElement& last) {
    return last.index < 0 ? holder.map != nullptr : holder.list != nullptr;
}

struct Write {
    const Path* path = nullptr;
    AttributeValue value;
};

class CompiledUpdate : public Update {
  public:
    explicit CompiledUpdate(UpdateTree tree) : tree_(std::move(tree)) {
        for (const auto& set : tree_.sets) written_.push_back(set.path);
        for (const auto& path : tree_.removes) written_.push_back(path);
        for (const auto& change : tree_.adds) written_.push_back(change.path);
        for (const auto& change : tree_.deletes) written_.push_back(change.path);
        for (const auto& path : written_) MILLRACE_CHECK(!path.empty());
    }

    const std::vector<Path>& written() const override { return written_; }

    Status apply(Item* item) const override {
        std::vector<Write> writes;
        std::vector<const Path*> removes;
        for (const auto& set : tree_.sets) {
            TRY_ASSIGN(AttributeValue value, value_of(set.value, *item));
            writes.push_back({&set.path, std::move(value)});
        }
        for (const auto& change : tree_.adds) {
            TRY_ASSIGN(AttributeValue value, added(at_path(*item, change.path), change.value, tree_.legacy));
            writes.push_back({&change.path, std::move(value)});
        }
        for (const auto& change : tree_.deletes) {
            const AttributeValue* before = at_path(*item, change.path);
            if (before == nullptr) {
                if (!holds_place(holder_of(item, change.path), change.path.back())) return bad_path();
                continue;
            }
            TRY_ASSIGN(auto value, deleted(*before, change.value, tree_.legacy));
            if (value) {
                writes.push_back({&change.path, std::move(*value)});
            } else {
                removes.push_back(&change.path);
            }
        }
        for (const auto& path : tree_.removes) removes.push_back(&path);
        TRY(write(item, std::move(writes)));
        return remove(item, std::move(removes));
    }

  private:
    static Status write(Item* item, std::vector<Write> writes) {
        // By index, so that elements beyond a list's end are appended in that order.
        std::sort(writes.begin(), writes.end(),
                  [](const Write& a, const Write& b) { return a.path->back().index < b.path->back().index; });
        for (Write& write : writes) {
            const Holder holder = holder_of(item, *write.path);
            const PathElement& last = write.path->back();
            if (!holds_place(holder, last)) return bad_path();
            if (!nests_within(write.value, nesting_max - static_cast<int>(write.path->size() - 1))) {
                return Error{ErrorCode::invalid_argument, std::string(sentences::too_deep)};
            }
            if (last.index < 0) {
                holder.map->set(last.name, std::move(write.value));
            } else if (static_cast<size_t>(last.index) < holder.list->size()) {
                (*holder.list)[static_cast<size_t>(last.index)] = std::move(write.value);
            } else {
                holder.list->push_back(std::move(write.value));
            }
        }
        return {};
    }

    static Status remove(Item* item, std::vector<const Path*> removes) {
        // The deepest first where paths share their way, and of one list the highest index first: what is still to be
        // removed is where it was.
        std::sort(removes.begin(), removes.end(), [](const Path* a, const Path* b) { return before(*b, *a); });
        for (const Path* path : removes) {
            const Holder holder = holder_of(item, *path);
            const PathElement& last = path->back();
            if (!holds_place(holder, last)) return bad_path();
            if (last.index < 0) {
                holder.map->erase(last.name);
            } else if (static_cast<size_t>(last.index) < holder.list->size()) {
                holder.list->erase(holder.list->begin() + last.index);
            }
        }
        return {};
    }

    static bool before(const Path& a, const Path& b) {
        return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                            [](const PathElement& x, const PathElement& y) {
                                                return x.index != y.index ? x.index < y.index : x.name < y.name;
                                            });
    }

    UpdateTree tree_;
    std::vector<Path> written_;
};

}  // namespace

std::shared_ptr<const Update> make_update(UpdateTree tree) {
    return std::make_shared<CompiledUpdate>(std::move(tree));
}

}  // namespace millrace::table
