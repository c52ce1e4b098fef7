// What exports and imports share as the API shows them: their tokens, ARNs and pages.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/aws/call.h"
#include "src/flow/table_jobs/job.h"

namespace millrace::service::dynamodb {

class DynamoDb;

// "IN_PROGRESS", "COMPLETED", "FAILED"
std::string_view job_status(flow::JobState state);

// The job of the same kind that `job`'s token began, where it began one, until eight hours after its end.
// ExportConflictException, ImportConflictException where that one was asked for with other details. With
// DynamoDb::starting_jobs() held until the new one is started.
aws::Outcome<std::optional<flow::Job>> repeated_job(DynamoDb& self, const flow::Job& job);
// LimitExceededException.
aws::Outcome<flow::Job> started_job(DynamoDb& self, flow::Job job);

// nullopt where there is none of the caller's. ValidationException, AccessDeniedException.
aws::Outcome<std::optional<flow::Job>> find_job(DynamoDb& self, const aws::CallContext& context, flow::JobKind kind,
                                                const std::string& arn);

struct JobPage {
    std::vector<flow::Job> jobs;  // newest first
    std::optional<std::string> next_token;
};
struct JobPageRequest {
    std::optional<std::string> table_arn;
    std::optional<int32_t> size;
    std::optional<std::string> token;
};
// ValidationException where the token is of another list, or of nobody's making.
aws::Outcome<JobPage> page_of_jobs(DynamoDb& self, const aws::CallContext& context, flow::JobKind kind,
                                   const JobPageRequest& request);

}  // namespace millrace::service::dynamodb
