// An update as a tree of plain structs, for whoever makes one without a text: AttributeUpdates, PartiQL.
#pragma once

#include <memory>
#include <vector>

#include "src/table/expression/expression.h"

namespace millrace::table {

// A value to SET, computed from the item as it was.
struct SetValue {
    enum class Kind : uint8_t {
        value,          // `value`
        path,           // what is at `path`; an error where nothing is
        if_not_exists,  // what is at `path`, else arguments[0]
        list_append,    // arguments[0] and arguments[1], both lists
        plus,           // arguments[0] + arguments[1], both numbers
        minus,
    };
    Kind kind = Kind::value;
    AttributeValue value;
    Path path;
    std::vector<SetValue> arguments;

    static SetValue of(AttributeValue value) { return {Kind::value, std::move(value), {}, {}}; }
    static SetValue at(Path path) { return {Kind::path, {}, std::move(path), {}}; }
};

struct UpdateTree {
    struct Set {
        Path path;
        SetValue value;
    };
    struct Change {
        Path path;
        AttributeValue value;
    };
    std::vector<Set> sets;
    std::vector<Path> removes;
    std::vector<Change> adds;     // a number to a number, a set to a set
    std::vector<Change> deletes;  // a set from a set
    // AttributeUpdates: a list may be added to a list, and a wrong type is told in other words.
    bool legacy = false;
};

// Paths that overlap, and values of other types in adds and deletes, are the caller's to refuse before.
std::shared_ptr<const Update> make_update(UpdateTree tree);

}  // namespace millrace::table
