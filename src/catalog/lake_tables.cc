#include <charconv>

#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/catalog/key.h"
#include "src/catalog/stored_lake.h"
#include "src/io/clock.h"

namespace millrace::catalog {

namespace {

Error no_table(std::string_view name) {
    return {ErrorCode::not_found, "Table " + lower_case(name) + " not found."};
}

Error no_version(std::string_view table, uint64_t version) {
    return {ErrorCode::not_found,
            "Table version " + std::to_string(version) + " of " + lower_case(table) + " not found."};
}

}  // namespace

std::string table_key(const Scope& scope, std::string_view database, std::string_view table) {
    return key_of({"lake", "t", scope.account, scope.region, lower_case(database), lower_case(table)});
}

std::string version_key(std::string_view id, uint64_t version) {
    std::string inverted(8, '\0');
    uint64_t bits = ~version;
    for (int i = 7; i >= 0; --i, bits >>= 8) inverted[i] = static_cast<char>(bits & 0xff);
    return key_of({"lake", "v", id, inverted});
}

Result<StoredTable> StoredLake::stored_table(const Scope& scope, std::string_view database, std::string_view name) {
    TRY_ASSIGN(const auto bytes, store_.get(table_key(scope, database, name)));
    if (bytes) return decode_table(*bytes);
    TRY(require_database(scope, database));
    return no_table(name);
}

Status StoredLake::create_table(const Scope& scope, Table table) {
    const auto held = lock(scope, table.database);
    TRY(require_database(scope, table.database));
    std::string key = table_key(scope, table.database, table.name);
    TRY_ASSIGN(const auto present, store_.get(key));
    if (present) return Error{ErrorCode::already_exists, "Table already exists."};
    table.database = lower_case(table.database);
    table.name = lower_case(table.name);
    table.created = table.updated = clock_.now();
    table.version = 0;
    return write_one(std::move(key), encode(StoredTable{std::move(table), hex_encode(random_bytes(12))}));
}

Result<Table> StoredLake::table(const Scope& scope, std::string_view database, std::string_view name) {
    TRY_ASSIGN(StoredTable stored, stored_table(scope, database, name));
    return std::move(stored.table);
}

Status StoredLake::update_table(const Scope& scope, Table table, bool skip_archive,
                                std::optional<uint64_t> expected_version) {
    const auto held = lock(scope, table.database);
    TRY_ASSIGN(StoredTable old, stored_table(scope, table.database, table.name));
    if (expected_version && *expected_version != old.table.version) {
        return Error{ErrorCode::failed_precondition, "version " + std::to_string(*expected_version) +
                                                         " is not the current version " +
                                                         std::to_string(old.table.version) + " of the table"};
    }
    table.database = old.table.database;
    table.name = old.table.name;
    table.created = old.table.created;
    table.updated = clock_.now();
    table.version = old.table.version + 1;
    table::WriteBatch batch;
    if (!skip_archive) batch.put(version_key(old.id, old.table.version), encode(old));
    std::string key = table_key(scope, table.database, table.name);
    batch.put(std::move(key), encode(StoredTable{std::move(table), old.id}));
    return store_.write(batch);
}

Status StoredLake::delete_table(const Scope& scope, std::string_view database, std::string_view name) {
    std::string id;
    {
        const auto held = lock(scope, database);
        TRY_ASSIGN(StoredTable stored, stored_table(scope, database, name));
        id = std::move(stored.id);
        table::WriteBatch batch;
        batch.erase(table_key(scope, database, name));
        batch.put(dropped_key(id), "");
        TRY(store_.write(batch));
    }
    return erase_children(id);
}

Result<Page<Table>> StoredLake::tables(const Scope& scope, std::string_view database, std::string_view after,
                                       size_t limit) {
    TRY(require_database(scope, database));
    const std::string prefix = key_of({"lake", "t", scope.account, scope.region, lower_case(database)});
    Page<Table> page;
    const auto cursor = store_.cursor();
    cursor->seek(after.empty() ? prefix : just_after(table_key(scope, database, after)));
    for (; cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
        if (page.items.size() == limit) {
            if (limit > 0) page.next = page.items.back().name;
            break;
        }
        TRY_ASSIGN(StoredTable stored, decode_table(cursor->value()));
        page.items.push_back(std::move(stored.table));
    }
    TRY(cursor->status());
    return page;
}

Result<Page<Table>> StoredLake::table_versions(const Scope& scope, std::string_view database, std::string_view name,
                                               std::string_view after, size_t limit) {
    TRY_ASSIGN(StoredTable current, stored_table(scope, database, name));
    uint64_t below = UINT64_MAX;
    if (!after.empty()) {
        const auto [end, error] = std::from_chars(after.data(), after.data() + after.size(), below);
        if (error != std::errc() || end != after.data() + after.size()) {
            return Error{ErrorCode::invalid_argument, "not a page token of table versions"};
        }
    }
    Page<Table> page;
    const std::string prefix = key_of({"lake", "v", current.id});
    const auto cursor = store_.cursor();
    if (current.table.version < below) {
        if (limit == 0) return page;
        page.items.push_back(std::move(current.table));
        cursor->seek(prefix);
    } else {
        cursor->seek(just_after(version_key(current.id, below)));
    }
    for (; cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
        if (page.items.size() >= limit) {
            if (limit > 0) page.next = std::to_string(page.items.back().version);
            break;
        }
        TRY_ASSIGN(StoredTable stored, decode_table(cursor->value()));
        page.items.push_back(std::move(stored.table));
    }
    TRY(cursor->status());
    return page;
}

Result<Table> StoredLake::table_version(const Scope& scope, std::string_view database, std::string_view name,
                                        uint64_t version) {
    TRY_ASSIGN(StoredTable current, stored_table(scope, database, name));
    if (current.table.version == version) return std::move(current.table);
    TRY_ASSIGN(const auto bytes, store_.get(version_key(current.id, version)));
    if (!bytes) return no_version(name, version);
    TRY_ASSIGN(StoredTable stored, decode_table(*bytes));
    return std::move(stored.table);
}

Status StoredLake::delete_table_version(const Scope& scope, std::string_view database, std::string_view name,
                                        uint64_t version) {
    const auto held = lock(scope, database);
    TRY_ASSIGN(const StoredTable current, stored_table(scope, database, name));
    if (current.table.version == version) {
        return Error{ErrorCode::failed_precondition, "the current version of a table cannot be deleted"};
    }
    std::string key = version_key(current.id, version);
    TRY_ASSIGN(const auto bytes, store_.get(key));
    if (!bytes) return no_version(name, version);
    table::WriteBatch batch;
    batch.erase(std::move(key));
    return store_.write(batch);
}

}  // namespace millrace::catalog
