#include <set>

#include "src/base/bytes.h"
#include "src/catalog/key.h"
#include "src/catalog/stored_lake.h"
#include "src/io/clock.h"

namespace millrace::catalog {

namespace {

std::string partition_key(const StoredTable& table, const std::vector<std::string>& values) {
    std::string key = key_of({"lake", "p", table.id});
    for (const std::string& value : values) append_component(key, value);
    return key;
}

Status require_one_value_a_key(const StoredTable& table, const std::vector<std::string>& values) {
    if (values.size() == table.table.partition_keys.size() && !values.empty()) return {};
    return Error{ErrorCode::invalid_argument,
                 "The number of partition keys do not match the number of partition values"};
}

Error no_partition() {
    return {ErrorCode::not_found, "Cannot find partition."};
}

Error partition_exists() {
    return {ErrorCode::already_exists, "Partition already exists."};
}

}  // namespace

Status StoredLake::create_partition(const Scope& scope, std::string_view database, std::string_view table,
                                    Partition partition) {
    std::vector<Partition> one;
    one.push_back(std::move(partition));
    TRY_ASSIGN(std::vector<Status> statuses, create_partitions(scope, database, table, std::move(one)));
    return std::move(statuses.front());
}

Result<std::vector<Status>> StoredLake::create_partitions(const Scope& scope, std::string_view database,
                                                          std::string_view table, std::vector<Partition> partitions) {
    const auto held = lock(scope, database);
    TRY_ASSIGN(const StoredTable stored, stored_table(scope, database, table));
    std::vector<Status> statuses;
    std::set<std::string> in_this_batch;
    table::WriteBatch batch;
    for (Partition& partition : partitions) {
        if (Status matching = require_one_value_a_key(stored, partition.values); !matching.ok()) {
            statuses.push_back(std::move(matching));
            continue;
        }
        std::string key = partition_key(stored, partition.values);
        TRY_ASSIGN(const auto present, store_.get(key));
        if (present || !in_this_batch.insert(key).second) {
            statuses.push_back(partition_exists());
            continue;
        }
        partition.created = clock_.now();
        batch.put(std::move(key), encode(partition));
        statuses.emplace_back();
    }
    TRY(store_.write(batch));
    return statuses;
}

Result<Partition> StoredLake::partition(const Scope& scope, std::string_view database, std::string_view table,
                                        const std::vector<std::string>& values) {
    TRY_ASSIGN(const StoredTable stored, stored_table(scope, database, table));
    TRY(require_one_value_a_key(stored, values));
    TRY_ASSIGN(const auto bytes, store_.get(partition_key(stored, values)));
    if (!bytes) return no_partition();
    return decode_partition(*bytes);
}

Status StoredLake::update_partition(const Scope& scope, std::string_view database, std::string_view table,
                                    const std::vector<std::string>& old_values, Partition partition) {
    const auto held = lock(scope, database);
    TRY_ASSIGN(const StoredTable stored, stored_table(scope, database, table));
    TRY(require_one_value_a_key(stored, old_values));
    TRY(require_one_value_a_key(stored, partition.values));
    std::string old_key = partition_key(stored, old_values);
    TRY_ASSIGN(const auto bytes, store_.get(old_key));
    if (!bytes) return no_partition();
    TRY_ASSIGN(const Partition old, decode_partition(*bytes));
    std::string key = partition_key(stored, partition.values);
    table::WriteBatch batch;
    if (key != old_key) {
        TRY_ASSIGN(const auto taken, store_.get(key));
        if (taken) return partition_exists();
        batch.erase(std::move(old_key));
    }
    partition.created = old.created;
    batch.put(std::move(key), encode(partition));
    return store_.write(batch);
}

Status StoredLake::delete_partition(const Scope& scope, std::string_view database, std::string_view table,
                                    const std::vector<std::string>& values) {
    const auto held = lock(scope, database);
    TRY_ASSIGN(const StoredTable stored, stored_table(scope, database, table));
    TRY(require_one_value_a_key(stored, values));
    std::string key = partition_key(stored, values);
    TRY_ASSIGN(const auto bytes, store_.get(key));
    if (!bytes) return no_partition();
    table::WriteBatch batch;
    batch.erase(std::move(key));
    return store_.write(batch);
}

// The page token is the hexadecimal of the last partition's encoded values.
Result<Page<Partition>> StoredLake::partitions(const Scope& scope, std::string_view database, std::string_view table,
                                               std::string_view after, size_t limit) {
    TRY_ASSIGN(const StoredTable stored, stored_table(scope, database, table));
    const std::string prefix = key_of({"lake", "p", stored.id});
    std::string last;
    if (!hex_decode(after, &last)) return Error{ErrorCode::invalid_argument, "not a page token of partitions"};
    Page<Partition> page;
    const auto cursor = store_.cursor();
    cursor->seek(after.empty() ? prefix : just_after(prefix + last));
    for (; cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
        if (page.items.size() == limit) {
            if (limit > 0) page.next = hex_encode(last);
            break;
        }
        TRY_ASSIGN(Partition partition, decode_partition(cursor->value()));
        page.items.push_back(std::move(partition));
        last = cursor->key().substr(prefix.size());
    }
    TRY(cursor->status());
    return page;
}

}  // namespace millrace::catalog
