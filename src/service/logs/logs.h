// CloudWatch Logs over the journal. groups.cc, streams.cc, events.cc and tags.cc are the handlers. Every one runs on
// the executor and may block on the journal's disk; any thread.
#pragma once

#include "aws/logs/shapes.h"

#include "src/aws/call.h"
#include "src/journal/journal.h"

namespace millrace::io {
class Clock;
}

namespace millrace::service::logs {

class Logs {
  public:
    // Both outlive it.
    Logs(journal::Journal& journal, const io::Clock& clock) : journal_(journal), clock_(clock) {}

#define MILLRACE_LOGS_HANDLER(NAME, FUNCTION) \
    aws::Outcome<aws::logs::NAME##Output> FUNCTION(const aws::CallContext& context, const aws::logs::NAME##Input& input)

    // groups.cc
    MILLRACE_LOGS_HANDLER(CreateLogGroup, create_log_group);
    MILLRACE_LOGS_HANDLER(DeleteLogGroup, delete_log_group);
    MILLRACE_LOGS_HANDLER(DescribeLogGroups, describe_log_groups);
    MILLRACE_LOGS_HANDLER(PutRetentionPolicy, put_retention_policy);
    MILLRACE_LOGS_HANDLER(DeleteRetentionPolicy, delete_retention_policy);
    // streams.cc
    MILLRACE_LOGS_HANDLER(CreateLogStream, create_log_stream);
    MILLRACE_LOGS_HANDLER(DeleteLogStream, delete_log_stream);
    MILLRACE_LOGS_HANDLER(DescribeLogStreams, describe_log_streams);
    // put.cc
    MILLRACE_LOGS_HANDLER(PutLogEvents, put_log_events);
    // get.cc
    MILLRACE_LOGS_HANDLER(GetLogEvents, get_log_events);
    MILLRACE_LOGS_HANDLER(FilterLogEvents, filter_log_events);
    // tags.cc
    MILLRACE_LOGS_HANDLER(TagResource, tag_resource);
    MILLRACE_LOGS_HANDLER(UntagResource, untag_resource);
    MILLRACE_LOGS_HANDLER(ListTagsForResource, list_tags_for_resource);
    MILLRACE_LOGS_HANDLER(TagLogGroup, tag_log_group);
    MILLRACE_LOGS_HANDLER(UntagLogGroup, untag_log_group);
    MILLRACE_LOGS_HANDLER(ListTagsLogGroup, list_tags_log_group);

#undef MILLRACE_LOGS_HANDLER

  private:
    journal::Journal& journal_;
    const io::Clock& clock_;
};

}  // namespace millrace::service::logs
