#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/catalog/key.h"
#include "src/catalog/stored_lake.h"
#include "src/io/clock.h"

namespace millrace::catalog {

namespace {

constexpr size_t erase_batch_entries = 1000;

}  // namespace

std::string lower_case(std::string_view name) {
    std::string lower(name);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

std::string database_key(const Scope& scope, std::string_view database) {
    return key_of({"lake", "d", scope.account, scope.region, lower_case(database)});
}

std::string dropped_key(std::string_view id) {
    return key_of({"lake", "x", id});
}

std::unique_ptr<Lake> Lake::open(table::KeyValueStore& store, const io::Clock& clock) {
    auto lake = std::make_unique<StoredLake>(store, clock);
    lake->sweep_dropped();
    return lake;
}

void StoredLake::sweep_dropped() {
    const std::string prefix = key_of({"lake", "x"});
    std::vector<std::string> ids;
    const auto cursor = store_.cursor();
    for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
        std::string_view rest = cursor->key().substr(prefix.size());
        std::string id;
        if (take_component(rest, id)) ids.push_back(std::move(id));
    }
    // What cannot be erased now stays marked for the next open; nothing refers to it.
    for (const std::string& id : ids) (void)erase_children(id).ok();
}

std::unique_lock<std::mutex> StoredLake::lock(const Scope& scope, std::string_view database) {
    return locks_.lock(database_key(scope, database));
}

Status StoredLake::write_one(std::string key, std::string value) {
    table::WriteBatch batch;
    batch.put(std::move(key), std::move(value));
    return store_.write(batch);
}

Status StoredLake::erase_prefix(const std::string& prefix) {
    while (true) {
        table::WriteBatch batch;
        {
            const auto cursor = store_.cursor();
            for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix) &&
                                       batch.operations().size() < erase_batch_entries;
                 cursor->next()) {
                batch.erase(std::string(cursor->key()));
            }
            TRY(cursor->status());
        }
        if (batch.empty()) return {};
        TRY(store_.write(batch));
    }
}

Status StoredLake::erase_children(std::string_view id) {
    TRY(erase_prefix(key_of({"lake", "v", id})));
    TRY(erase_prefix(key_of({"lake", "p", id})));
    table::WriteBatch batch;
    batch.erase(dropped_key(id));
    return store_.write(batch);
}

Status StoredLake::require_database(const Scope& scope, std::string_view name) {
    TRY_ASSIGN(const auto stored, store_.get(database_key(scope, name)));
    if (!stored) return Error{ErrorCode::not_found, "Database " + lower_case(name) + " not found."};
    return {};
}

Status StoredLake::create_database(const Scope& scope, Database database) {
    const auto held = lock(scope, database.name);
    database.name = lower_case(database.name);
    std::string key = database_key(scope, database.name);
    TRY_ASSIGN(const auto present, store_.get(key));
    if (present) return Error{ErrorCode::already_exists, "Database already exists."};
    database.created = clock_.now();
    return write_one(std::move(key), encode(database));
}

Result<Database> StoredLake::database(const Scope& scope, std::string_view name) {
    TRY_ASSIGN(const auto stored, store_.get(database_key(scope, name)));
    if (!stored) return Error{ErrorCode::not_found, "Database " + lower_case(name) + " not found."};
    return decode_database(*stored);
}

Status StoredLake::update_database(const Scope& scope, std::string_view name, Database database) {
    const auto held = lock(scope, name);
    TRY_ASSIGN(const Database old, this->database(scope, name));
    database.name = lower_case(database.name);
    if (database.name != old.name) {
        return Error{ErrorCode::invalid_argument, "a database cannot be renamed: " + old.name};
    }
    database.created = old.created;
    return write_one(database_key(scope, name), encode(database));
}

Status StoredLake::delete_database(const Scope& scope, std::string_view name) {
    std::vector<std::string> ids;
    {
        const auto held = lock(scope, name);
        TRY(require_database(scope, name));
        table::WriteBatch batch;
        batch.erase(database_key(scope, name));
        const std::string prefix = key_of({"lake", "t", scope.account, scope.region, lower_case(name)});
        const auto cursor = store_.cursor();
        for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
            TRY_ASSIGN(StoredTable stored, decode_table(cursor->value()));
            batch.erase(std::string(cursor->key()));
            batch.put(dropped_key(stored.id), "");
            ids.push_back(std::move(stored.id));
        }
        TRY(cursor->status());
        TRY(store_.write(batch));
    }
    for (const std::string& id : ids) TRY(erase_children(id));
    return {};
}

Result<Page<Database>> StoredLake::databases(const Scope& scope, std::string_view after, size_t limit) {
    const std::string prefix = key_of({"lake", "d", scope.account, scope.region});
    Page<Database> page;
    const auto cursor = store_.cursor();
    cursor->seek(after.empty() ? prefix : just_after(database_key(scope, after)));
    for (; cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
        if (page.items.size() == limit) {
            if (limit > 0) page.next = page.items.back().name;
            break;
        }
        TRY_ASSIGN(Database database, decode_database(cursor->value()));
        page.items.push_back(std::move(database));
    }
    TRY(cursor->status());
    return page;
}

}  // namespace millrace::catalog
