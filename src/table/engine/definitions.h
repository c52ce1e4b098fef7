// What tables there are, and how they change.
//
// A change is made by its caller's thread, one at a time, and takes place in a commit of the committer: every write
// before it knew the old definition, every write after it the new one. Others find it once it is durable.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "src/table/engine/committer.h"
#include "src/table/engine/recovery.h"

namespace millrace::table::engine {

class Definitions {
  public:
    // `recovered` before its state goes to the committer. `committer` and `clock` outlive it.
    Definitions(const Recovered& recovered, const io::Clock& clock);
    void start(Committer* committer) { committer_ = committer; }

    // As Tables'.
    Result<TableRef> create(TableDefinition definition);
    Result<TableRef> find(const Scope& scope, std::string_view name) const;
    std::vector<TableRef> list(const Scope& scope, std::string_view after, size_t limit) const;
    std::vector<TableRef> all() const;
    Result<TableRef> update(const Scope& scope, std::string_view name,
                            const std::function<Status(TableDefinition*)>& change);
    Status remove(const Scope& scope, std::string_view name);
    Result<TableSize> size(const TableDefinition& table, const Index* index) const;

    std::shared_ptr<const Counter> counter(const TableDefinition& table) const;  // null: no such table any more

    std::vector<RemovedTable> removed() const;
    Status forget_removed(uint64_t id);  // and its streams' records
    std::shared_ptr<std::atomic<uint64_t>> sweep_from(const TableDefinition& table) const;

  private:
    using Sizes = std::unordered_map<uint32_t, std::shared_ptr<Counter>>;  // by data or index id
    struct Known {
        TableRef definition;
        Sizes sizes;
        std::shared_ptr<std::atomic<uint64_t>> sweep_from;
    };
    static std::string name_key(const Scope& scope, std::string_view name);
    Result<Known> known(const Scope& scope, std::string_view name) const;
    uint64_t take_id() { return next_id_++; }
    void complete(const TableDefinition* before, TableDefinition* after);
    void complete_streams(const TableDefinition* before, TableDefinition* after);
    Result<TableRef> install(const Known* before, std::shared_ptr<TableDefinition> after);

    Committer* committer_ = nullptr;
    const io::Clock& clock_;
    std::mutex change_;  // held over a whole change; before published_mutex_
    uint64_t next_id_;
    mutable std::shared_mutex published_mutex_;
    std::map<std::string, Known, std::less<>> published_;
    std::map<uint64_t, RemovedTable> removed_;
};

}  // namespace millrace::table::engine
