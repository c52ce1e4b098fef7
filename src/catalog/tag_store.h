// Tags of resources that have no place of their own for them: one durable entry of the registry a resource, named by
// ARN, under a kind of the service's ("glue.tags").
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

using Tags = std::map<std::string, std::string>;

constexpr size_t tags_max = 50;  // a resource, as AWS

// Any thread; changes are made one at a time and are durable on return. `registry` outlives it; `kind` lives for ever.
class TagStore {
  public:
    TagStore(Registry& registry, std::string_view kind) : registry_(registry), kind_(kind) {}

    Result<Tags> get(const Scope& scope, std::string_view arn);              // none where nothing was ever tagged
    Status add(const Scope& scope, std::string_view arn, const Tags& tags);  // invalid_argument above tags_max
    Status remove(const Scope& scope, std::string_view arn, const std::vector<std::string>& keys);
    Status forget(const Scope& scope, std::string_view arn);  // fine where there are none

  private:
    Status write(const Scope& scope, std::string_view arn, const Tags& tags);

    Registry& registry_;
    const std::string_view kind_;
    std::mutex mutex_;
};

}  // namespace millrace::catalog
