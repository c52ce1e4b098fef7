// What a user has created, one durable entry each: streams, delivery streams, work groups, queries. The value is
// bytes of the owner's own making (JSON, versioned by a field); this file knows only kinds, scopes and names.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::table {
class KeyValueStore;
}

namespace millrace::catalog {

struct Entry {
    std::string name;
    std::string value;
};

// Any thread. Writes are durable on return.
class Registry {
  public:
    static std::unique_ptr<Registry> open(table::KeyValueStore& store);
    virtual ~Registry() = default;
    // `kind` is a short constant of the owner ("kinesis.stream").
    virtual Result<std::optional<std::string>> get(std::string_view kind, const Scope& scope,
                                                   std::string_view name) = 0;
    virtual Status create(std::string_view kind, const Scope& scope, std::string_view name,
                          std::string value) = 0;  // already_exists
    virtual Status put(std::string_view kind, const Scope& scope, std::string_view name, std::string value) = 0;
    virtual Status remove(std::string_view kind, const Scope& scope, std::string_view name) = 0;  // not_found
    // In byte order of names, strictly after `after`.
    virtual Result<std::vector<Entry>> list(std::string_view kind, const Scope& scope, std::string_view after,
                                            size_t limit) = 0;
    // Every scope's entries of a kind, for start-up.
    virtual Status for_each(std::string_view kind, const std::function<void(const Scope&, const Entry&)>& visit) = 0;
    // A number never given before by this counter; durable before it is returned.
    virtual Result<uint64_t> next_number(std::string_view counter) = 0;
};

}  // namespace millrace::catalog
