// The reader never trusts a length: one is compared with the bytes that are left before anything is made from it.
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "src/aws/cbor.h"

namespace millrace::aws {
namespace {

constexpr uint8_t indefinite = 31;

enum Major : uint8_t { unsigned_integer, negative_integer, bytes, text, array, map, tag, simple };

struct Head {
    Major major = simple;
    uint8_t info = 0;
    uint64_t argument = 0;
    bool is_break() const { return major == simple && info == indefinite; }
    bool is_null() const { return major == simple && (info == 22 || info == 23); }  // null, undefined
};

double half_to_double(uint16_t half) {
    const int exponent = half >> 10 & 0x1f;
    const int mantissa = half & 0x3ff;
    double value = 0;
    if (exponent == 0) {
        value = std::ldexp(mantissa, -24);
    } else if (exponent == 31) {
        value = mantissa == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    } else {
        value = std::ldexp(mantissa + 1024, exponent - 25);
    }
    return (half & 0x8000) != 0 ? -value : value;
}

class Reader {
  public:
    Reader(std::string_view body, CborTime time, Decoding& decoding) : rest_(body), time_(time), decoding_(decoding) {}

    bool root(const Shape& shape, void* out) {
        Head head;
        if (!next_untagged(&head)) return false;
        if (!structure(shape, head, Place{}, out, 1)) return false;
        return rest_.empty() || decoding_.refuse("The request body goes on after its CBOR value.");
    }

  private:
    bool malformed() { return decoding_.refuse("The request body is not valid CBOR."); }
    bool mistyped(const Shape& shape) {
        return decoding_.refuse("The value of " + std::string(shape.name) + " has the wrong CBOR type.");
    }

    bool next(Head* head) {
        if (rest_.empty()) return malformed();
        const auto lead = static_cast<uint8_t>(rest_[0]);
        rest_.remove_prefix(1);
        head->major = static_cast<Major>(lead >> 5);
        head->info = lead & 31;
        head->argument = head->info;
        if (head->info < 24) return true;
        if (head->info == indefinite) {
            return (head->major >= bytes && head->major <= map) || head->major == simple || malformed();
        }
        if (head->info > 27) return malformed();
        const size_t width = size_t{1} << (head->info - 24);
        if (rest_.size() < width) return malformed();
        head->argument = 0;
        for (size_t i = 0; i < width; ++i) head->argument = head->argument << 8 | static_cast<uint8_t>(rest_[i]);
        rest_.remove_prefix(width);
        return true;
    }
    // Past tags, but for what timestamp() reads itself: their content is what counts.
    bool next_untagged(Head* head) {
        for (uint32_t tags = 0;; ++tags) {
            if (!next(head)) return false;
            if (head->major != tag) return true;
            if (tags == depth_max) return malformed();
        }
    }

    bool take(uint64_t size, std::string_view* out) {
        if (size > rest_.size()) return malformed();
        *out = rest_.substr(0, static_cast<size_t>(size));
        rest_.remove_prefix(static_cast<size_t>(size));
        return true;
    }

    // A byte or text string, whole or in chunks.
    bool string(const Head& head, std::string* out) {
        std::string_view piece;
        out->clear();
        if (head.info != indefinite) {
            if (!take(head.argument, &piece)) return false;
            *out = piece;
            return true;
        }
        for (;;) {
            Head chunk;
            if (!next(&chunk)) return false;
            if (chunk.is_break()) return true;
            if (chunk.major != head.major || chunk.info == indefinite) return malformed();
            if (!take(chunk.argument, &piece)) return false;
            *out += piece;
        }
    }

    // Runs `each(head)` for every element's head (of a map: each key's), until the declared end or the break.
    template <class F>
    bool elements(const Head& head, F each) {
        if (head.info != indefinite && head.argument > rest_.size()) return malformed();
        for (uint64_t i = 0; head.info == indefinite || i < head.argument; ++i) {
            Head element;
            if (!next(&element)) return false;
            if (element.is_break()) return head.info == indefinite || malformed();
            if (!each(element)) return false;
        }
        return true;
    }

    bool skip(Head head, uint32_t depth) {
        if (!decoding_.check_depth(depth)) return false;
        for (uint32_t tags = 0; head.major == tag; ++tags) {
            if (tags == depth_max) return malformed();
            if (!next(&head)) return false;
        }
        std::string_view ignored;
        switch (head.major) {
            case unsigned_integer:
            case negative_integer:
                return true;
            case simple:
                return !head.is_break() || malformed();
            case bytes:
            case text:
                if (head.info != indefinite) return take(head.argument, &ignored);
                return elements(head, [&](const Head& chunk) {
                    return (chunk.major == head.major && chunk.info != indefinite && take(chunk.argument, &ignored)) ||
                           malformed();
                });
            case array:
                return elements(head, [&](const Head& element) { return skip(element, depth + 1); });
            case map:
                return elements(head, [&](const Head& key) {
                    Head value;
                    return skip(key, depth + 1) && next(&value) && skip(value, depth + 1);
                });
            case tag:
                break;
        }
        return malformed();
    }

    bool structure(const Shape& shape, const Head& head, const Place& place, void* out, uint32_t depth) {
        if (!decoding_.check_depth(depth)) return false;
        if (head.major != map) return mistyped(shape);
        SeenMembers seen(shape);
        std::string name;
        const bool good = elements(head, [&](const Head& key) {
            Head value;
            if (key.major != text) return mistyped(shape);
            if (!string(key, &name) || !next(&value)) return false;
            const Member* member = seen.find(name);
            if (member == nullptr) return skip(value, depth + 1);
            if (value.is_null()) {
                seen.unmark(member);
                return true;
            }
            const Place at{&place, member->name, 0};
            return any(*member->shape, value, at, member->make(out), depth);
        });
        if (!good) return false;
        seen.report_missing(place, decoding_.violations, false);
        return true;
    }

    bool any(const Shape& shape, Head head, const Place& place, void* out, uint32_t depth) {
        if (shape.kind == Kind::timestamp) return timestamp(shape, head, static_cast<TimestampMs*>(out));
        for (uint32_t tags = 0; head.major == tag; ++tags) {
            if (tags == depth_max) return malformed();
            if (!next(&head)) return false;
        }
        switch (shape.kind) {
            case Kind::boolean:
                if (head.major != simple || (head.info != 20 && head.info != 21)) return mistyped(shape);
                *static_cast<bool*>(out) = head.info == 21;
                return true;
            case Kind::integer: {
                int64_t number = 0;
                if (!integer(shape, head, &number)) return false;
                if (number < std::numeric_limits<int32_t>::min() || number > std::numeric_limits<int32_t>::max())
                    return mistyped(shape);
                *static_cast<int32_t*>(out) = static_cast<int32_t>(number);
                return true;
            }
            case Kind::long_integer:
                return integer(shape, head, static_cast<int64_t*>(out));
            case Kind::single:
            case Kind::real: {
                double number = 0;
                if (!real(shape, head, &number)) return false;
                if (shape.kind == Kind::single) {
                    *static_cast<float*>(out) = static_cast<float>(number);
                } else {
                    *static_cast<double*>(out) = number;
                }
                return true;
            }
            case Kind::string:
            case Kind::document:
                return head.major == text ? string(head, static_cast<std::string*>(out)) : mistyped(shape);
            case Kind::blob:
                return head.major == bytes ? string(head, static_cast<std::string*>(out)) : mistyped(shape);
            case Kind::list:
                return list(shape, head, place, out, depth + 1);
            case Kind::map:
                return entries(shape, head, place, out, depth + 1);
            case Kind::structure:
                return structure(shape, head, place, out, depth + 1);
            case Kind::timestamp:
                break;
        }
        return mistyped(shape);
    }

    bool list(const Shape& shape, const Head& head, const Place& place, void* out, uint32_t depth) {
        if (!decoding_.check_depth(depth)) return false;
        if (head.major != array) return mistyped(shape);
        size_t index = 0;
        return elements(head, [&](const Head& element) {
            if (!decoding_.count_element()) return false;
            const Place at{&place, {}, ++index};
            void* slot = shape.list->append(out);
            if (element.is_null()) {
                decoding_.violations.missing(at);
                return true;
            }
            return any(*shape.element, element, at, slot, depth);
        });
    }

    bool entries(const Shape& shape, const Head& head, const Place& place, void* out, uint32_t depth) {
        if (!decoding_.check_depth(depth)) return false;
        if (head.major != map) return mistyped(shape);
        return elements(head, [&](const Head& key) {
            std::string name;
            Head value;
            if (key.major != text) return mistyped(shape);
            if (!decoding_.count_element() || !string(key, &name) || !next(&value)) return false;
            if (value.is_null()) return true;
            const Place at{&place, name, 0};
            return any(*shape.element, value, at, shape.map->insert(out, name), depth);
        });
    }

    bool integer(const Shape& shape, const Head& head, int64_t* out) {
        const bool fits = head.argument <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
        if (head.major == unsigned_integer && fits) {
            *out = static_cast<int64_t>(head.argument);
            return true;
        }
        if (head.major == negative_integer && fits) {
            *out = -1 - static_cast<int64_t>(head.argument);
            return true;
        }
        double number = 0;  // some clients send whole numbers as floats
        if (head.major != simple || !real(shape, head, &number)) return mistyped(shape);
        if (number != std::floor(number) || std::fabs(number) > 9.0e15) return mistyped(shape);
        *out = static_cast<int64_t>(number);
        return true;
    }

    bool real(const Shape& shape, const Head& head, double* out) {
        if (head.major == simple && head.info == 25) {
            *out = half_to_double(static_cast<uint16_t>(head.argument));
        } else if (head.major == simple && head.info == 26) {
            *out = std::bit_cast<float>(static_cast<uint32_t>(head.argument));
        } else if (head.major == simple && head.info == 27) {
            *out = std::bit_cast<double>(head.argument);
        } else if (head.major == unsigned_integer) {
            *out = static_cast<double>(head.argument);
        } else if (head.major == negative_integer) {
            *out = -1.0 - static_cast<double>(head.argument);
        } else {
            return mistyped(shape);
        }
        return true;
    }

    bool timestamp(const Shape& shape, Head head, TimestampMs* out) {
        for (uint32_t tags = 0; head.major == tag; ++tags) {
            if (tags == depth_max) return malformed();
            if (!next(&head)) return false;
        }
        const bool whole = head.major == unsigned_integer || head.major == negative_integer;
        double number = 0;
        if (!real(shape, head, &number) || !(std::fabs(number) < 9.0e15)) return mistyped(shape);
        // x-amz-cbor-1.1 counts milliseconds in integers; a float is seconds in both.
        if (time_ == CborTime::seconds || !whole) number *= 1000;
        if (!(std::fabs(number) < 9.0e15)) return mistyped(shape);
        *out = TimestampMs(std::llround(number));
        return true;
    }

    std::string_view rest_;
    CborTime time_;
    Decoding& decoding_;
};

}  // namespace

bool decode_cbor(const Shape& shape, std::string_view body, CborTime time, void* out, Decoding& decoding) {
    if (body.empty()) {
        SeenMembers(shape).report_missing(Place{}, decoding.violations, false);
        return true;
    }
    return Reader(body, time, decoding).root(shape, out);
}

}  // namespace millrace::aws
