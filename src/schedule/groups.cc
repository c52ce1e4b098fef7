// Groups of schedules.
#include <algorithm>
#include <utility>

#include "src/io/clock.h"
#include "src/schedule/engine.h"
#include "src/schedule/keys.h"
#include "src/table/key_value_store.h"

namespace millrace::schedule {
namespace {

constexpr size_t swept_at_once = 500;

}  // namespace

Result<Group> Engine::load_group(const Scope& scope, std::string_view name) {
    TRY_ASSIGN(const auto stored, parts_.store.get(keys::group_key(scope, name)));
    if (stored) return decode_group(scope, name, *stored);
    if (name != default_group) {
        return Error{ErrorCode::not_found, "Schedule group " + std::string(name) + " does not exist."};
    }
    Group group;
    group.scope = scope;
    group.name = name;
    group.created = group.modified = parts_.clock.now();
    table::WriteBatch batch;
    batch.put(keys::group_key(scope, name), encode(group));
    TRY(parts_.store.write(batch));
    return group;
}

Status Engine::create_group(const Scope& scope, const std::string& name, std::map<std::string, std::string> tags,
                            const std::string& token) {
    const std::lock_guard world(world_);
    if (const Result<Group> there = load_group(scope, name); there.ok()) {
        if (!token.empty() && there->token == token && !there->deleting && there->tags == tags) return {};
        return Error{ErrorCode::already_exists, "Schedule group " + name + " already exists."};
    } else if (there.error().code != ErrorCode::not_found) {
        return Error(there.error());
    }
    size_t count = 0;
    const std::string first = keys::scope_prefix(keys::groups, scope);
    const auto cursor = parts_.store.cursor();
    for (cursor->seek(first); cursor->valid() && cursor->key().starts_with(first); cursor->next()) ++count;
    TRY(cursor->status());
    if (count >= options_.groups_max) {
        return Error{ErrorCode::resource_exhausted,
                     "There are already " + std::to_string(count) + " schedule groups, which is the limit."};
    }
    Group group;
    group.scope = scope;
    group.name = name;
    group.created = group.modified = parts_.clock.now();
    group.tags = std::move(tags);
    group.token = token;
    table::WriteBatch batch;
    batch.put(keys::group_key(scope, name), encode(group));
    return parts_.store.write(batch);
}

Status Engine::remove_group(const Scope& scope, const std::string& name) {
    if (name == default_group) return Error{ErrorCode::invalid_argument, "The default group cannot be deleted."};
    const std::lock_guard world(world_);
    TRY_ASSIGN(Group group, load_group(scope, name));
    if (group.deleting) {
        return Error{ErrorCode::failed_precondition, "Schedule group " + name + " is already being deleted."};
    }
    group.deleting = true;
    group.modified = parts_.clock.now();
    table::WriteBatch batch;
    batch.put(keys::group_key(scope, name), encode(group));
    {
        const std::lock_guard lock(mutex_);
        groups_to_sweep_.emplace_back(scope, name);
    }
    return write_and_poke(batch);
}

// Some of the schedules of groups that are being deleted, then the groups. With the world to itself.
Status Engine::sweep_groups() {
    std::vector<std::pair<Scope, std::string>> groups;
    {
        const std::lock_guard lock(mutex_);
        groups = groups_to_sweep_;
    }
    for (const auto& [scope, name] : groups) {
        const std::string first = keys::scope_prefix(keys::definitions, scope) + name + "/";
        table::WriteBatch batch;
        size_t count = 0;
        const auto cursor = parts_.store.cursor();
        for (cursor->seek(first); cursor->valid() && cursor->key().starts_with(first); cursor->next()) {
            if (++count > swept_at_once) break;
            if (const auto each = keys::parse_id(cursor->key().substr(keys::definitions.size()))) {
                TRY(unplace(*each, &batch));
            }
            batch.erase(std::string(cursor->key()));
        }
        TRY(cursor->status());
        const bool all = count <= swept_at_once;
        if (all) batch.erase(keys::group_key(scope, name));
        TRY(parts_.store.write(batch));
        const std::lock_guard lock(mutex_);
        if (all) {
            std::erase(groups_to_sweep_, std::pair(scope, name));
        } else {
            poked_ = true;
        }
    }
    return {};
}

Result<Group> Engine::find_group(const Scope& scope, std::string_view name) {
    return load_group(scope, name);
}

Result<GroupPage> Engine::list_groups(const Scope& scope, std::string_view prefix, std::string_view after,
                                      size_t limit) {
    TRY_ASSIGN(const Group made, load_group(scope, default_group));
    const std::string all = keys::scope_prefix(keys::groups, scope);
    const std::string first = all + std::string(prefix);
    GroupPage page;
    const auto cursor = parts_.store.cursor();
    cursor->seek(after.empty() ? first : std::max(first, all + std::string(after) + '\0'));
    for (; cursor->valid() && cursor->key().starts_with(first); cursor->next()) {
        if (page.groups.size() == limit) {
            page.next = page.groups.back().name;
            return page;
        }
        TRY_ASSIGN(Group group, decode_group(scope, cursor->key().substr(all.size()), cursor->value()));
        page.groups.push_back(std::move(group));
    }
    TRY(cursor->status());
    return page;
}

Status Engine::change_tags(const Scope& scope, std::string_view name,
                           const std::function<Status(std::map<std::string, std::string>*)>& change) {
    const std::lock_guard world(world_);
    TRY_ASSIGN(Group group, load_group(scope, name));
    if (group.deleting) {
        return Error{ErrorCode::failed_precondition, "Schedule group " + group.name + " is being deleted."};
    }
    TRY(change(&group.tags));
    group.modified = parts_.clock.now();
    table::WriteBatch batch;
    batch.put(keys::group_key(scope, name), encode(group));
    return parts_.store.write(batch);
}

}  // namespace millrace::schedule
