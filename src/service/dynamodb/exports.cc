// Exports of tables to S3.
#include <algorithm>
#include <mutex>

#include "src/base/time_text.h"
#include "src/flow/table_jobs/export_job.h"
#include "src/io/clock.h"
#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/jobs.h"
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
    // Times that were not asked for are those that were taken.
    if (const auto request = flow::decode_export_request(job.request); request.ok()) {
        out.TableId = request->table_uuid;
        if (!request->from) {
            if (!out.ExportTime) out.ExportTime = request->as_of;
        } else if (!out.IncrementalExportSpecification->ExportToTime) {
            out.IncrementalExportSpecification->ExportToTime = request->as_of;
        }
    }
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

constexpr int64_t export_span_ms_max = int64_t{24} * 3600 * 1000;

bool is_incremental(const shapes::ExportTableToPointInTimeInput& input) {
    return input.ExportType == "INCREMENTAL_EXPORT";
}

// What does not go together, in AWS's words.
std::optional<aws::Failure> check_form(const shapes::ExportTableToPointInTimeInput& input) {
    const auto& specification = input.IncrementalExportSpecification;
    if (specification && !input.ExportType) {
        return validation(
            "Invalid Request: Export Type expected to be Incremental Export when incremental export specification is "
            "provided");
    }
    if (specification && !is_incremental(input)) {
        return validation(
            "Invalid Request: When Export Type is Full Export , Incremental Export Specification should not be "
            "provided");
    }
    if (!is_incremental(input)) return std::nullopt;
    if (!specification) {
        return validation(
            "Invalid Request: Incremental Export Specification expected when export type is set as Incremental Export");
    }
    if (!specification->ExportFromTime) {
        return validation("Invalid Request: ExportFromTime must be provided in IncrementalExportSpecification");
    }
    if (input.ExportTime) {
        return validation(
            "Invalid Request: When Export Type is Incremental Export, Export Time should not be provided");
    }
    return std::nullopt;
}

aws::Failure bad_time(const std::string& message) {
    return {"InvalidExportTimeException", message};
}
aws::Failure bad_period(const std::string& message, TimestampMs time) {
    return bad_time("Incremental export period " + message + " : " + iso_seconds(time) + "Z");
}

struct Span {
    std::optional<TimestampMs> from;  // of an incremental export
    TimestampMs to;                   // or the moment of a full one
};

// Clients send whole seconds: the one in which recovery began is in the window.
TimestampMs from_earliest(TimestampMs time, const RecoveryWindow& window) {
    return time.value() / 1000 == window.earliest.value() / 1000 ? std::max(time, window.earliest) : time;
}

Outcome<Span> full_span(const shapes::ExportTableToPointInTimeInput& input, const RecoveryWindow& window) {
    const TimestampMs time = from_earliest(input.ExportTime.value_or(window.latest), window);
    if (time < window.earliest || time > window.latest) return bad_time("Export Time is invalid");
    return Span{std::nullopt, time};
}

Outcome<Span> incremental_span(const shapes::IncrementalExportSpecification& asked, const table::TableDefinition& table,
                               const RecoveryWindow& window, int64_t least_ms) {
    const TimestampMs from = from_earliest(*asked.ExportFromTime, window);
    const TimestampMs to = asked.ExportToTime.value_or(window.latest);
    if (from.value() / 1000 < table.created.value() / 1000) {
        return bad_period("from time cannot be less than the table creation time", from);
    }
    if (to > window.latest) return bad_period("to time cannot be greater than the current time", to);
    if (!table.history) return no_recovery(table.name);
    if (from < window.earliest) {
        return bad_time("Point in Time Recovery is not available for specified export time");
    }
    const int64_t length = to.value() - asked.ExportFromTime->value();
    const std::string difference = "Difference between export period from time and export period to time is ";
    if (length <= 0 || length < least_ms) {
        return bad_time(difference + (least_ms == 15 * 60 * 1000 ? "less than 15 minutes"
                                                                 : "less than " + std::to_string(least_ms) + " ms"));
    }
    if (length > export_span_ms_max) return bad_time(difference + "greater than 24 hours");
    return Span{from, to};
}

aws::Failure no_table(const std::string& arn) {
    return {"TableNotFoundException", "Table not found: " + arn};
}

// The name in `arn`, whether or not there is such a table.
Outcome<std::string> source_name(const CallContext& context, const std::string& arn) {
    const auto parsed = table::parse_arn(arn);
    if (!parsed) return invalid_parameter("tableArn is not a valid ARN");
    if (parsed->scope.account == context.scope.account && parsed->scope.region != context.scope.region) {
        return no_table(arn);
    }
    return table_name(context, arn, "tableArn");
}

// As the request has it, with what it leaves out: the same for the same request, whatever became of the table.
shapes::ExportDescription asked_for(const CallContext& context, const shapes::ExportTableToPointInTimeInput& input,
                                    const std::string& table) {
    shapes::ExportDescription asked;
    asked.TableArn = table::arn_of(context.scope, table);
    asked.ExportTime = input.ExportTime;
    asked.ClientToken = input.ClientToken;
    asked.S3Bucket = input.S3Bucket;
    asked.S3BucketOwner = input.S3BucketOwner;
    asked.S3Prefix = input.S3Prefix;
    asked.ExportFormat = input.ExportFormat.value_or("DYNAMODB_JSON");
    asked.ExportType = input.ExportType.value_or("FULL_EXPORT");
    asked.IncrementalExportSpecification = input.IncrementalExportSpecification;
    if (auto& specification = asked.IncrementalExportSpecification; specification && !specification->ExportViewType) {
        specification->ExportViewType = "NEW_AND_OLD_IMAGES";
    }
    return asked;
}

Outcome<Span> find_span(DynamoDb& self, const shapes::ExportTableToPointInTimeInput& input,
                        const table::TableDefinition& table) {
    if (!is_incremental(input) && !table.history) return no_recovery(table.name);
    auto settings = decode_table_settings(table.settings);
    if (!settings.ok()) return failure_of(settings.error());
    const RecoveryWindow window = recovery_window(table, settings->recovery_days, self.parts().clock.now());
    if (!is_incremental(input)) return full_span(input, window);
    return incremental_span(*input.IncrementalExportSpecification, table, window, self.parts().export_span_ms_min);
}

// Begins `job`, of which all is known but what depends on the table.
Outcome<flow::Job> begin_export(DynamoDb& self, const shapes::ExportTableToPointInTimeInput& input,
                                const shapes::ExportDescription& asked, flow::Job job) {
    const auto found = self.parts().tables.find(job.scope, job.table);
    if (!found.ok()) return no_table(input.TableArn);
    const table::TableDefinition& table = **found;
    TRY_ASSIGN(const Span span, find_span(self, input, table));
    std::string prefix = input.S3Prefix.value_or("");
    while (prefix.ends_with('/')) prefix.pop_back();
    job.table_id = table.id;
    job.id = flow::new_job_id(self.parts().clock.now());
    job.request = flow::encode(flow::ExportRequest{
        .bucket = input.S3Bucket,
        .bucket_owner = input.S3BucketOwner.value_or(job.scope.account),
        .prefix = prefix,
        .as_of = span.to,
        .from = span.from,
        .old_images = span.from && asked.IncrementalExportSpecification->ExportViewType == "NEW_AND_OLD_IMAGES",
        .ion = asked.ExportFormat == "ION",
        .table_arn = *asked.TableArn,
        .table_uuid = table.uuid,
        .export_arn = arn_of(job)});
    return started_job(self, std::move(job));
}

}  // namespace

Outcome<shapes::ExportTableToPointInTimeOutput> export_table_to_point_in_time(
    DynamoDb& self, const CallContext& context, const shapes::ExportTableToPointInTimeInput& input) {
    TRY_ASSIGN(const std::string table, source_name(context, input.TableArn));
    if (auto failure = check_form(input)) return *std::move(failure);
    const shapes::ExportDescription asked = asked_for(context, input, table);
    flow::Job job;
    job.kind = flow::JobKind::export_;
    job.scope = context.scope;
    job.table = table;
    job.token = input.ClientToken.value_or("");
    job.details = keep_shape(shapes::DescribeExportOutput{asked});
    const std::lock_guard starting(self.starting_jobs());
    // Before all that may have changed since: a call that is repeated does what it did, AWS says.
    TRY_ASSIGN(std::optional<flow::Job> exported, repeated_job(self, job));
    if (!exported) {
        TRY_ASSIGN(exported, begin_export(self, input, asked, std::move(job)));
    }
    auto description = describe(*exported);
    if (!description.ok()) return failure_of(description.error());
    shapes::ExportTableToPointInTimeOutput output;
    output.ExportDescription = *std::move(description);
    return output;
}

Outcome<shapes::DescribeExportOutput> describe_export(DynamoDb& self, const CallContext& context,
                                                      const shapes::DescribeExportInput& input) {
    TRY_ASSIGN(const std::optional<flow::Job> job, find_job(self, context, flow::JobKind::export_, input.ExportArn));
    if (!job) return aws::Failure{"ExportNotFoundException", "Export not found: " + input.ExportArn};
    auto description = describe(*job);
    if (!description.ok()) return failure_of(description.error());
    shapes::DescribeExportOutput output;
    output.ExportDescription = *std::move(description);
    return output;
}

Outcome<shapes::ListExportsOutput> list_exports(DynamoDb& self, const CallContext& context,
                                                const shapes::ListExportsInput& input) {
    TRY_ASSIGN(JobPage page, page_of_jobs(self, context, flow::JobKind::export_,
                                          {input.TableArn, input.MaxResults, input.NextToken}));
    shapes::ListExportsOutput output;
    output.ExportSummaries.emplace();
    output.NextToken = std::move(page.next_token);
    for (const flow::Job& job : page.jobs) {
        auto description = describe(job);
        if (!description.ok()) return failure_of(description.error());
        shapes::ExportSummary& summary = output.ExportSummaries->emplace_back();
        summary.ExportArn = description->ExportArn;
        summary.ExportStatus = description->ExportStatus;
        summary.ExportType = description->ExportType;
    }
    return output;
}

}  // namespace millrace::service::dynamodb
