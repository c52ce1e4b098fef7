// Groups: their definitions in memory, over those on disk.
#include "src/io/clock.h"
#include "src/journal/store.h"

namespace millrace::journal {
namespace {

Error no_group() {
    return {ErrorCode::not_found, "The specified log group does not exist."};
}

}  // namespace

std::optional<Store::LiveGroup> Store::find(const Scope& scope, const std::string& group) const {
    const std::lock_guard lock(names_);
    const auto found = groups_.find(name_of(scope, group));
    if (found == groups_.end()) return std::nullopt;
    return found->second;
}

Result<Store::LiveGroup> Store::need(const Scope& scope, const std::string& group) const {
    std::optional<LiveGroup> found = find(scope, group);
    if (!found) return no_group();
    return *std::move(found);
}

// The caller holds changes_.
Status Store::add_group(const Scope& scope, const std::string& name, std::map<std::string, std::string> tags) {
    {
        const std::lock_guard lock(names_);
        if (groups_.contains(name_of(scope, name))) {
            return Error{ErrorCode::already_exists, "The specified log group already exists"};
        }
        if (groups_.size() >= groups_max) return Error{ErrorCode::resource_exhausted, "Resource limit exceeded."};
    }
    LiveGroup live;
    live.record = {.id = counters_.next_id++, .created = clock_.now(), .retention_days = {}, .tags = std::move(tags)};
    rocksdb::WriteBatch batch;
    batch.Put(group_key(scope, name), encode(live.record));
    batch.Put(counters_key, encode(counters_));
    TRY(write_batch(batch));
    const std::lock_guard lock(names_);
    groups_.emplace(name_of(scope, name), std::move(live));
    return {};
}

Status Store::create_group(const Scope& scope, const std::string& name, std::map<std::string, std::string> tags) {
    const std::lock_guard lock(changes_);
    return add_group(scope, name, std::move(tags));
}

Status Store::remove_group(const Scope& scope, const std::string& name) {
    const std::lock_guard lock(changes_);
    TRY_ASSIGN(const LiveGroup live, need(scope, name));
    rocksdb::WriteBatch batch;
    batch.Delete(group_key(scope, name));
    for (const char kind : {'S', 'E', 'I', 'B'}) {
        batch.DeleteRange(rows_of(kind, live.record.id), rows_end(kind, live.record.id));
    }
    TRY(write_batch(batch));
    const std::lock_guard names(names_);
    bytes_ -= live.bytes;
    groups_.erase(name_of(scope, name));
    return {};
}

Result<Group> Store::group(const Scope& scope, const std::string& name) {
    TRY_ASSIGN(LiveGroup live, need(scope, name));
    return Group{name, live.record.created, live.record.retention_days, std::move(live.record.tags), live.bytes};
}

std::vector<Group> Store::groups(const Scope& scope, const std::string& after, size_t count_max,
                                 const std::function<bool(const std::string& name)>& wanted) {
    std::vector<Group> found;
    const std::lock_guard lock(names_);
    for (auto at = groups_.upper_bound(name_of(scope, after)); at != groups_.end() && found.size() < count_max; ++at) {
        const auto& [account, region, name] = at->first;
        if (account != scope.account || region != scope.region) break;
        if (wanted && !wanted(name)) continue;
        const GroupRecord& record = at->second.record;
        found.push_back({name, record.created, record.retention_days, record.tags, at->second.bytes});
    }
    return found;
}

Status Store::edit_group(const Scope& scope, const std::string& name,
                         const std::function<Status(GroupRecord& record)>& edit) {
    const std::lock_guard lock(changes_);
    TRY_ASSIGN(LiveGroup live, need(scope, name));
    TRY(edit(live.record));
    rocksdb::WriteBatch batch;
    batch.Put(group_key(scope, name), encode(live.record));
    TRY(write_batch(batch));
    const std::lock_guard names(names_);
    groups_[name_of(scope, name)].record = std::move(live.record);
    return {};
}

Status Store::set_retention(const Scope& scope, const std::string& name, std::optional<int32_t> days) {
    return edit_group(scope, name, [&](GroupRecord& record) {
        record.retention_days = days;
        return Status();
    });
}

Status Store::edit_tags(const Scope& scope, const std::string& name, const std::map<std::string, std::string>& add,
                        const std::vector<std::string>& remove) {
    return edit_group(scope, name, [&](GroupRecord& record) -> Status {
        for (const auto& [key, value] : add) record.tags[key] = value;
        for (const std::string& key : remove) record.tags.erase(key);
        if (record.tags.size() > tags_max) {
            return Error{ErrorCode::failed_precondition, "A log group can have at most 50 tags."};
        }
        return {};
    });
}

}  // namespace millrace::journal
