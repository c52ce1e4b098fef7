// Exports of tables to S3.
#include <algorithm>

#include "src/flow/table_jobs/export_job.h"
#include "src/flow/table_jobs/table_jobs.h"
#include "src/io/clock.h"
#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/job_text.h"
#include "src/service/dynamodb/kept_shape.h"
#include "src/service/dynamodb/recovery.h"
#include "src/service/dynamodb/table_name.h"
#include "src/service/dynamodb/table_settings.h"
#include "src/table/arn.h"
#include "src/table/tables.h"

namespace millrace::service::dynamodb {
namespace {

std::string arn_of(const flow::Job& job) {
    return table::arn_of(job.scope, job.table) + "/export/" + job.id;
}

// What was asked for (Job::details) and how far it is.
Result<shapes::ExportDescription> describe(const flow::Job& job) {
    TRY_ASSIGN(const shapes::DescribeExportOutput kept, kept_shape<shapes::DescribeExportOutput>(job.details));
    shapes::ExportDescription out = kept.ExportDescription.value_or(shapes::ExportDescription());
    out.ExportArn = arn_of(job);
    out.ExportStatus = job_status(job.state);
    out.StartTime = job.created;
    if (job.state == flow::JobState::running) return out;
    out.EndTime = job.ended;
    if (job.state == flow::JobState::failed) {
        out.FailureCode = job.failure_code;
        out.FailureMessage = job.failure;
        return out;
    }
    out.ExportManifest = job.result;
    out.ItemCount = static_cast<int64_t>(job.items);
    out.BilledSizeBytes = static_cast<int64_t>(job.bytes);
    return out;
}

std::optional<aws::Failure> check_honoured(const shapes::ExportTableToPointInTimeInput& input) {
    if (input.ExportFormat && *input.ExportFormat != "DYNAMODB_JSON") {
        return validation("Millrace does not honour ExportFormat " + *input.ExportFormat +
                          ": tables are exported as DYNAMODB_JSON");
    }
    if (input.ExportType && *input.ExportType != "FULL_EXPORT") {
        return validation("Millrace does not honour ExportType " + *input.ExportType +
                          ": tables are exported whole (FULL_EXPORT)");
    }
    return std::nullopt;
}

// The same request again: its job; another one under the token: a conflict.
Outcome<std::optional<flow::Job>> repeated(DynamoDb& self, const CallContext& context, const std::string& token,
                                           const std::string& details) {
    if (token.empty()) return std::optional<flow::Job>();
    for (const flow::Job& job : self.parts().jobs.list(flow::JobKind::export_, context.scope)) {
        if (job.token != token) continue;
        if (job.details == details) return std::optional(job);
        return aws::Failure{"ExportConflictException",
                            "There was a conflict when writing to the specified S3 bucket: "
                            "the ClientToken was used for another export"};
    }
    return std::optional<flow::Job>();
}

}  // namespace

Outcome<shapes::ExportTableToPointInTimeOutput> export_table_to_point_in_time(
    DynamoDb& self, const CallContext& context, const shapes::ExportTableToPointInTimeInput& input) {
    TRY_ASSIGN(const std::string name, table_name(context, input.TableArn, "tableArn"));
    auto table = self.parts().tables.find(context.scope, name);
    if (!table.ok()) return aws::Failure{"TableNotFoundException", "Table not found: " + name};
    if (auto failure = check_honoured(input)) return *std::move(failure);
    if (!(*table)->history) return no_recovery(name);
    auto settings = decode_table_settings((*table)->settings);
    if (!settings.ok()) return failure_of(settings.error());
    const RecoveryWindow window = recovery_window(**table, settings->recovery_days, self.parts().clock.now());
    const TimestampMs time = input.ExportTime.value_or(window.latest);
    if (time < window.earliest || time > window.latest) {
        return aws::Failure{"InvalidExportTimeException",
                            "The specified ExportTime is outside of the point in time recovery window."};
    }
    shapes::ExportDescription asked;
    asked.TableArn = table::arn_of(**table);
    asked.TableId = (*table)->uuid;
    if (input.ExportTime) asked.ExportTime = time;
    asked.ClientToken = input.ClientToken;
    asked.S3Bucket = input.S3Bucket;
    asked.S3BucketOwner = input.S3BucketOwner;
    asked.S3Prefix = input.S3Prefix;
    asked.ExportFormat = "DYNAMODB_JSON";
    asked.ExportType = "FULL_EXPORT";

    flow::Job job;
    job.kind = flow::JobKind::export_;
    job.scope = context.scope;
    job.table = name;
    job.table_id = (*table)->id;
    job.token = input.ClientToken.value_or("");
    job.id = flow::new_job_id(self.parts().clock.now());
    job.details = keep_shape(shapes::DescribeExportOutput{asked});
    TRY_ASSIGN(const std::optional<flow::Job> before, repeated(self, context, job.token, job.details));
    auto started = before ? Result<flow::Job>(*before) : Result<flow::Job>(Error{});
    if (!before) {
        std::string prefix = input.S3Prefix.value_or("");
        while (prefix.ends_with('/')) prefix.pop_back();
        job.request = flow::encode(flow::ExportRequest{.bucket = input.S3Bucket,
                                                       .prefix = prefix,
                                                       .as_of = time,
                                                       .table_arn = *asked.TableArn,
                                                       .table_uuid = (*table)->uuid,
                                                       .export_arn = arn_of(job)});
        started = self.parts().jobs.start(std::move(job));
    }
    if (!started.ok()) {
        return started.error().code == ErrorCode::resource_exhausted ? limit_exceeded(started.error().message)
                                                                     : failure_of(started.error());
    }
    auto description = describe(*started);
    if (!description.ok()) return failure_of(description.error());
    if (!description->ExportTime) description->ExportTime = time;
    shapes::ExportTableToPointInTimeOutput output;
    output.ExportDescription = *std::move(description);
    return output;
}

Outcome<shapes::DescribeExportOutput> describe_export(DynamoDb& self, const CallContext& context,
                                                      const shapes::DescribeExportInput& input) {
    const auto parsed = table::parse_arn(input.ExportArn);
    if (!parsed || parsed->kind != "export") return validation("Invalid ExportArn: " + input.ExportArn);
    const auto job = self.parts().jobs.find(flow::JobKind::export_, parsed->scope, parsed->part);
    if (!job || parsed->scope != context.scope || job->table != parsed->table) {
        return aws::Failure{"ExportNotFoundException", "Export not found: " + input.ExportArn};
    }
    auto description = describe(*job);
    if (!description.ok()) return failure_of(description.error());
    if (!description->ExportTime) {
        const auto request = flow::decode_export_request(job->request);
        if (request.ok()) description->ExportTime = request->as_of;
    }
    shapes::DescribeExportOutput output;
    output.ExportDescription = *std::move(description);
    return output;
}

// Newest first. The token is the last id of the page before.
Outcome<shapes::ListExportsOutput> list_exports(DynamoDb& self, const CallContext& context,
                                                const shapes::ListExportsInput& input) {
    std::string of_table;
    if (input.TableArn) {
        TRY_ASSIGN(of_table, table_name(context, *input.TableArn, "tableArn"));
    }
    const size_t limit = input.MaxResults ? static_cast<size_t>(*input.MaxResults) : jobs_page_max;
    auto jobs = self.parts().jobs.list(flow::JobKind::export_, context.scope);
    std::reverse(jobs.begin(), jobs.end());
    shapes::ListExportsOutput output;
    output.ExportSummaries.emplace();
    std::string last;
    for (const flow::Job& job : jobs) {
        if ((input.NextToken && job.id >= *input.NextToken) || (!of_table.empty() && job.table != of_table)) continue;
        if (output.ExportSummaries->size() == limit) {
            output.NextToken = last;
            break;
        }
        shapes::ExportSummary& summary = output.ExportSummaries->emplace_back();
        summary.ExportArn = arn_of(job);
        summary.ExportStatus = job_status(job.state);
        summary.ExportType = "FULL_EXPORT";
        last = job.id;
    }
    return output;
}

}  // namespace millrace::service::dynamodb
