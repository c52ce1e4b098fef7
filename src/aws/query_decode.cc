// The fields are sorted, so that "is there anything below this prefix" is a binary search and a hostile form costs
// no more than its length.
#include <algorithm>

#include "src/aws/query.h"
#include "src/aws/scalar_text.h"

namespace millrace::aws {
namespace {

class Walk {
  public:
    Walk(const Fields& sorted, Decoding& decoding) : fields_(sorted), decoding_(decoding) {}

    bool structure(const Shape& shape, const std::string& prefix, const Place& place, void* out, uint32_t depth) {
        if (!decoding_.check_depth(depth)) return false;
        SeenMembers seen(shape);
        for (const Member& member : shape.members) {
            const std::string key = join(prefix, member.wire);
            if (!exists(*member.shape, key)) continue;
            seen.mark(&member);
            const Place at{&place, member.name, 0};
            if (!any(*member.shape, member.flattened, key, at, member.make(out), depth)) return false;
        }
        seen.report_missing(place, decoding_.violations, false);
        return true;
    }

  private:
    static std::string join(const std::string& prefix, std::string_view name) {
        return prefix.empty() ? std::string(name) : prefix + "." + std::string(name);
    }

    const std::string* value_of(const std::string& key) const {
        const auto at = lower_bound(key);
        return at != fields_.end() && at->first == key ? &at->second : nullptr;
    }
    bool any_below(const std::string& key) const {
        const std::string prefix = key + ".";
        const auto at = lower_bound(prefix);
        return at != fields_.end() && at->first.starts_with(prefix);
    }
    // A list that is there but empty is sent as "Name=".
    bool exists(const Shape& shape, const std::string& key) const {
        if (is_scalar(shape)) return value_of(key) != nullptr;
        return any_below(key) || (shape.kind != Kind::structure && value_of(key) != nullptr);
    }
    Fields::const_iterator lower_bound(const std::string& key) const {
        return std::lower_bound(fields_.begin(), fields_.end(), key,
                                [](const Field& field, const std::string& wanted) { return field.first < wanted; });
    }

    bool any(const Shape& shape, bool flattened, const std::string& key, const Place& place, void* out,
             uint32_t depth) {
        if (shape.kind == Kind::structure) return structure(shape, key, place, out, depth + 1);
        if (shape.kind == Kind::list) return list(shape, flattened, key, place, out, depth + 1);
        if (shape.kind == Kind::map) return map(shape, flattened, key, place, out, depth + 1);
        const std::string* value = value_of(key);
        return (value != nullptr && parse_scalar(shape, *value, out)) ||
               decoding_.refuse("The value of " + key + " has the wrong form.");
    }

    bool list(const Shape& shape, bool flattened, const std::string& key, const Place& place, void* out,
              uint32_t depth) {
        if (!decoding_.check_depth(depth)) return false;
        const std::string prefix = flattened || shape.flattened ? key : join(key, shape.element_wire);
        for (size_t i = 1;; ++i) {
            const std::string element = prefix + "." + std::to_string(i);
            if (!exists(*shape.element, element)) return true;
            if (!decoding_.count_element()) return false;
            const Place at{&place, {}, i};
            if (!any(*shape.element, false, element, at, shape.list->append(out), depth)) return false;
        }
    }

    bool map(const Shape& shape, bool flattened, const std::string& key, const Place& place, void* out,
             uint32_t depth) {
        if (!decoding_.check_depth(depth)) return false;
        const std::string prefix = flattened || shape.flattened ? key : join(key, "entry");
        for (size_t i = 1;; ++i) {
            const std::string entry = prefix + "." + std::to_string(i);
            const std::string* name = value_of(join(entry, shape.key_wire));
            const std::string element = join(entry, shape.element_wire);
            if (name == nullptr || !exists(*shape.element, element)) return true;
            if (!decoding_.count_element()) return false;
            const Place at{&place, *name, 0};
            if (!any(*shape.element, false, element, at, shape.map->insert(out, *name), depth)) return false;
        }
    }

    const Fields& fields_;
    Decoding& decoding_;
};

}  // namespace

bool decode_query(const Shape& shape, Fields fields, void* out, Decoding& decoding) {
    std::sort(fields.begin(), fields.end());
    return Walk(fields, decoding).structure(shape, "", Place{}, out, 1);
}

}  // namespace millrace::aws
