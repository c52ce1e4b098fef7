#include "src/table/value/attribute_value.h"

#include <algorithm>
#include <array>

namespace millrace::table {
namespace {

// Where `name` is, or would be.
template <class Entries>
auto place_of(Entries& entries, std::string_view name) {
    return std::lower_bound(entries.begin(), entries.end(), name,
                            [](const AttributeMap::Entry& entry, std::string_view n) { return entry.first < n; });
}

template <class Member>
bool sort_members(std::vector<Member>* members) {
    std::sort(members->begin(), members->end());
    return std::adjacent_find(members->begin(), members->end()) == members->end();
}

struct Counter {
    size_t operator()(const std::string& s) const { return s.size(); }
    size_t operator()(const Number& number) const { return number.counted_bytes(); }
    size_t operator()(const Binary& binary) const { return binary.bytes.size(); }
    size_t operator()(bool) const { return 1; }
    size_t operator()(Null) const { return 1; }
    size_t operator()(const AttributeMap& map) const { return 3 + map.size() + counted_bytes(map); }
    size_t operator()(const List& list) const {
        size_t bytes = 3 + list.size();
        for (const auto& element : list) bytes += counted_bytes(element);
        return bytes;
    }
    size_t operator()(const StringSet& set) const { return of_strings(set.members); }
    size_t operator()(const BinarySet& set) const { return of_strings(set.members); }
    size_t operator()(const NumberSet& set) const {
        size_t bytes = 0;
        for (const auto& member : set.members) bytes += member.counted_bytes();
        return bytes;
    }
    static size_t of_strings(const std::vector<std::string>& members) {
        size_t bytes = 0;
        for (const auto& member : members) bytes += member.size();
        return bytes;
    }
};

}  // namespace

AttributeMap::AttributeMap() = default;
AttributeMap::~AttributeMap() = default;
AttributeMap::AttributeMap(const AttributeMap&) = default;
AttributeMap::AttributeMap(AttributeMap&&) noexcept = default;
AttributeMap& AttributeMap::operator=(const AttributeMap&) = default;
AttributeMap& AttributeMap::operator=(AttributeMap&&) noexcept = default;

const AttributeValue* AttributeMap::find(std::string_view name) const {
    const auto at = place_of(entries_, name);
    return at != entries_.end() && at->first == name ? &at->second : nullptr;
}

AttributeValue* AttributeMap::find(std::string_view name) {
    const auto at = place_of(entries_, name);
    return at != entries_.end() && at->first == name ? &at->second : nullptr;
}

AttributeValue& AttributeMap::set(std::string_view name, AttributeValue value) {
    const auto at = place_of(entries_, name);
    if (at != entries_.end() && at->first == name) {
        at->second = std::move(value);
        return at->second;
    }
    return entries_.emplace(at, std::string(name), std::move(value))->second;
}

bool AttributeMap::add(std::string name, AttributeValue value) {
    if (entries_.empty() || entries_.back().first < name) {
        entries_.emplace_back(std::move(name), std::move(value));
        return true;
    }
    const auto at = place_of(entries_, name);
    if (at->first == name) return false;
    entries_.emplace(at, std::move(name), std::move(value));
    return true;
}

bool AttributeMap::erase(std::string_view name) {
    const auto at = place_of(entries_, name);
    if (at == entries_.end() || at->first != name) return false;
    entries_.erase(at);
    return true;
}

size_t AttributeMap::size() const {
    return entries_.size();
}

const AttributeMap::Entry* AttributeMap::begin() const {
    return entries_.data();
}

const AttributeMap::Entry* AttributeMap::end() const {
    return entries_.data() + entries_.size();
}

void AttributeMap::reserve(size_t count) {
    entries_.reserve(count);
}

bool AttributeMap::operator==(const AttributeMap& other) const {
    return entries_ == other.entries_;
}

bool make_set(std::vector<std::string> members, StringSet* out) {
    const bool distinct = sort_members(&members);
    out->members = std::move(members);
    return distinct;
}

bool make_set(std::vector<std::string> members, BinarySet* out) {
    const bool distinct = sort_members(&members);
    out->members = std::move(members);
    return distinct;
}

bool make_set(std::vector<Number> members, NumberSet* out) {
    const bool distinct = sort_members(&members);
    out->members = std::move(members);
    return distinct;
}

bool nests_within(const AttributeValue& value, int levels) {
    if (const auto* map = value.as<AttributeMap>()) {
        return levels > 0 && std::all_of(map->begin(), map->end(), [&](const AttributeMap::Entry& entry) {
                   return nests_within(entry.second, levels - 1);
               });
    }
    if (const auto* list = value.as<List>()) {
        return levels > 0 && std::all_of(list->begin(), list->end(), [&](const AttributeValue& element) {
                   return nests_within(element, levels - 1);
               });
    }
    return true;
}

std::string_view name_of(Type type) {
    constexpr std::array<std::string_view, 10> names = {"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"};
    return names[static_cast<size_t>(type)];
}

size_t counted_bytes(const AttributeValue& value) {
    return std::visit(Counter(), value.value);
}

size_t counted_bytes(const Item& item) {
    size_t bytes = 0;
    for (const auto& [name, value] : item) bytes += name.size() + counted_bytes(value);
    return bytes;
}

}  // namespace millrace::table
