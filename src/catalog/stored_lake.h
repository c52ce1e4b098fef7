// The lake over the ordered store. Keys (see key.h for the encoding of tuples):
//
//   ("lake", "d", account, region, database)         -> Database
//   ("lake", "t", account, region, database, table)  -> StoredTable: the current version, with the table's id
//   ("lake", "v", id, 8 bytes ~version big-endian)   -> StoredTable: an archived version, newest first
//   ("lake", "p", id, value, value, ...)             -> Partition
//   ("lake", "x", id)                                -> "": the table is gone, its versions and partitions may not be
//
// A table's id is random and made with it. Dropping a table erases its entry and writes an "x" entry in one batch -
// that is the moment at which it is gone - and then erases versions and partitions in bounded batches; what a crash
// leaves of them is out of reach of any table and is swept at the next open.
//
// Every change reads, checks and writes under a lock on its database, so that a check still holds when its write
// lands; reads take no lock and see single entries whole.
#pragma once

#include "src/catalog/lake.h"
#include "src/catalog/lake_codec.h"
#include "src/catalog/striped_mutex.h"
#include "src/table/key_value_store.h"

namespace millrace::catalog {

class StoredLake final : public Lake {
  public:
    StoredLake(table::KeyValueStore& store, const io::Clock& clock) : store_(store), clock_(clock) {}

    void sweep_dropped();

    Status create_database(const Scope& scope, Database database) override;
    Result<Database> database(const Scope& scope, std::string_view name) override;
    Status update_database(const Scope& scope, std::string_view name, Database database) override;
    Status delete_database(const Scope& scope, std::string_view name) override;
    Result<Page<Database>> databases(const Scope& scope, std::string_view after, size_t limit) override;

    Status create_table(const Scope& scope, Table table) override;
    Result<Table> table(const Scope& scope, std::string_view database, std::string_view name) override;
    Status update_table(const Scope& scope, Table table, bool skip_archive,
                        std::optional<uint64_t> expected_version) override;
    Status delete_table(const Scope& scope, std::string_view database, std::string_view name) override;
    Result<Page<Table>> tables(const Scope& scope, std::string_view database, std::string_view after,
                               size_t limit) override;
    Result<Page<Table>> table_versions(const Scope& scope, std::string_view database, std::string_view name,
                                       std::string_view after, size_t limit) override;
    Result<Table> table_version(const Scope& scope, std::string_view database, std::string_view name,
                                uint64_t version) override;
    Status delete_table_version(const Scope& scope, std::string_view database, std::string_view name,
                                uint64_t version) override;

    Status create_partition(const Scope& scope, std::string_view database, std::string_view table,
                            Partition partition) override;
    Result<std::vector<Status>> create_partitions(const Scope& scope, std::string_view database, std::string_view table,
                                                  std::vector<Partition> partitions) override;
    Result<Partition> partition(const Scope& scope, std::string_view database, std::string_view table,
                                const std::vector<std::string>& values) override;
    Status update_partition(const Scope& scope, std::string_view database, std::string_view table,
                            const std::vector<std::string>& old_values, Partition partition) override;
    Status delete_partition(const Scope& scope, std::string_view database, std::string_view table,
                            const std::vector<std::string>& values) override;
    Result<Page<Partition>> partitions(const Scope& scope, std::string_view database, std::string_view table,
                                       std::string_view after, size_t limit) override;

  private:
    [[nodiscard]] std::unique_lock<std::mutex> lock(const Scope& scope, std::string_view database);
    Result<StoredTable> stored_table(const Scope& scope, std::string_view database, std::string_view name);
    Status require_database(const Scope& scope, std::string_view name);
    Status erase_children(std::string_view id);
    Status erase_prefix(const std::string& prefix);
    Status write_one(std::string key, std::string value);

    table::KeyValueStore& store_;
    const io::Clock& clock_;
    StripedMutex locks_;
};

// Names as Glue keeps them: ASCII letters in lower case.
std::string lower_case(std::string_view name);
std::string database_key(const Scope& scope, std::string_view database);
std::string table_key(const Scope& scope, std::string_view database, std::string_view table);
std::string version_key(std::string_view id, uint64_t version);
std::string dropped_key(std::string_view id);

}  // namespace millrace::catalog
