#include <algorithm>

#include "src/service/logs/errors.h"
#include "src/service/logs/limits.h"
#include "src/service/logs/logs.h"
#include "src/service/logs/names.h"

namespace millrace::service::logs {

using namespace aws::logs;  // the generated shapes

aws::Outcome<CreateLogGroupOutput> Logs::create_log_group(const aws::CallContext& context,
                                                          const CreateLogGroupInput& input) {
    if (input.logGroupClass && *input.logGroupClass != "STANDARD") {
        return invalid_parameter("Millrace does not honour logGroupClass " + *input.logGroupClass +
                                 ": every log group is of the STANDARD class");
    }
    if (input.deletionProtectionEnabled.value_or(false)) {
        return invalid_parameter("Millrace does not honour deletionProtectionEnabled: log groups can be deleted");
    }
    std::map<std::string, std::string> tags;
    if (input.tags) tags = *input.tags;
    LOGS_TRY(journal_.create_group(context.scope, input.logGroupName, std::move(tags)));
    return CreateLogGroupOutput{};
}

aws::Outcome<DeleteLogGroupOutput> Logs::delete_log_group(const aws::CallContext& context,
                                                          const DeleteLogGroupInput& input) {
    LOGS_TRY(journal_.remove_group(context.scope, input.logGroupName));
    return DeleteLogGroupOutput{};
}

aws::Outcome<DescribeLogGroupsOutput> Logs::describe_log_groups(const aws::CallContext& context,
                                                                const DescribeLogGroupsInput& input) {
    if (input.includeLinkedAccounts.value_or(false)) {
        return invalid_parameter("Millrace does not honour includeLinkedAccounts: no accounts are linked");
    }
    if (input.logGroupNamePrefix && input.logGroupNamePattern) {
        return invalid_parameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
    }
    std::vector<std::string> named;
    for (const std::string& identifier : input.logGroupIdentifiers.value_or(std::vector<std::string>{})) {
        TRY_ASSIGN(named.emplace_back(), group_of(context.scope, {}, identifier));
    }
    const bool none = input.logGroupClass && *input.logGroupClass != "STANDARD";
    const auto wanted = [&](const std::string& name) {
        if (input.logGroupNamePrefix && !name.starts_with(*input.logGroupNamePrefix)) return false;
        if (input.logGroupNamePattern && name.find(*input.logGroupNamePattern) == name.npos) return false;
        if (!named.empty() && std::find(named.begin(), named.end(), name) == named.end()) return false;
        return !none;
    };
    const size_t limit = static_cast<size_t>(input.limit.value_or(describe_count));
    std::vector<journal::Group> groups =
        journal_.groups(context.scope, input.nextToken.value_or(""), limit + 1, wanted);
    DescribeLogGroupsOutput output;
    if (groups.size() > limit) {
        groups.pop_back();
        output.nextToken = groups.back().name;
    }
    output.logGroups.emplace();
    for (const journal::Group& group : groups) {
        LogGroup shown;
        shown.logGroupName = group.name;
        shown.creationTime = group.created.value();
        shown.retentionInDays = group.retention_days;
        shown.metricFilterCount = 0;
        shown.logGroupArn = group_arn(context.scope, group.name);
        shown.arn = *shown.logGroupArn + ":*";
        shown.storedBytes = group.bytes;
        shown.logGroupClass = "STANDARD";
        output.logGroups->push_back(std::move(shown));
    }
    return output;
}

aws::Outcome<PutRetentionPolicyOutput> Logs::put_retention_policy(const aws::CallContext& context,
                                                                  const PutRetentionPolicyInput& input) {
    if (std::find(retention_days.begin(), retention_days.end(), input.retentionInDays) == retention_days.end()) {
        return invalid_parameter("1 validation error detected: Value '" + std::to_string(input.retentionInDays) +
                                 "' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value "
                                 "set: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, "
                                 "2192, 2557, 2922, 3288, 3653]");
    }
    LOGS_TRY(journal_.set_retention(context.scope, input.logGroupName, input.retentionInDays));
    return PutRetentionPolicyOutput{};
}

aws::Outcome<DeleteRetentionPolicyOutput> Logs::delete_retention_policy(const aws::CallContext& context,
                                                                        const DeleteRetentionPolicyInput& input) {
    LOGS_TRY(journal_.set_retention(context.scope, input.logGroupName, std::nullopt));
    return DeleteRetentionPolicyOutput{};
}

}  // namespace millrace::service::logs
