// Work groups: made, changed, listed, tagged.
#include "src/catalog/registry.h"
#include "src/io/clock.h"
#include "src/query/engine.h"
#include "src/service/athena/athena.h"
#include "src/service/athena/errors.h"
#include "src/service/athena/limits.h"
#include "src/service/athena/page.h"

namespace millrace::service::athena {

using namespace aws::athena;

namespace {

std::optional<aws::Failure> check_location(const std::optional<std::string>& location) {
    if (!location || location->empty()) return std::nullopt;
    if (location->starts_with("s3://") && location->size() > 5) return std::nullopt;
    return invalid_request("outputLocation is not a valid S3 path.");
}

std::optional<aws::Failure> check_requester_pays(const std::optional<bool>& enabled) {
    if (!enabled.value_or(false)) return std::nullopt;
    return invalid_request("Millrace does not honour RequesterPaysEnabled: nobody pays for a request here.");
}

// Every version that the clients may select is the one that there is.
std::optional<aws::Failure> check_engine(const std::optional<EngineVersion>& version) {
    if (!version || !version->SelectedEngineVersion) return std::nullopt;
    const std::string& selected = *version->SelectedEngineVersion;
    if (selected == "AUTO" || selected == engine_version) return std::nullopt;
    return invalid_request("Engine version " + selected + " is not supported: there is " + std::string(engine_version) +
                           ".");
}

// Values that a new group gets where the call says nothing.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_WorkGroupConfiguration.html
void fill_defaults(WorkGroupConfiguration& configuration) {
    if (!configuration.ResultConfiguration) configuration.ResultConfiguration.emplace();
    if (!configuration.EnforceWorkGroupConfiguration) configuration.EnforceWorkGroupConfiguration = true;
    if (!configuration.PublishCloudWatchMetricsEnabled) configuration.PublishCloudWatchMetricsEnabled = false;
    if (!configuration.RequesterPaysEnabled) configuration.RequesterPaysEnabled = false;
    const std::string selected =
        configuration.EngineVersion ? configuration.EngineVersion->SelectedEngineVersion.value_or("AUTO") : "AUTO";
    configuration.EngineVersion = {.SelectedEngineVersion = selected,
                                   .EffectiveEngineVersion = std::string(engine_version)};
}

void apply(const ResultConfigurationUpdates& updates, ResultConfiguration& result) {
    if (updates.RemoveOutputLocation.value_or(false)) result.OutputLocation.reset();
    if (updates.OutputLocation) result.OutputLocation = updates.OutputLocation;
    if (updates.RemoveExpectedBucketOwner.value_or(false)) result.ExpectedBucketOwner.reset();
    if (updates.ExpectedBucketOwner) result.ExpectedBucketOwner = updates.ExpectedBucketOwner;
    if (updates.RemoveAclConfiguration.value_or(false)) result.AclConfiguration.reset();
    if (updates.AclConfiguration) result.AclConfiguration = updates.AclConfiguration;
}

void apply(const WorkGroupConfigurationUpdates& updates, WorkGroupConfiguration& configuration) {
    if (updates.EnforceWorkGroupConfiguration) {
        configuration.EnforceWorkGroupConfiguration = updates.EnforceWorkGroupConfiguration;
    }
    if (updates.ResultConfigurationUpdates) {
        if (!configuration.ResultConfiguration) configuration.ResultConfiguration.emplace();
        apply(*updates.ResultConfigurationUpdates, *configuration.ResultConfiguration);
    }
    if (updates.PublishCloudWatchMetricsEnabled) {
        configuration.PublishCloudWatchMetricsEnabled = updates.PublishCloudWatchMetricsEnabled;
    }
    if (updates.RemoveBytesScannedCutoffPerQuery.value_or(false)) configuration.BytesScannedCutoffPerQuery.reset();
    if (updates.BytesScannedCutoffPerQuery) {
        configuration.BytesScannedCutoffPerQuery = updates.BytesScannedCutoffPerQuery;
    }
    if (updates.RequesterPaysEnabled) configuration.RequesterPaysEnabled = updates.RequesterPaysEnabled;
    if (updates.EngineVersion) configuration.EngineVersion = updates.EngineVersion;
    fill_defaults(configuration);
}

// The work group that an ARN names. not_found where it is another kind of resource, or another's.
Result<WorkGroup> find_by_arn(WorkGroups& groups, const Scope& scope, const std::string& arn) {
    const std::string prefix = work_group_arn(scope, "");
    if (!arn.starts_with(prefix)) return Error{ErrorCode::not_found, "Resource " + arn + " is not found."};
    return groups.get(scope, std::string_view(arn).substr(prefix.size()));
}

aws::Failure resource_failure_of(const Error& error, const std::string& arn) {
    if (error.code != ErrorCode::not_found) return failure_of(error);
    return {"ResourceNotFoundException", error.message, 400, {{"ResourceName", arn}}};
}

catalog::Tags tags_of(const std::vector<Tag>& list) {
    catalog::Tags tags;
    for (const Tag& tag : list) tags[tag.Key.value_or("")] = tag.Value.value_or("");
    return tags;
}

}  // namespace

aws::Outcome<CreateWorkGroupOutput> Athena::create_work_group(const aws::CallContext& context,
                                                              const CreateWorkGroupInput& input) {
    WorkGroup group;
    group.Name = input.Name;
    group.State = "ENABLED";
    group.Description = input.Description;
    group.CreationTime = clock_.now();
    group.Configuration = input.Configuration.value_or(WorkGroupConfiguration());
    if (group.Configuration->ResultConfiguration) {
        if (auto failure = check_location(group.Configuration->ResultConfiguration->OutputLocation)) return *failure;
    }
    if (auto failure = check_requester_pays(group.Configuration->RequesterPaysEnabled)) return *failure;
    if (auto failure = check_engine(group.Configuration->EngineVersion)) return *failure;
    fill_defaults(*group.Configuration);
    const std::lock_guard lock(work_groups_.changes());
    ATHENA_TRY(work_groups_.create(context.scope, group));
    if (input.Tags && !input.Tags->empty()) {
        ATHENA_TRY(tags_.add(context.scope, work_group_arn(context.scope, input.Name), tags_of(*input.Tags)));
    }
    return CreateWorkGroupOutput{};
}

aws::Outcome<GetWorkGroupOutput> Athena::get_work_group(const aws::CallContext& context,
                                                        const GetWorkGroupInput& input) {
    ATHENA_TRY_ASSIGN(WorkGroup group, work_groups_.get(context.scope, input.WorkGroup));
    return GetWorkGroupOutput{.WorkGroup = std::move(group)};
}

aws::Outcome<UpdateWorkGroupOutput> Athena::update_work_group(const aws::CallContext& context,
                                                              const UpdateWorkGroupInput& input) {
    const std::lock_guard lock(work_groups_.changes());
    ATHENA_TRY_ASSIGN(WorkGroup group, work_groups_.get(context.scope, input.WorkGroup));
    if (input.Description) group.Description = input.Description;
    if (input.State) group.State = input.State;
    if (input.ConfigurationUpdates) {
        const WorkGroupConfigurationUpdates& updates = *input.ConfigurationUpdates;
        if (updates.ResultConfigurationUpdates) {
            if (auto failure = check_location(updates.ResultConfigurationUpdates->OutputLocation)) return *failure;
        }
        if (auto failure = check_requester_pays(updates.RequesterPaysEnabled)) return *failure;
        if (auto failure = check_engine(updates.EngineVersion)) return *failure;
        if (!group.Configuration) group.Configuration.emplace();
        apply(updates, *group.Configuration);
    }
    ATHENA_TRY(work_groups_.put(context.scope, group));
    return UpdateWorkGroupOutput{};
}

aws::Outcome<DeleteWorkGroupOutput> Athena::delete_work_group(const aws::CallContext& context,
                                                              const DeleteWorkGroupInput& input) {
    if (input.WorkGroup == primary_work_group) return invalid_request("The primary workgroup can not be deleted.");
    const std::lock_guard lock(work_groups_.changes());
    ATHENA_TRY(work_groups_.get(context.scope, input.WorkGroup));
    ATHENA_TRY_ASSIGN(const std::vector<std::string> saved, named_query_ids(context.scope, input.WorkGroup));
    ATHENA_TRY_ASSIGN(const query::IdPage executions, queries_.executions(context.scope, input.WorkGroup, "", 1));
    if (!input.RecursiveDeleteOption.value_or(false) && (!saved.empty() || !executions.ids.empty())) {
        return invalid_request("WorkGroup " + input.WorkGroup + " is not empty");
    }
    for (const std::string& id : saved) ATHENA_TRY(registry_.remove(named_query_kind, context.scope, id));
    ATHENA_TRY(work_groups_.remove(context.scope, input.WorkGroup));
    ATHENA_TRY(tags_.forget(context.scope, work_group_arn(context.scope, input.WorkGroup)));
    return DeleteWorkGroupOutput{};
}

aws::Outcome<ListWorkGroupsOutput> Athena::list_work_groups(const aws::CallContext& context,
                                                            const ListWorkGroupsInput& input) {
    TRY_ASSIGN(const std::string after, decode_token(input.NextToken));
    const auto limit = static_cast<size_t>(input.MaxResults.value_or(list_page_max));
    ATHENA_TRY_ASSIGN(const std::vector<WorkGroup> groups, work_groups_.list(context.scope, after, limit + 1));
    ListWorkGroupsOutput output;
    output.WorkGroups.emplace();
    for (const WorkGroup& group : groups) {
        if (output.WorkGroups->size() == limit) {
            output.NextToken = encode_token(*output.WorkGroups->back().Name);
            break;
        }
        WorkGroupSummary& summary = output.WorkGroups->emplace_back();
        summary.Name = group.Name;
        summary.State = group.State;
        summary.Description = group.Description.value_or("");
        summary.CreationTime = group.CreationTime;
        if (group.Configuration) summary.EngineVersion = group.Configuration->EngineVersion;
    }
    return output;
}

aws::Outcome<ListEngineVersionsOutput> Athena::list_engine_versions(const aws::CallContext&,
                                                                    const ListEngineVersionsInput&) {
    ListEngineVersionsOutput output;
    for (const std::string& selected : {std::string("AUTO"), std::string(engine_version)}) {
        if (!output.EngineVersions) output.EngineVersions.emplace();
        output.EngineVersions->push_back(
            {.SelectedEngineVersion = selected, .EffectiveEngineVersion = std::string(engine_version)});
    }
    return output;
}

aws::Outcome<TagResourceOutput> Athena::tag_resource(const aws::CallContext& context, const TagResourceInput& input) {
    const Result<WorkGroup> group = find_by_arn(work_groups_, context.scope, input.ResourceARN);
    if (!group.ok()) return resource_failure_of(group.error(), input.ResourceARN);
    ATHENA_TRY(tags_.add(context.scope, input.ResourceARN, tags_of(input.Tags)));
    return TagResourceOutput{};
}

aws::Outcome<UntagResourceOutput> Athena::untag_resource(const aws::CallContext& context,
                                                         const UntagResourceInput& input) {
    const Result<WorkGroup> group = find_by_arn(work_groups_, context.scope, input.ResourceARN);
    if (!group.ok()) return resource_failure_of(group.error(), input.ResourceARN);
    ATHENA_TRY(tags_.remove(context.scope, input.ResourceARN, input.TagKeys));
    return UntagResourceOutput{};
}

// At most 50 tags and pages of at least 75: there is one page.
aws::Outcome<ListTagsForResourceOutput> Athena::list_tags_for_resource(const aws::CallContext& context,
                                                                       const ListTagsForResourceInput& input) {
    const Result<WorkGroup> group = find_by_arn(work_groups_, context.scope, input.ResourceARN);
    if (!group.ok()) return resource_failure_of(group.error(), input.ResourceARN);
    ATHENA_TRY_ASSIGN(const catalog::Tags tags, tags_.get(context.scope, input.ResourceARN));
    ListTagsForResourceOutput output;
    output.Tags.emplace();
    for (const auto& [key, value] : tags) output.Tags->push_back({.Key = key, .Value = value});
    return output;
}

}  // namespace millrace::service::athena
