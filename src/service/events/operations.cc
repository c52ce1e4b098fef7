// The table of EventBridge: one row an operation. src/aws/README.md says how rows are written.
#include "src/service/events/operations.h"

#include "src/service/events/events.h"

namespace millrace::service::events {
namespace {

constexpr std::string_view no_keys = "there is no key management: nothing is encrypted by us";
constexpr std::string_view no_partners = "there are no partner event sources";
constexpr std::string_view no_endpoints = "there are no global endpoints";
constexpr std::string_view no_private = "there are no VPC resource configurations";
constexpr std::string_view no_bus_logs = "event buses write no logs of their own";
constexpr std::string_view no_bus_letters = "dead letters are a target's: there are none of a bus";
constexpr std::string_view no_traces = "there is no X-Ray";
constexpr std::string_view no_commands = "there is no Systems Manager";
constexpr std::string_view no_ecs = "there is no ECS";
constexpr std::string_view no_batch = "there is no AWS Batch";
constexpr std::string_view no_queues = "there are no SQS queues";
constexpr std::string_view no_redshift = "there is no Redshift";
constexpr std::string_view no_sagemaker = "there is no SageMaker";
constexpr std::string_view no_appsync = "there is no AppSync";

}  // namespace

using namespace aws::events;  // the generated shapes

aws::Service operations(Events& events) {
    return aws::make_service(
        events, model(),
        {
            MILLRACE_OPERATION(CreateEventBus, worker, write, "events:CreateEventBus", &Events::create_event_bus)
                .refuse("EventSourceName", no_partners)
                .refuse("KmsKeyIdentifier", no_keys)
                .refuse("DeadLetterConfig", no_bus_letters)
                .refuse("LogConfig", no_bus_logs),
            MILLRACE_OPERATION(DescribeEventBus, worker, read, "events:DescribeEventBus", &Events::describe_event_bus),
            MILLRACE_OPERATION(UpdateEventBus, worker, write, "events:UpdateEventBus", &Events::update_event_bus)
                .refuse("KmsKeyIdentifier", no_keys)
                .refuse("DeadLetterConfig", no_bus_letters)
                .refuse("LogConfig", no_bus_logs),
            MILLRACE_OPERATION(ListEventBuses, worker, read, "events:ListEventBuses", &Events::list_event_buses),
            MILLRACE_OPERATION(DeleteEventBus, worker, write, "events:DeleteEventBus", &Events::delete_event_bus),
            MILLRACE_OPERATION(PutPermission, worker, write, "events:PutPermission", &Events::put_permission),
            MILLRACE_OPERATION(RemovePermission, worker, write, "events:RemovePermission", &Events::remove_permission),

            MILLRACE_OPERATION(PutRule, worker, write, "events:PutRule", &Events::put_rule),
            MILLRACE_OPERATION(DescribeRule, worker, read, "events:DescribeRule", &Events::describe_rule),
            MILLRACE_OPERATION(ListRules, worker, read, "events:ListRules", &Events::list_rules),
            MILLRACE_OPERATION(ListRuleNamesByTarget, worker, read, "events:ListRuleNamesByTarget",
                               &Events::list_rule_names_by_target),
            MILLRACE_OPERATION(EnableRule, worker, write, "events:EnableRule", &Events::enable_rule),
            MILLRACE_OPERATION(DisableRule, worker, write, "events:DisableRule", &Events::disable_rule),
            MILLRACE_OPERATION(DeleteRule, worker, write, "events:DeleteRule", &Events::delete_rule),
            MILLRACE_OPERATION(TestEventPattern, worker, read, "events:TestEventPattern", &Events::test_event_pattern),

            MILLRACE_OPERATION(PutTargets, worker, write, "events:PutTargets", &Events::put_targets)
                .refuse("Targets[].RunCommandParameters", no_commands)
                .refuse("Targets[].EcsParameters", no_ecs)
                .refuse("Targets[].BatchParameters", no_batch)
                .refuse("Targets[].SqsParameters", no_queues)
                .refuse("Targets[].RedshiftDataParameters", no_redshift)
                .refuse("Targets[].SageMakerPipelineParameters", no_sagemaker)
                .refuse("Targets[].AppSyncParameters", no_appsync),
            MILLRACE_OPERATION(ListTargetsByRule, worker, read, "events:ListTargetsByRule",
                               &Events::list_targets_by_rule),
            MILLRACE_OPERATION(RemoveTargets, worker, write, "events:RemoveTargets", &Events::remove_targets),

            MILLRACE_OPERATION(PutEvents, raw, write, "events:PutEvents", &Events::put_events)
                .refuse("EndpointId", no_endpoints)
                .refuse("Entries[].TraceHeader", no_traces),

            MILLRACE_OPERATION(CreateArchive, worker, write, "events:CreateArchive", &Events::create_archive)
                .refuse("KmsKeyIdentifier", no_keys),
            MILLRACE_OPERATION(DescribeArchive, worker, read, "events:DescribeArchive", &Events::describe_archive),
            MILLRACE_OPERATION(UpdateArchive, worker, write, "events:UpdateArchive", &Events::update_archive)
                .refuse("KmsKeyIdentifier", no_keys),
            MILLRACE_OPERATION(ListArchives, worker, read, "events:ListArchives", &Events::list_archives),
            MILLRACE_OPERATION(DeleteArchive, worker, write, "events:DeleteArchive", &Events::delete_archive),
            MILLRACE_OPERATION(StartReplay, worker, write, "events:StartReplay", &Events::start_replay),
            MILLRACE_OPERATION(DescribeReplay, worker, read, "events:DescribeReplay", &Events::describe_replay),
            MILLRACE_OPERATION(ListReplays, worker, read, "events:ListReplays", &Events::list_replays),
            MILLRACE_OPERATION(CancelReplay, worker, write, "events:CancelReplay", &Events::cancel_replay),

            MILLRACE_OPERATION(CreateConnection, worker, write, "events:CreateConnection", &Events::create_connection)
                .refuse("KmsKeyIdentifier", no_keys)
                .refuse("InvocationConnectivityParameters", no_private)
                .refuse("AuthParameters.ConnectivityParameters", no_private),
            MILLRACE_OPERATION(DescribeConnection, worker, read, "events:DescribeConnection",
                               &Events::describe_connection),
            MILLRACE_OPERATION(UpdateConnection, worker, write, "events:UpdateConnection", &Events::update_connection)
                .refuse("KmsKeyIdentifier", no_keys)
                .refuse("InvocationConnectivityParameters", no_private)
                .refuse("AuthParameters.ConnectivityParameters", no_private),
            MILLRACE_OPERATION(ListConnections, worker, read, "events:ListConnections", &Events::list_connections),
            MILLRACE_OPERATION(DeauthorizeConnection, worker, write, "events:DeauthorizeConnection",
                               &Events::deauthorize_connection),
            MILLRACE_OPERATION(DeleteConnection, worker, write, "events:DeleteConnection", &Events::delete_connection),
            MILLRACE_OPERATION(CreateApiDestination, worker, write, "events:CreateApiDestination",
                               &Events::create_api_destination),
            MILLRACE_OPERATION(DescribeApiDestination, worker, read, "events:DescribeApiDestination",
                               &Events::describe_api_destination),
            MILLRACE_OPERATION(UpdateApiDestination, worker, write, "events:UpdateApiDestination",
                               &Events::update_api_destination),
            MILLRACE_OPERATION(ListApiDestinations, worker, read, "events:ListApiDestinations",
                               &Events::list_api_destinations),
            MILLRACE_OPERATION(DeleteApiDestination, worker, write, "events:DeleteApiDestination",
                               &Events::delete_api_destination),

            MILLRACE_OPERATION(TagResource, worker, write, "events:TagResource", &Events::tag_resource),
            MILLRACE_OPERATION(UntagResource, worker, write, "events:UntagResource", &Events::untag_resource),
            MILLRACE_OPERATION(ListTagsForResource, worker, read, "events:ListTagsForResource",
                               &Events::list_tags_for_resource),
        });
}

}  // namespace millrace::service::events
