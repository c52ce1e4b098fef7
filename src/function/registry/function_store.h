// The functions that exist, in memory and in the registry: a record each ("lambda.function"), and each published
// version an entry of its own ("lambda.version") that never changes.
//
// Publishing writes the version first and then the record that counts it: a version at or above the record's
// version_next does not exist, whatever lies in the registry. A name that is used again gets another incarnation, so
// versions that a crash left behind under the old one are never seen.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/catalog/striped_mutex.h"
#include "src/function/definition.h"
#include "src/function/functions.h"

namespace millrace::function {

// Any thread. Changes block on the disk and are durable on return; reads of records do not block.
class FunctionStore {
  public:
    using Record = Functions::Record;
    // Called after each change, with the locks of that function held; null where there was, or is, none.
    using Changed = std::function<void(const Record& before, const Record& after)>;

    FunctionStore(catalog::Registry& registry, const io::Clock& clock, uint64_t code_bytes_max, Changed changed);
    Status load();

    // As functions.h says of each.
    Result<Record> record(const Scope& scope, std::string_view name) const;
    std::vector<Record> list(const Scope& scope, std::string_view after, size_t limit) const;
    std::vector<Record> all() const;
    Result<Record> create(FunctionRecord record);
    Result<Record> update(const Scope& scope, std::string_view name, const Functions::Edit& edit);
    Status remove(const Scope& scope, std::string_view name);
    Result<FunctionDefinition> publish(const Scope& scope, std::string_view name,
                                       std::optional<std::string> description,
                                       const std::function<Status(const FunctionRecord&)>& check);
    Result<FunctionDefinition> version(const FunctionRecord& record, std::string_view number) const;
    Result<std::vector<FunctionDefinition>> versions(const FunctionRecord& record, uint64_t after, size_t limit) const;
    // failed_precondition where an alias points to it.
    Status remove_version(const Scope& scope, std::string_view name, std::string_view number);
    Result<FunctionName> find_url(std::string_view url_id) const;
    Functions::Usage usage(const Scope& scope) const;
    // Every package that a function or a version needs, layers' too.
    Result<std::set<std::string>> packages_in_use() const;

  private:
    using Key = std::pair<Scope, std::string>;

    Status write(const Record& before, const Record& after);
    void place(const Record& before, const Record& after);
    Record find(const Scope& scope, std::string_view name) const;
    Status each_version(const FunctionRecord& record, uint64_t after,
                        const std::function<bool(FunctionDefinition)>& visit) const;

    catalog::Registry& registry_;
    const io::Clock& clock_;
    const uint64_t code_bytes_max_;
    const Changed changed_;
    catalog::StripedMutex locks_;
    mutable std::shared_mutex mutex_;  // guards what follows; taken after a stripe of locks_
    std::map<Key, Record, std::less<>> records_;
    std::unordered_map<std::string, FunctionName> urls_;
    std::map<Scope, Functions::Usage> usage_;
};

}  // namespace millrace::function
