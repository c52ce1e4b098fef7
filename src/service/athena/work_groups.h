// Work groups: where results go and what a query may cost. Kept as durable entries (kind "athena.work_group"); the
// group `primary` is always there, without an output location until somebody gives it one, as on AWS.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::aws::athena {
struct WorkGroup;
}
namespace millrace::catalog {
class Registry;
}

namespace millrace::service::athena {

constexpr std::string_view primary_work_group = "primary";
constexpr std::string_view engine_version = "Athena engine version 3";  // whose dialect we speak

std::string work_group_arn(const Scope& scope, std::string_view name);

// Any thread. Every change is durable on return.
class WorkGroups {
  public:
    explicit WorkGroups(catalog::Registry& registry) : registry_(registry) {}

    Result<aws::athena::WorkGroup> get(const Scope& scope, std::string_view name);  // not_found
    Status create(const Scope& scope, const aws::athena::WorkGroup& group);         // already_exists
    Status put(const Scope& scope, const aws::athena::WorkGroup& group);
    Status remove(const Scope& scope, std::string_view name);  // not_found
    // By name, strictly after `after`; `primary` among the others.
    Result<std::vector<aws::athena::WorkGroup>> list(const Scope& scope, std::string_view after, size_t limit);
    // Held over a read and the write that depends on it.
    std::mutex& changes() { return changes_; }

  private:
    catalog::Registry& registry_;
    std::mutex changes_;
};

}  // namespace millrace::service::athena
