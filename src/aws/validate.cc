#include "src/aws/validate.h"

#include <algorithm>
#include <cmath>

#include "src/aws/json.h"
#include "src/aws/pattern.h"

namespace millrace::aws {
namespace {

std::string enum_set(const Shape& shape) {
    std::string text = "[";
    for (size_t i = 0; i < shape.enum_values.size(); ++i) {
        if (i != 0) text += ", ";
        text += shape.enum_values[i];
    }
    return text + "]";
}

bool is_enum_value(const Shape& shape, std::string_view value) {
    return std::find(shape.enum_values.begin(), shape.enum_values.end(), value) != shape.enum_values.end();
}

std::string at_most(std::string_view what, int64_t bound) {
    return "Member must have " + std::string(what) + " less than or equal to " + std::to_string(bound);
}
std::string at_least(std::string_view what, int64_t bound) {
    return "Member must have " + std::string(what) + " greater than or equal to " + std::to_string(bound);
}

// All constraints of a plain shape as one list, for "Member must satisfy constraint: [...]".
std::string all_constraints(const Shape& shape) {
    const bool number = shape.kind == Kind::integer || shape.kind == Kind::long_integer || shape.kind == Kind::single ||
                        shape.kind == Kind::real;
    std::string text = "[";
    const auto add = [&text](const std::string& sentence) {
        if (text.size() > 1) text += ", ";
        text += sentence;
    };
    if (shape.max) add(at_most(number ? "value" : "length", *shape.max));
    if (shape.min) add(at_least(number ? "value" : "length", *shape.min));
    if (!shape.pattern_text.empty())
        add("Member must satisfy regular expression pattern: " + std::string(shape.pattern_text));
    if (!shape.enum_values.empty()) add("Member must satisfy enum value set: " + enum_set(shape));
    return text + "]";
}

struct Checker {
    Violations& violations;

    void length(const Shape& shape, size_t length, const Place& place, std::optional<std::string_view> shown) {
        if (shape.max && length > static_cast<size_t>(std::max<int64_t>(*shape.max, 0)))
            violations.add(place, shown, at_most("length", *shape.max));
        if (shape.min && *shape.min > 0 && length < static_cast<size_t>(*shape.min))
            violations.add(place, shown, at_least("length", *shape.min));
    }

    void text(const Shape& shape, const std::string& value, const Place& place) {
        const auto shown = shape.sensitive ? std::nullopt : std::optional<std::string_view>(value);
        if (!shape.enum_values.empty()) {
            if (!is_enum_value(shape, value))
                violations.add(place, shown, "Member must satisfy enum value set: " + enum_set(shape));
            return;
        }
        // The pattern comes first, as AWS has it; a far too long value is named by its length alone.
        const bool over = shape.max && value.size() > 4 * static_cast<size_t>(*shape.max);
        if (shape.pattern != Pattern::none && !over && !matches(shape, value))
            violations.add(place, shown,
                           "Member must satisfy regular expression pattern: " + std::string(shape.pattern_text));
        if (shape.min || shape.max) {
            // Bytes bound the count of characters from above: most strings need no counting.
            const bool surely_fits =
                (!shape.max || value.size() <= static_cast<size_t>(*shape.max)) && (!shape.min || *shape.min <= 1);
            length(shape, surely_fits ? value.size() : utf16_length(value), place, shown);
        }
    }

    template <class T>
    void number(const Shape& shape, T value, const Place& place) {
        std::string shown;
        if constexpr (std::is_floating_point_v<T>) {
            append_number(value, shown);
        } else {
            append_number(static_cast<int64_t>(value), shown);
        }
        if (shape.max && value > static_cast<T>(*shape.max)) violations.add(place, shown, at_most("value", *shape.max));
        if (shape.min && value < static_cast<T>(*shape.min))
            violations.add(place, shown, at_least("value", *shape.min));
    }

    // Is anything wrong with a plain element? Said as a whole by the list or map that holds it.
    static bool plain_is_wrong(const Shape& shape, const void* value) {
        Violations own;
        Checker{own}.any(shape, value, Place{});
        return !own.empty();
    }

    static bool is_plain(const Shape& shape) {
        return shape.kind != Kind::structure && shape.kind != Kind::list && shape.kind != Kind::map;
    }

    void list(const Shape& shape, const void* value, const Place& place) {
        const size_t count = shape.list->size(value);
        const std::string summary = "[]";
        length(shape, count, place, count == 0 ? std::optional<std::string_view>(summary) : std::nullopt);
        if (shape.max && count > static_cast<size_t>(*shape.max)) return;  // no sense in checking each of too many
        if (!is_plain(*shape.element)) {
            for (size_t i = 0; i < count; ++i) any(*shape.element, shape.list->at(value, i), Place{&place, {}, i + 1});
            return;
        }
        for (size_t i = 0; i < count; ++i) {
            if (!plain_is_wrong(*shape.element, shape.list->at(value, i))) continue;
            violations.add(place, shown_list(shape, value),
                           "Member must satisfy constraint: " + all_constraints(*shape.element));
            return;
        }
    }

    static std::optional<std::string> shown_list(const Shape& shape, const void* value) {
        if (shape.element->kind != Kind::string || shape.sensitive || shape.element->sensitive) return std::nullopt;
        std::string text = "[";
        const size_t count = shape.list->size(value);
        for (size_t i = 0; i < count && text.size() < 1000; ++i) {
            if (i != 0) text += ", ";
            text += *static_cast<const std::string*>(shape.list->at(value, i));
        }
        return text + "]";
    }

    void map(const Shape& shape, const void* value, const Place& place) {
        length(shape, shape.map->size(value), place, std::nullopt);
        struct Walk {
            Checker& checker;
            const Shape& shape;
            const Place& place;
            bool bad_key = false;
            bool bad_value = false;
        } walk{*this, shape, place};
        shape.map->each(value, &walk, [](void* context, const std::string& key, const void* element) {
            Walk& at = *static_cast<Walk*>(context);
            at.bad_key = at.bad_key || plain_is_wrong(*at.shape.key, &key);
            if (is_plain(*at.shape.element)) {
                at.bad_value = at.bad_value || plain_is_wrong(*at.shape.element, element);
            } else {
                at.checker.any(*at.shape.element, element, Place{&at.place, key, 0});
            }
        });
        if (walk.bad_key)
            violations.add(place, std::nullopt, "Map keys must satisfy constraint: " + all_constraints(*shape.key));
        if (walk.bad_value)
            violations.add(place, std::nullopt,
                           "Map value must satisfy constraint: " + all_constraints(*shape.element));
    }

    void any(const Shape& shape, const void* value, const Place& place) {
        switch (shape.kind) {
            case Kind::boolean:
            case Kind::timestamp:
            case Kind::document:
                return;
            case Kind::integer:
                return number(shape, *static_cast<const int32_t*>(value), place);
            case Kind::long_integer:
                return number(shape, *static_cast<const int64_t*>(value), place);
            case Kind::single:
                return number(shape, *static_cast<const float*>(value), place);
            case Kind::real:
                return number(shape, *static_cast<const double*>(value), place);
            case Kind::string:
                return text(shape, *static_cast<const std::string*>(value), place);
            case Kind::blob:
                return length(shape, static_cast<const std::string*>(value)->size(), place, std::nullopt);
            case Kind::list:
                return list(shape, value, place);
            case Kind::map:
                return map(shape, value, place);
            case Kind::structure:
                for (const Member& member : shape.members) {
                    const void* field = member.get(value);
                    if (field != nullptr) any(*member.shape, field, Place{&place, member.name, 0});
                }
                return;
        }
    }
};

}  // namespace

void validate(const Shape& shape, const void* value, const Place& place, Violations& violations) {
    Checker{violations}.any(shape, value, place);
}

bool is_present(const Shape& shape, const void* value, std::string_view path) {
    if (path.empty()) return true;
    if (path.starts_with("[]")) {
        const size_t count = shape.kind == Kind::list ? shape.list->size(value) : 0;
        for (size_t i = 0; i < count; ++i) {
            if (is_present(*shape.element, shape.list->at(value, i), path.substr(2))) return true;
        }
        return false;
    }
    if (path.starts_with("{}")) {
        if (shape.kind != Kind::map) return false;
        struct Walk {
            const Shape& shape;
            std::string_view rest;
            bool found = false;
        } walk{shape, path.substr(2)};
        shape.map->each(value, &walk, [](void* context, const std::string&, const void* element) {
            Walk& at = *static_cast<Walk*>(context);
            at.found = at.found || is_present(*at.shape.element, element, at.rest);
        });
        return walk.found;
    }
    if (path.starts_with(".")) path.remove_prefix(1);
    const std::string_view name = path.substr(0, path.find_first_of(".[{"));
    for (const Member& member : shape.members) {
        if (member.name != name) continue;
        const void* field = member.get(value);
        return field != nullptr && is_present(*member.shape, field, path.substr(name.size()));
    }
    return false;
}

}  // namespace millrace::aws
