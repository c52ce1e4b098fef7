// Numbers that must not mix are different types (after Redpanda's named_type).
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace millrace {

template <class Rep, class Tag>
class Named {
  public:
    using rep = Rep;
    constexpr Named() = default;
    constexpr explicit Named(Rep value) : value_(value) {}
    constexpr Rep value() const { return value_; }
    constexpr auto operator<=>(const Named&) const = default;

  private:
    Rep value_{};
};

// Milliseconds since 1970-01-01T00:00:00Z, as AWS's timestamps count.
using TimestampMs = Named<int64_t, struct TimestampMsTag>;

}  // namespace millrace

template <class Rep, class Tag>
struct std::hash<millrace::Named<Rep, Tag>> {
    size_t operator()(const millrace::Named<Rep, Tag>& named) const noexcept { return std::hash<Rep>{}(named.value()); }
};
