// What templates compute with: Java's values as Velocity sees them. Lists and maps are shared, as Java's are: two names
// can mean the same list, and what one adds the other has. None may come to hold itself (see may_hold): it would never
// be freed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace millrace::vtl {

class Value;
struct Null {
    bool operator==(const Null&) const = default;
};
struct List;
class Map;

// Something of the host's: $input, $util, $context. Immutable while a template runs.
class Object {
  public:
    virtual ~Object() = default;
    // $object.name; nullopt: there is no such property.
    virtual std::optional<Value> property(std::string_view name) const = 0;
    // $object.name(arguments); nullopt: there is no such method with so many arguments.
    virtual std::optional<Value> call(std::string_view name, const std::vector<Value>& arguments) const = 0;
    virtual std::string text() const { return ""; }
};

class Value {
  public:
    using ListRef = std::shared_ptr<List>;
    using MapRef = std::shared_ptr<Map>;
    using ObjectRef = std::shared_ptr<const Object>;

    Value() = default;
    Value(bool value) : state_(value) {}                           // NOLINT: implicit on purpose, as are the others
    Value(int64_t value) : state_(value) {}                        // NOLINT
    Value(uint64_t value) : state_(value) {}                       // NOLINT: over INT64_MAX; others are int64_t
    Value(double value) : state_(value) {}                         // NOLINT
    Value(std::string value) : state_(std::move(value)) {}         // NOLINT
    Value(std::string_view value) : state_(std::string(value)) {}  // NOLINT
    Value(const char* value) : state_(std::string(value)) {}       // NOLINT
    Value(ListRef value) : state_(std::move(value)) {}             // NOLINT
    Value(MapRef value) : state_(std::move(value)) {}              // NOLINT
    Value(ObjectRef value) : state_(std::move(value)) {}           // NOLINT

    bool is_null() const { return std::holds_alternative<Null>(state_); }
    const bool* boolean() const { return std::get_if<bool>(&state_); }
    const int64_t* integer() const { return std::get_if<int64_t>(&state_); }
    const uint64_t* huge() const { return std::get_if<uint64_t>(&state_); }
    const double* real() const { return std::get_if<double>(&state_); }
    const std::string* string() const { return std::get_if<std::string>(&state_); }
    List* list() const {
        const ListRef* ref = std::get_if<ListRef>(&state_);
        return ref ? ref->get() : nullptr;
    }
    Map* map() const {
        const MapRef* ref = std::get_if<MapRef>(&state_);
        return ref ? ref->get() : nullptr;
    }
    const Object* object() const {
        const ObjectRef* ref = std::get_if<ObjectRef>(&state_);
        return ref ? ref->get() : nullptr;
    }

    // Velocity's truth: false and null are false, everything else is true.
    bool is_true() const { return !is_null() && (boolean() == nullptr || *boolean()); }
    bool is_number() const { return integer() || huge() || real(); }
    double number() const {
        if (integer()) return static_cast<double>(*integer());
        return huge() ? static_cast<double>(*huge()) : real() ? *real() : 0;
    }
    // Numbers by value, texts and containers by contents, others by what they print.
    bool equals(const Value& other) const;
    bool operator==(const Value& other) const { return equals(other); }

    // Java's toString: {a=1, b=[x, y]}, but lists that came from JSON print as JSON (see List). At most `bytes_max`
    // more bytes are appended; nested at most 64 deep, since a list can hold itself.
    void append_text(std::string* out, size_t bytes_max = SIZE_MAX, int depth = 0) const;
    std::string text() const;
    // As JSON, with the same bounds.
    void append_json(std::string* out, size_t bytes_max = SIZE_MAX, int depth = 0) const;

  private:
    std::variant<Null, bool, int64_t, uint64_t, double, std::string, ListRef, MapRef, ObjectRef> state_;
};

// An ArrayList; or, from JSON, the JSONArray of Jayway's library, which prints as JSON: that is why
// "items": $input.path('$.items') makes JSON, while an object prints {a=1}.
struct List : std::vector<Value> {
    using std::vector<Value>::vector;
    bool from_json = false;
};

// Insertion-ordered, as LinkedHashMap. Look-ups are linear while it is small and hashed from 16 entries on.
class Map {
  public:
    using Entry = std::pair<std::string, Value>;
    Map();
    ~Map();
    const Value* find(std::string_view key) const;  // null where absent; until the map changes
    void put(std::string key, Value value);         // in the old place, where the key is there
    bool remove(std::string_view key);
    void clear();
    size_t size() const { return entries_.size(); }
    const std::vector<Entry>& entries() const { return entries_; }
    bool operator==(const Map& other) const;

  private:
    size_t index_of(std::string_view key) const;  // npos where absent
    std::vector<Entry> entries_;
    struct Index;
    std::unique_ptr<Index> index_;
};

inline Value make_list(List list = {}) {
    return std::make_shared<List>(std::move(list));
}
inline Value make_map() {
    return std::make_shared<Map>();
}

// Whether `value` may go into the list or map at `holder`: not where it is it, or holds it (or is too large to tell).
bool may_hold(const void* holder, const Value& value);

// nullopt where the text is not JSON (or nested over 64 deep).
std::optional<Value> parse_json(std::string_view text);

}  // namespace millrace::vtl
