// Archives.
#include "src/bus/definition.h"
#include "src/service/events/errors.h"
#include "src/service/events/events.h"
#include "src/service/events/names.h"

namespace millrace::service::events {

using namespace aws::events;  // the generated shapes

namespace {

constexpr const char* enabled = "ENABLED";  // they are made at once

// AWS has no word for one that can not be written at the moment (a full disk); StateReason says what is wrong.
const char* state_of(const bus::Buses::ArchiveInfo& archive) {
    return archive.problem.empty() ? enabled : "UPDATE_FAILED";
}

aws::Outcome<void> check_pattern(const std::optional<std::string>& pattern) {
    if (!pattern) return {};
    const auto compiled = flow::pattern::Pattern::compile(*pattern);
    if (!compiled.ok()) return invalid_pattern(compiled.error().message);
    return {};
}

}  // namespace

aws::Outcome<CreateArchiveOutput> Events::create_archive(const aws::CallContext& context,
                                                         const CreateArchiveInput& input) {
    TRY_ASSIGN(const BusName bus, name_of_arn(context.scope, input.EventSourceArn, "event-bus"));
    TRY(check_pattern(input.EventPattern));
    if (bus.scope != context.scope) return validation("An archive is of an event bus of the same account and region.");
    bus::ArchiveDefinition wanted;
    wanted.scope = context.scope;
    wanted.name = input.ArchiveName;
    wanted.bus = bus.name;
    wanted.description = input.Description.value_or("");
    wanted.pattern = input.EventPattern.value_or("");
    wanted.retention_days = input.RetentionDays.value_or(0);
    EVENTS_TRY_ASSIGN(const bus::Buses::ArchiveInfo made, buses_.create_archive(std::move(wanted)));
    return CreateArchiveOutput{
        .ArchiveArn = arn_of(made.definition), .State = enabled, .CreationTime = made.definition.created};
}

aws::Outcome<DescribeArchiveOutput> Events::describe_archive(const aws::CallContext& context,
                                                             const DescribeArchiveInput& input) {
    EVENTS_TRY_ASSIGN(const bus::Buses::ArchiveInfo found, buses_.archive(context.scope, input.ArchiveName));
    const bus::ArchiveDefinition& archive = found.definition;
    DescribeArchiveOutput out;
    out.ArchiveArn = arn_of(archive);
    out.ArchiveName = archive.name;
    out.EventSourceArn = bus::bus_arn(archive.scope, archive.bus);
    out.Description = unless_empty(archive.description);
    out.EventPattern = unless_empty(archive.pattern);
    out.State = state_of(found);
    out.StateReason = unless_empty(found.problem);
    out.RetentionDays = archive.retention_days;
    out.SizeBytes = static_cast<int64_t>(found.state.bytes);
    out.EventCount = static_cast<int64_t>(found.state.events);
    out.CreationTime = archive.created;
    return out;
}

aws::Outcome<UpdateArchiveOutput> Events::update_archive(const aws::CallContext& context,
                                                         const UpdateArchiveInput& input) {
    TRY(check_pattern(input.EventPattern));
    EVENTS_TRY_ASSIGN(
        const bus::Buses::ArchiveInfo found,
        buses_.change_archive(context.scope, input.ArchiveName, [&](bus::ArchiveDefinition& archive) -> Status {
            if (input.Description) archive.description = *input.Description;
            if (input.EventPattern) archive.pattern = *input.EventPattern;
            if (input.RetentionDays) archive.retention_days = *input.RetentionDays;
            return {};
        }));
    return UpdateArchiveOutput{
        .ArchiveArn = arn_of(found.definition), .State = state_of(found), .CreationTime = found.definition.created};
}

aws::Outcome<ListArchivesOutput> Events::list_archives(const aws::CallContext& context,
                                                       const ListArchivesInput& input) {
    if (input.NamePrefix.has_value() + input.EventSourceArn.has_value() + input.State.has_value() > 1) {
        return validation("At most one filter is allowed for ListArchives.");
    }
    std::vector<bus::Buses::ArchiveInfo> all = buses_.archives(context.scope);
    std::erase_if(all, [&](const auto& each) {
        return !has_prefix(each.definition.name, input.NamePrefix) ||
               (input.EventSourceArn &&
                *input.EventSourceArn != bus::bus_arn(each.definition.scope, each.definition.bus)) ||
               (input.State && *input.State != state_of(each));
    });
    TRY_ASSIGN(
        const auto page,
        page_of(std::move(all), [](const auto& each) { return each.definition.name; }, input.NextToken, input.Limit));
    ListArchivesOutput out{.Archives = std::vector<Archive>(), .NextToken = page.next_token};
    for (const auto& each : page.items) {
        Archive& archive = out.Archives->emplace_back();
        archive.ArchiveName = each.definition.name;
        archive.EventSourceArn = bus::bus_arn(each.definition.scope, each.definition.bus);
        archive.State = state_of(each);
        archive.StateReason = unless_empty(each.problem);
        archive.RetentionDays = each.definition.retention_days;
        archive.SizeBytes = static_cast<int64_t>(each.state.bytes);
        archive.EventCount = static_cast<int64_t>(each.state.events);
        archive.CreationTime = each.definition.created;
    }
    return out;
}

aws::Outcome<DeleteArchiveOutput> Events::delete_archive(const aws::CallContext& context,
                                                         const DeleteArchiveInput& input) {
    const Status removed = buses_.remove_archive(context.scope, input.ArchiveName);
    if (!removed.ok() && removed.error().code == ErrorCode::failed_precondition) {
        return aws::Failure{"ConcurrentModificationException", removed.error().message};
    }
    EVENTS_TRY(removed);
    return DeleteArchiveOutput{};
}

}  // namespace millrace::service::events
