// Locks by name: changes to the same name wait for each other, changes to others go on side by side and share the
// store's group commit. Held across a check and the write that it decides about. A holder takes no second stripe.
#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <string_view>

namespace millrace::catalog {

class StripedMutex {
  public:
    [[nodiscard]] std::unique_lock<std::mutex> lock(std::string_view name) {
        return std::unique_lock(stripes_[std::hash<std::string_view>()(name) % stripes_.size()]);
    }

  private:
    std::array<std::mutex, 64> stripes_;
};

}  // namespace millrace::catalog
