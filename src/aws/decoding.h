// What the decoders of all protocols share: bounds against hostile input, member look-up, required members.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/aws/failure.h"
#include "src/aws/schema.h"
#include "src/aws/violations.h"

namespace millrace::aws {

constexpr uint32_t depth_max = 64;          // of nested structures, lists and maps
constexpr uint32_t elements_max = 100'000;  // of all lists and maps of one input together: bounds memory
constexpr uint32_t members_max = 256;       // of one structure; the generator holds models to it

// One decoding of one input. `refused` carries the first thing that ends it.
struct Decoding {
    Violations violations;
    uint32_t elements = 0;
    std::string refused;  // "" while all is well; becomes SerializationException (or what the protocol says)

    bool refuse(std::string_view why) {
        if (refused.empty()) refused = why;
        return false;
    }
    bool count_element() {
        return ++elements <= elements_max || refuse("The request has more list elements than are allowed.");
    }
    bool check_depth(uint32_t depth) {
        return depth <= depth_max || refuse("The request is nested more deeply than is allowed.");
    }
};

// Which members of one structure have come, and finding the next by name.
class SeenMembers {
  public:
    explicit SeenMembers(const Shape& shape) : shape_(shape) {}
    // The member of that wire name, marked as seen; nullptr where the model has none (AWS ignores those). Clients send
    // members in the model's order mostly, so the search goes on where the last one ended.
    const Member* find(std::string_view wire) {
        const size_t count = shape_.members.size();
        for (size_t i = 0; i < count; ++i) {
            const size_t at = next_ + i < count ? next_ + i : next_ + i - count;
            if (shape_.members[at].wire == wire) {
                next_ = at + 1 == count ? 0 : at + 1;
                bits_[at / 64] |= uint64_t{1} << (at % 64);
                return &shape_.members[at];
            }
        }
        return nullptr;
    }
    void mark(const Member* member) {
        const size_t at = static_cast<size_t>(member - shape_.members.data());
        bits_[at / 64] |= uint64_t{1} << (at % 64);
    }
    void unmark(const Member* member) {  // a null
        const size_t at = static_cast<size_t>(member - shape_.members.data());
        bits_[at / 64] &= ~(uint64_t{1} << (at % 64));
    }
    bool seen(size_t at) const { return (bits_[at / 64] >> (at % 64) & 1) != 0; }
    // Adds a violation for each required member of `location` that has not come.
    void report_missing(const Place& place, Violations& violations, bool body_only) const {
        for (size_t at = 0; at < shape_.members.size(); ++at) {
            const Member& member = shape_.members[at];
            if (!member.required || seen(at) || (body_only && member.location != Location::body)) continue;
            violations.missing(Place{&place, member.name, 0});
        }
    }

  private:
    const Shape& shape_;
    size_t next_ = 0;
    std::array<uint64_t, members_max / 64> bits_{};
};

}  // namespace millrace::aws
