// Tags of Athena's resources (work groups), one durable entry a resource: kind "athena.tags", named by ARN.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::catalog {
class Registry;
}

namespace millrace::service::athena {

using Tags = std::map<std::string, std::string>;

// Any thread; changes are made one at a time.
class TagStore {
  public:
    explicit TagStore(catalog::Registry& registry) : registry_(registry) {}
    Result<Tags> get(const Scope& scope, std::string_view arn);
    Status add(const Scope& scope, std::string_view arn, const Tags& tags);  // invalid_argument above 50
    Status remove(const Scope& scope, std::string_view arn, const std::vector<std::string>& keys);
    Status forget(const Scope& scope, std::string_view arn);

  private:
    Status write(const Scope& scope, std::string_view arn, const Tags& tags);

    catalog::Registry& registry_;
    std::mutex mutex_;
};

}  // namespace millrace::service::athena
