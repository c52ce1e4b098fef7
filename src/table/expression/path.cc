// Document paths: reading, picking parts of an item, and AWS's text of them.
#include <algorithm>

#include "src/table/expression/expression.h"

namespace millrace::table {
namespace {

// The paths of a projection as a tree: what is wanted of a value.
struct Wanted {
    bool whole = false;
    std::map<std::string_view, Wanted> by_name;
    std::map<int32_t, Wanted> by_index;
};

Wanted tree_of(const std::vector<Path>& paths) {
    Wanted root;
    for (const Path& path : paths) {
        Wanted* at = &root;
        for (const PathElement& element : path) {
            at = element.index < 0 ? &at->by_name[element.name] : &at->by_index[element.index];
        }
        at->whole = true;
    }
    return root;
}

std::optional<AttributeValue> pick_value(const AttributeValue& value, const Wanted& wanted);

AttributeMap pick_map(const AttributeMap& map, const Wanted& wanted) {
    AttributeMap picked;
    for (const auto& [name, inner] : wanted.by_name) {
        const AttributeValue* value = map.find(name);
        if (value == nullptr) continue;
        if (auto part = pick_value(*value, inner)) picked.add(std::string(name), std::move(*part));
    }
    return picked;
}

std::optional<AttributeValue> pick_value(const AttributeValue& value, const Wanted& wanted) {
    if (wanted.whole) return value;
    if (const auto* map = value.as<AttributeMap>()) {
        AttributeMap picked = pick_map(*map, wanted);
        if (picked.empty()) return std::nullopt;
        return AttributeValue{std::move(picked)};
    }
    if (const auto* list = value.as<List>()) {
        List picked;
        for (const auto& [index, inner] : wanted.by_index) {
            if (static_cast<size_t>(index) >= list->size()) break;
            if (auto part = pick_value((*list)[static_cast<size_t>(index)], inner)) picked.push_back(std::move(*part));
        }
        if (picked.empty()) return std::nullopt;
        return AttributeValue{std::move(picked)};
    }
    return std::nullopt;
}

}  // namespace

std::string to_text(const Path& path) {
    std::string text = "[";
    for (size_t i = 0; i < path.size(); ++i) {
        if (i != 0) text += ", ";
        if (path[i].index < 0) {
            text += path[i].name;
        } else {
            text.append("[").append(std::to_string(path[i].index)).append("]");
        }
    }
    return text += "]";
}

const AttributeValue* at_path(const Item& item, const Path& path) {
    if (path.empty()) return nullptr;
    const AttributeValue* value = item.find(path.front().name);
    for (size_t i = 1; i < path.size() && value != nullptr; ++i) {
        const PathElement& element = path[i];
        if (element.index < 0) {
            const auto* map = value->as<AttributeMap>();
            value = map != nullptr ? map->find(element.name) : nullptr;
        } else {
            const auto* list = value->as<List>();
            const auto index = static_cast<size_t>(element.index);
            value = list != nullptr && index < list->size() ? &(*list)[index] : nullptr;
        }
    }
    return value;
}

Item pick(const Item& item, const std::vector<Path>& paths) {
    return pick_map(item, tree_of(paths));
}

}  // namespace millrace::table
