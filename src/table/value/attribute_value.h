// An attribute's value and an item: the ten types of DynamoDB, as a tree.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "src/table/value/number.h"

namespace millrace::table {

struct AttributeValue;

// Attributes by name, sorted by the bytes of the name, no name twice. What an item is, and what an M holds.
class AttributeMap {
  public:
    using Entry = std::pair<std::string, AttributeValue>;
    AttributeMap();
    ~AttributeMap();
    AttributeMap(const AttributeMap&);
    AttributeMap(AttributeMap&&) noexcept;
    AttributeMap& operator=(const AttributeMap&);
    AttributeMap& operator=(AttributeMap&&) noexcept;

    const AttributeValue* find(std::string_view name) const;  // null where absent; valid until the map changes
    AttributeValue* find(std::string_view name);
    AttributeValue& set(std::string_view name, AttributeValue value);  // inserts or replaces
    // For decoders that read names in order: O(1) there, else as set(). False (and unchanged) where the name is taken.
    bool add(std::string name, AttributeValue value);
    bool erase(std::string_view name);
    size_t size() const;
    bool empty() const { return size() == 0; }
    const Entry* begin() const;
    const Entry* end() const;
    void reserve(size_t count);
    bool operator==(const AttributeMap& other) const;

  private:
    std::vector<Entry> entries_;
};
using Item = AttributeMap;

struct Binary {
    std::string bytes;
    auto operator<=>(const Binary&) const = default;
};
struct Null {
    bool operator==(const Null&) const = default;
};
using List = std::vector<AttributeValue>;
// Sets are sorted (bytes, numbers by value) and without duplicates: equality is equality of vectors.
struct StringSet {
    std::vector<std::string> members;
    bool operator==(const StringSet&) const = default;
};
struct NumberSet {
    std::vector<Number> members;
    bool operator==(const NumberSet&) const = default;
};
struct BinarySet {
    std::vector<std::string> members;
    bool operator==(const BinarySet&) const = default;
};

// Sorts the members. False where one is there twice, which AWS refuses; `*out` is no set then.
bool make_set(std::vector<std::string> members, StringSet* out);
bool make_set(std::vector<std::string> members, BinarySet* out);
bool make_set(std::vector<Number> members, NumberSet* out);

// The order of the alternatives is the type's number on disk (item_codec.h): never change it.
enum class Type : uint8_t { S, N, B, BOOL, NULL_, M, L, SS, NS, BS };
constexpr int types_count = 10;
std::string_view name_of(Type type);  // "S", ..., "NULL", ...

struct AttributeValue {
    std::variant<std::string, Number, Binary, bool, Null, AttributeMap, List, StringSet, NumberSet, BinarySet> value;

    Type type() const { return static_cast<Type>(value.index()); }
    template <class T>
    const T* as() const {
        return std::get_if<T>(&value);
    }
    template <class T>
    T* as() {
        return std::get_if<T>(&value);
    }
    bool operator==(const AttributeValue&) const = default;
};

// What DynamoDB counts against 400 KB and bills: names and values, 3 bytes a list or map and one an element.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
size_t counted_bytes(const AttributeValue& value);
size_t counted_bytes(const Item& item);

constexpr size_t item_bytes_max = 400 * 1024;
// Lists and maps around a value; AWS's 32 levels count the value too.
constexpr int nesting_max = 31;
// False where more than that are around some value in it.
bool nests_within(const AttributeValue& value, int levels = nesting_max);

}  // namespace millrace::table
