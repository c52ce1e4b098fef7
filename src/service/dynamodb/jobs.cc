#include "src/service/dynamodb/jobs.h"

#include <algorithm>

#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/flow/table_jobs/table_jobs.h"
#include "src/io/clock.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/table_name.h"
#include "src/table/arn.h"

namespace millrace::service::dynamodb {
namespace {

constexpr int64_t token_ms = int64_t{8} * 3600 * 1000;  // after the job's end, by AWS's documentation
constexpr size_t page_jobs = 10;                        // where no size is asked for, as AWS's
constexpr size_t id_bytes = 24;                         // of a token: the id (23), filled up

std::string title(flow::JobKind kind) {
    return kind == flow::JobKind::export_ ? "Export" : "Import";
}

// The id of a page's last job, sealed with its kind: 112 hexadecimal digits, as long as the model wants them.
std::string page_token(flow::JobKind kind, std::string id) {
    id.resize(id_bytes);
    return hex_encode(id + sha256(std::string(flow::name_of(kind)) + " after " + id));
}

aws::Outcome<std::string> last_of_page(flow::JobKind kind, const std::string& token) {
    std::string bytes;
    if (hex_decode(token, &bytes) && bytes.size() > id_bytes) {
        std::string id = bytes.substr(0, id_bytes);
        id.resize(std::min(id.find('\0'), id.size()));
        if (page_token(kind, id) == token) return id;
    }
    return validation("Invalid Request: Provided nextToken is invalid: " + token);
}

}  // namespace

std::string_view job_status(flow::JobState state) {
    switch (state) {
        case flow::JobState::running:
            return "IN_PROGRESS";
        case flow::JobState::done:
            return "COMPLETED";
        case flow::JobState::failed:
            break;
    }
    return "FAILED";
}

aws::Outcome<std::optional<flow::Job>> repeated_job(DynamoDb& self, const flow::Job& job) {
    if (job.token.empty()) return std::optional<flow::Job>();
    const int64_t now = self.parts().clock.now().value();
    for (const flow::Job& before : self.parts().jobs.list(job.kind, job.scope)) {
        if (before.token != job.token) continue;
        if (before.state != flow::JobState::running && now - before.ended.value() > token_ms) continue;
        if (before.details == job.details) return std::optional(before);
        return aws::Failure{title(job.kind) + "ConflictException",
                            title(job.kind) + " conflict: Duplicate request detected with conflicting parameters"};
    }
    return std::optional<flow::Job>();
}

aws::Outcome<flow::Job> started_job(DynamoDb& self, flow::Job job) {
    auto started = self.parts().jobs.start(std::move(job));
    if (started.ok()) return *std::move(started);
    if (started.error().code == ErrorCode::resource_exhausted) return limit_exceeded(started.error().message);
    return failure_of(started.error());
}

aws::Outcome<std::optional<flow::Job>> find_job(DynamoDb& self, const aws::CallContext& context, flow::JobKind kind,
                                                const std::string& arn) {
    const auto parsed = table::parse_arn(arn);
    if (!parsed || parsed->kind != flow::name_of(kind)) return validation("Invalid " + title(kind) + " ARN");
    if (parsed->scope.account != context.scope.account) return access_denied("Access is denied");
    auto job = self.parts().jobs.find(kind, parsed->scope, parsed->part);
    if (parsed->scope != context.scope || (job && job->table != parsed->table)) job.reset();
    return job;
}

aws::Outcome<JobPage> page_of_jobs(DynamoDb& self, const aws::CallContext& context, flow::JobKind kind,
                                   const JobPageRequest& request) {
    std::string of_table, after;
    if (request.table_arn) {
        TRY_ASSIGN(of_table, table_name(context, *request.table_arn, "tableArn"));
    }
    if (request.token) {
        TRY_ASSIGN(after, last_of_page(kind, *request.token));
    }
    const size_t size = request.size ? static_cast<size_t>(*request.size) : page_jobs;
    auto jobs = self.parts().jobs.list(kind, context.scope);
    std::reverse(jobs.begin(), jobs.end());
    JobPage page;
    for (flow::Job& job : jobs) {
        if ((!after.empty() && job.id >= after) || (!of_table.empty() && job.table != of_table)) continue;
        if (page.jobs.size() == size) {
            page.next_token = page_token(kind, page.jobs.back().id);
            break;
        }
        page.jobs.push_back(std::move(job));
    }
    return page;
}

}  // namespace millrace::service::dynamodb
