#include "src/table/engine/definitions.h"

#include <algorithm>

#include "src/base/checksum.h"
#include "src/base/time_text.h"
#include "src/io/clock.h"
#include "src/table/engine/definition_change.h"

namespace millrace::table::engine {
namespace {

// AWS's LatestStreamLabel is the time. Labels tell a table's streams apart: two of one millisecond must differ.
std::string unused_label(const TableDefinition* before, TimestampMs time) {
    const auto is_used = [&](const std::string& label) {
        if (before == nullptr) return false;
        if (before->stream && before->stream->label == label) return true;
        return std::any_of(before->old_streams.begin(), before->old_streams.end(),
                           [&](const ChangeStream& stream) { return stream.label == label; });
    };
    while (is_used(iso_milliseconds(time))) time = TimestampMs(time.value() + 1);
    return iso_milliseconds(time);
}

}  // namespace

Definitions::Definitions(const Recovered& recovered, const io::Clock& clock)
    : clock_(clock), next_id_(recovered.next_id), removed_(recovered.removed) {
    for (const auto& [id, table] : recovered.state.tables) {
        Known known{table.definition, {{table.definition->data_id, table.size}}, table.sweep_from};
        for (size_t i = 0; i < table.indexes.size(); ++i) {
            known.sizes[table.definition->indexes[i].id] = table.indexes[i].size;
        }
        published_[name_key(table.definition->scope, table.definition->name)] = std::move(known);
    }
}

std::string Definitions::name_key(const Scope& scope, std::string_view name) {
    return scope.account + "/" + scope.region + "/" + std::string(name);
}

Result<Definitions::Known> Definitions::known(const Scope& scope, std::string_view name) const {
    const std::shared_lock lock(published_mutex_);
    const auto found = published_.find(name_key(scope, name));
    if (found == published_.end()) return Error{ErrorCode::not_found, "no table " + std::string(name)};
    return found->second;
}

Result<TableRef> Definitions::find(const Scope& scope, std::string_view name) const {
    const std::shared_lock lock(published_mutex_);
    const auto found = published_.find(name_key(scope, name));
    if (found == published_.end()) return Error{ErrorCode::not_found, "no table " + std::string(name)};
    return found->second.definition;
}

std::vector<TableRef> Definitions::list(const Scope& scope, std::string_view after, size_t limit) const {
    const std::shared_lock lock(published_mutex_);
    const std::string prefix = name_key(scope, "");
    std::vector<TableRef> tables;
    for (auto at = published_.upper_bound(prefix + std::string(after)); at != published_.end(); ++at) {
        if (tables.size() >= limit || !at->first.starts_with(prefix)) break;
        tables.push_back(at->second.definition);
    }
    return tables;
}

std::vector<TableRef> Definitions::all() const {
    const std::shared_lock lock(published_mutex_);
    std::vector<TableRef> tables;
    for (const auto& [name, known] : published_) tables.push_back(known.definition);
    return tables;
}

std::vector<RemovedTable> Definitions::removed() const {
    const std::shared_lock lock(published_mutex_);
    std::vector<RemovedTable> tables;
    for (const auto& [id, table] : removed_) tables.push_back(table);
    return tables;
}

Result<TableSize> Definitions::size(const TableDefinition& table, const Index* index) const {
    TRY_ASSIGN(const Known now, known(table.scope, table.name));
    const auto counter = now.sizes.find(index != nullptr ? index->id : table.data_id);
    if (counter == now.sizes.end()) return Error{ErrorCode::not_found, "no such table or index any more"};
    return TableSize{counter->second->items.load(), counter->second->bytes.load()};
}

std::shared_ptr<const Counter> Definitions::counter(const TableDefinition& table) const {
    const std::shared_lock lock(published_mutex_);
    const auto found = published_.find(name_key(table.scope, table.name));
    if (found == published_.end()) return nullptr;
    const auto counter = found->second.sizes.find(table.data_id);
    return counter != found->second.sizes.end() ? counter->second : nullptr;
}

std::shared_ptr<std::atomic<uint64_t>> Definitions::sweep_from(const TableDefinition& table) const {
    const auto now = known(table.scope, table.name);
    return now && now->definition->id == table.id ? now->sweep_from : nullptr;
}

Result<TableRef> Definitions::create(TableDefinition definition) {
    const std::lock_guard changing(change_);
    if (known(definition.scope, definition.name)) {
        return Error{ErrorCode::already_exists, "Table already exists: " + definition.name};
    }
    definition.id = take_id();
    definition.data_id = static_cast<uint32_t>(take_id());
    definition.uuid = random_uuid();
    if (definition.created.value() == 0) definition.created = clock_.now();
    // The state stays as given: creating, where a job fills the table before anybody else is let near it.
    definition.version = 1;
    complete(nullptr, &definition);
    return install(nullptr, std::make_shared<TableDefinition>(std::move(definition)));
}

Result<TableRef> Definitions::update(const Scope& scope, std::string_view name,
                                     const std::function<Status(TableDefinition*)>& change) {
    const std::lock_guard changing(change_);
    TRY_ASSIGN(const Known before, known(scope, name));
    auto after = std::make_shared<TableDefinition>(*before.definition);
    TRY(change(after.get()));
    ++after->version;
    complete(before.definition.get(), after.get());
    return install(&before, std::move(after));
}

// Numbers for what is new, and what follows from a setting that changed.
void Definitions::complete(const TableDefinition* before, TableDefinition* after) {
    for (Index& index : after->indexes) {
        if (index.id != 0) continue;
        index.id = static_cast<uint32_t>(take_id());
        index.state = before != nullptr ? IndexState::creating : IndexState::active;
        index.backfilling = before != nullptr;
    }
    const std::string ttl_before = before != nullptr ? before->ttl_attribute : "";
    if (after->ttl_attribute != ttl_before) {
        after->ttl_id = after->ttl_attribute.empty() ? 0 : static_cast<uint32_t>(take_id());
    }
    complete_streams(before, after);
}

void Definitions::complete_streams(const TableDefinition* before, TableDefinition* after) {
    const TimestampMs now = clock_.now();
    const auto fill_in = [&](std::optional<ChangeStream>& stream) {
        if (!stream) return;
        if (stream->id == 0) {
            stream->id = take_id();
            stream->created = now;
            if (stream->label.empty()) stream->label = unused_label(before, now);
        }
        if (!stream->enabled && stream->disabled.value() == 0) stream->disabled = now;
    };
    fill_in(after->stream);
    fill_in(after->copied_stream);
    if (before == nullptr || !before->stream) return;
    if (after->stream && after->stream->id == before->stream->id) return;
    auto& old = after->old_streams;
    if (std::any_of(old.begin(), old.end(), [&](const ChangeStream& s) { return s.id == before->stream->id; })) return;
    ChangeStream replaced = *before->stream;
    if (replaced.enabled) replaced.disabled = now;
    replaced.enabled = false;
    old.push_back(std::move(replaced));
}

Result<TableRef> Definitions::install(const Known* before, std::shared_ptr<TableDefinition> after) {
    DefinitionChange change;
    if (before != nullptr) change.before = before->definition;
    Known published{after, before != nullptr ? before->sizes : Sizes(),
                    before != nullptr ? before->sweep_from : std::make_shared<std::atomic<uint64_t>>(0)};
    const auto size_for = [&](uint32_t id) {
        auto& counter = published.sizes[id];
        if (!counter) counter = std::make_shared<Counter>();
        change.sizes[id] = counter;
    };
    size_for(after->data_id);
    for (const Index& index : after->indexes) size_for(index.id);
    published.sizes = change.sizes;
    if (before == nullptr || before->definition->ttl_id != after->ttl_id) {
        published.sweep_from = std::make_shared<std::atomic<uint64_t>>(0);
    }
    change.sweep_from = published.sweep_from;
    change.next_id = next_id_;
    change.after = after;
    const bool history_begins = after->history && (before == nullptr || !before->definition->history);
    TRY(committer_->maintain([&](Commit& commit) -> Status {
        if (history_begins) after->history_since = commit.time();
        apply_definition(commit, change);
        return {};
    }));
    const std::unique_lock lock(published_mutex_);
    published_[name_key(after->scope, after->name)] = std::move(published);
    return TableRef(after);
}

Status Definitions::remove(const Scope& scope, std::string_view name) {
    const std::lock_guard changing(change_);
    TRY_ASSIGN(const Known before, known(scope, name));
    const TimestampMs now = clock_.now();
    auto after = std::make_shared<TableDefinition>(*before.definition);
    after->state = TableState::deleting;
    const auto switch_off = [&](std::optional<ChangeStream>& stream) {
        if (stream && stream->enabled) {
            stream->enabled = false;
            stream->disabled = now;
        }
    };
    switch_off(after->stream);
    switch_off(after->copied_stream);
    TRY(committer_->maintain([&](Commit& commit) -> Status {
        apply_removal(commit, *after, now);
        return {};
    }));
    const std::unique_lock lock(published_mutex_);
    published_.erase(name_key(scope, name));
    if (has_streams(*after)) removed_[after->id] = {after, now};
    return {};
}

Status Definitions::forget_removed(uint64_t id) {
    const std::lock_guard changing(change_);
    TableRef table;
    {
        const std::shared_lock lock(published_mutex_);
        const auto found = removed_.find(id);
        if (found == removed_.end()) return {};
        table = found->second.definition;
    }
    TRY(committer_->maintain([&](Commit& commit) -> Status {
        apply_forgetting(commit, *table);
        return {};
    }));
    const std::unique_lock lock(published_mutex_);
    removed_.erase(id);
    return {};
}

}  // namespace millrace::table::engine
