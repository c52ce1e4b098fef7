// The table of CloudWatch Logs: one row an operation. src/aws/README.md says how rows are written.
#include "src/service/logs/operations.h"

#include "src/service/logs/logs.h"

namespace millrace::service::logs {
namespace {

constexpr std::string_view no_keys = "log groups are not encrypted with keys of their own";
constexpr std::string_view no_accounts = "an account sees its own log groups alone";
constexpr std::string_view no_entities = "log events are not joined to entities";

}  // namespace

using namespace aws::logs;  // the generated shapes

aws::Service operations(Logs& logs) {
    return aws::make_service(
        logs, model(),
        {
            MILLRACE_OPERATION(CreateLogGroup, worker, write, "logs:CreateLogGroup", &Logs::create_log_group)
                .refuse("kmsKeyId", no_keys),
            MILLRACE_OPERATION(DeleteLogGroup, worker, write, "logs:DeleteLogGroup", &Logs::delete_log_group),
            MILLRACE_OPERATION(DescribeLogGroups, worker, read, "logs:DescribeLogGroups", &Logs::describe_log_groups)
                .refuse("accountIdentifiers", no_accounts),
            MILLRACE_OPERATION(PutRetentionPolicy, worker, write, "logs:PutRetentionPolicy",
                               &Logs::put_retention_policy),
            MILLRACE_OPERATION(DeleteRetentionPolicy, worker, write, "logs:DeleteRetentionPolicy",
                               &Logs::delete_retention_policy),

            MILLRACE_OPERATION(CreateLogStream, worker, write, "logs:CreateLogStream", &Logs::create_log_stream),
            MILLRACE_OPERATION(DeleteLogStream, worker, write, "logs:DeleteLogStream", &Logs::delete_log_stream),
            MILLRACE_OPERATION(DescribeLogStreams, worker, read, "logs:DescribeLogStreams",
                               &Logs::describe_log_streams),

            MILLRACE_OPERATION(PutLogEvents, worker, write, "logs:PutLogEvents", &Logs::put_log_events)
                .refuse("entity", no_entities),
            MILLRACE_OPERATION(GetLogEvents, worker, read, "logs:GetLogEvents", &Logs::get_log_events),
            MILLRACE_OPERATION(FilterLogEvents, worker, read, "logs:FilterLogEvents", &Logs::filter_log_events),

            MILLRACE_OPERATION(TagResource, worker, write, "logs:TagResource", &Logs::tag_resource),
            MILLRACE_OPERATION(UntagResource, worker, write, "logs:UntagResource", &Logs::untag_resource),
            MILLRACE_OPERATION(ListTagsForResource, worker, read, "logs:ListTagsForResource",
                               &Logs::list_tags_for_resource),
            MILLRACE_OPERATION(TagLogGroup, worker, write, "logs:TagLogGroup", &Logs::tag_log_group),
            MILLRACE_OPERATION(UntagLogGroup, worker, write, "logs:UntagLogGroup", &Logs::untag_log_group),
            MILLRACE_OPERATION(ListTagsLogGroup, worker, read, "logs:ListTagsLogGroup", &Logs::list_tags_log_group),
        });
}

}  // namespace millrace::service::logs
