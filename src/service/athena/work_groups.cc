#include "src/service/athena/work_groups.h"

#include "aws/athena/shapes.h"

#include "src/service/athena/limits.h"
#include "src/service/athena/stored.h"

namespace millrace::service::athena {

namespace {

constexpr std::string_view kind = "athena.work_group";

aws::athena::WorkGroup default_primary() {
    aws::athena::WorkGroup group;
    group.Name = primary_work_group;
    group.State = "ENABLED";
    auto& configuration = group.Configuration.emplace();
    configuration.ResultConfiguration.emplace();
    configuration.EnforceWorkGroupConfiguration = false;
    configuration.PublishCloudWatchMetricsEnabled = false;
    configuration.RequesterPaysEnabled = false;
    configuration.EngineVersion = {.SelectedEngineVersion = "AUTO",
                                   .EffectiveEngineVersion = std::string(engine_version)};
    group.CreationTime = TimestampMs(0);
    return group;
}

std::string encode(const aws::athena::WorkGroup& group) {
    return encode_stored(aws::athena::GetWorkGroupOutput{.WorkGroup = group});
}

Error no_such(std::string_view name) {
    return {ErrorCode::not_found, "WorkGroup " + std::string(name) + " is not found."};
}

}  // namespace

std::string work_group_arn(const Scope& scope, std::string_view name) {
    return "arn:aws:athena:" + scope.region + ":" + scope.account + ":workgroup/" + std::string(name);
}

Result<aws::athena::WorkGroup> WorkGroups::get(const Scope& scope, std::string_view name) {
    TRY_ASSIGN(auto stored, get_stored<aws::athena::GetWorkGroupOutput>(registry_, kind, scope, name));
    if (stored && stored->WorkGroup) return std::move(*stored->WorkGroup);
    if (name == primary_work_group) return default_primary();
    return no_such(name);
}

Status WorkGroups::create(const Scope& scope, const aws::athena::WorkGroup& group) {
    if (group.Name == primary_work_group) return Error{ErrorCode::already_exists, "WorkGroup is already created."};
    TRY_ASSIGN(const auto all, registry_.list(kind, scope, "", work_groups_max));
    if (all.size() >= work_groups_max) {
        return Error{ErrorCode::invalid_argument, "The limit of 1000 work groups in a region is reached."};
    }
    Status created = registry_.create(kind, scope, group.Name, encode(group));
    if (!created.ok() && created.error().code == ErrorCode::already_exists) {
        return Error{ErrorCode::already_exists, "WorkGroup is already created."};
    }
    return created;
}

Status WorkGroups::put(const Scope& scope, const aws::athena::WorkGroup& group) {
    return registry_.put(kind, scope, group.Name, encode(group));
}

Status WorkGroups::remove(const Scope& scope, std::string_view name) {
    Status removed = registry_.remove(kind, scope, name);
    if (!removed.ok() && removed.error().code == ErrorCode::not_found) return no_such(name);
    return removed;
}

Result<std::vector<aws::athena::WorkGroup>> WorkGroups::list(const Scope& scope, std::string_view after, size_t limit) {
    TRY_ASSIGN(const auto entries, registry_.list(kind, scope, after, limit));
    std::vector<aws::athena::WorkGroup> groups;
    bool primary_due = primary_work_group > after;
    for (const catalog::Entry& entry : entries) {
        if (primary_due && entry.name >= primary_work_group) {
            if (entry.name != primary_work_group) groups.push_back(default_primary());
            primary_due = false;
        }
        TRY_ASSIGN(auto stored, decode_stored<aws::athena::GetWorkGroupOutput>(entry.value));
        if (stored.WorkGroup) groups.push_back(std::move(*stored.WorkGroup));
    }
    if (primary_due && entries.size() < limit) groups.push_back(default_primary());
    if (groups.size() > limit) groups.resize(limit);
    return groups;
}

}  // namespace millrace::service::athena
