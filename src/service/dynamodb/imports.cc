// Imports of tables from S3.
#include <mutex>

#include "src/flow/table_jobs/import_job.h"
#include "src/flow/table_jobs/table_jobs.h"
#include "src/io/clock.h"
#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/jobs.h"
#include "src/service/dynamodb/kept_shape.h"
#include "src/service/dynamodb/table_edit.h"
#include "src/service/dynamodb/table_name.h"
#include "src/service/dynamodb/table_schema.h"
#include "src/table/arn.h"

namespace millrace::service::dynamodb {
namespace {

std::string arn_of(const flow::Job& job) {
    return table::arn_of(job.scope, job.table) + "/import/" + job.id;
}

// What was asked for (Job::details) and how far it is.
Result<shapes::ImportTableDescription> describe(const flow::Job& job) {
    TRY_ASSIGN(const shapes::DescribeImportOutput kept, kept_shape<shapes::DescribeImportOutput>(job.details));
    shapes::ImportTableDescription out = kept.ImportTableDescription;
    out.ImportArn = arn_of(job);
    out.ImportStatus = job_status(job.state);
    out.TableArn = table::arn_of(job.scope, job.table);
    if (!job.result.empty()) out.TableId = job.result;
    out.CloudWatchLogGroupArn = "arn:aws:logs:" + job.scope.region + ":" + job.scope.account +
                                ":log-group:" + std::string(flow::import_log_group) + ":*";
    out.StartTime = job.created;
    if (job.bytes > 0 || job.state != flow::JobState::running) {
        out.ProcessedSizeBytes = static_cast<int64_t>(job.bytes);
    }
    out.ProcessedItemCount = static_cast<int64_t>(job.processed);
    out.ImportedItemCount = static_cast<int64_t>(job.items);
    out.ErrorCount = static_cast<int64_t>(job.errors);
    if (job.state != flow::JobState::running) out.EndTime = job.ended;
    if (job.state == flow::JobState::failed) {
        out.FailureCode = job.failure_code;
        out.FailureMessage = job.failure;
    }
    return out;
}

// What the request says of the input.
Outcome<flow::ImportRequest> request_of(const CallContext& context, const shapes::ImportTableInput& input) {
    flow::ImportRequest request;
    request.bucket = input.S3BucketSource.S3Bucket;
    request.prefix = input.S3BucketSource.S3KeyPrefix.value_or("");
    if (input.InputFormat == "CSV") request.format = flow::ImportFormat::csv;
    if (input.InputFormat == "ION") request.format = flow::ImportFormat::ion;
    if (input.S3BucketSource.S3BucketOwner && *input.S3BucketSource.S3BucketOwner != context.scope.account) {
        return access_denied("The bucket " + request.bucket + " is not of account " +
                             *input.S3BucketSource.S3BucketOwner);
    }
    const std::string compression = input.InputCompressionType.value_or("NONE");
    if (compression == "GZIP") request.compression = flow::InputCompression::gzip;
    if (compression == "ZSTD") request.compression = flow::InputCompression::zstd;
    if (!input.InputFormatOptions || !input.InputFormatOptions->Csv) return request;
    if (request.format != flow::ImportFormat::csv) {
        return validation(
            "Invalid Request: Unsupported InputFormatOptions for the given input format: " + input.InputFormat + ".");
    }
    const auto& options = *input.InputFormatOptions->Csv;
    if (options.Delimiter) request.csv.delimiter = options.Delimiter->at(0);
    if (options.HeaderList) request.csv.header = *options.HeaderList;
    return request;
}

Outcome<table::TableRef> make_target(DynamoDb& self, const CallContext& context,
                                     const shapes::TableCreationParameters& wish) {
    if (wish.VectorIndexes) {
        return validation(
            "Millrace does not honour TableCreationParameters.VectorIndexes: there are no vector indexes");
    }
    if (auto failure = check_encryption(wish.SSESpecification)) return *std::move(failure);
    table::TableDefinition definition;
    definition.scope = context.scope;
    definition.name = wish.TableName;
    definition.state = table::TableState::creating;
    TableSettings settings;
    if (auto failure = apply({.attributes = wish.AttributeDefinitions,
                              .key = wish.KeySchema,
                              .billing_mode = wish.BillingMode,
                              .throughput = wish.ProvisionedThroughput,
                              .on_demand = wish.OnDemandThroughput,
                              .global_indexes = wish.GlobalSecondaryIndexes},
                             &definition, &settings)) {
        return *std::move(failure);
    }
    if (settings.on_demand) settings.on_demand_since = self.parts().clock.now();
    return make_table(self, std::move(definition), settings);
}

}  // namespace

Outcome<shapes::ImportTableOutput> import_table(DynamoDb& self, const CallContext& context,
                                                const shapes::ImportTableInput& input) {
    TRY_ASSIGN(const flow::ImportRequest request, request_of(context, input));
    shapes::ImportTableDescription asked;
    asked.ClientToken = input.ClientToken;
    asked.S3BucketSource = input.S3BucketSource;
    if (!asked.S3BucketSource->S3BucketOwner) asked.S3BucketSource->S3BucketOwner = context.scope.account;
    asked.InputFormat = input.InputFormat;
    asked.InputFormatOptions = input.InputFormatOptions;
    asked.InputCompressionType = input.InputCompressionType.value_or("NONE");
    asked.TableCreationParameters = input.TableCreationParameters;
    flow::Job job;
    job.kind = flow::JobKind::import_;
    job.scope = context.scope;
    job.token = input.ClientToken.value_or("");
    job.request = flow::encode(request);
    job.details = keep_shape(shapes::DescribeImportOutput{asked});
    const std::lock_guard starting(self.starting_jobs());
    TRY_ASSIGN(std::optional<flow::Job> import, repeated_job(self, job));
    if (!import) {
        TRY_ASSIGN(const table::TableRef table, make_target(self, context, input.TableCreationParameters));
        job.table = table->name;
        job.table_id = table->id;
        job.result = table->uuid;
        auto started = started_job(self, std::move(job));
        if (!started.ok()) {
            static_cast<void>(self.parts().tables.remove(table->scope, table->name));  // else at the next start
            return std::move(started).error();
        }
        import = *std::move(started);
    }
    auto description = describe(*import);
    if (!description.ok()) return failure_of(description.error());
    return shapes::ImportTableOutput{*std::move(description)};
}

Outcome<shapes::DescribeImportOutput> describe_import(DynamoDb& self, const CallContext& context,
                                                      const shapes::DescribeImportInput& input) {
    TRY_ASSIGN(const std::optional<flow::Job> job, find_job(self, context, flow::JobKind::import_, input.ImportArn));
    if (!job) return aws::Failure{"ImportNotFoundException", "Import not found: " + input.ImportArn};
    auto description = describe(*job);
    if (!description.ok()) return failure_of(description.error());
    return shapes::DescribeImportOutput{*std::move(description)};
}

Outcome<shapes::ListImportsOutput> list_imports(DynamoDb& self, const CallContext& context,
                                                const shapes::ListImportsInput& input) {
    TRY_ASSIGN(JobPage page,
               page_of_jobs(self, context, flow::JobKind::import_, {input.TableArn, input.PageSize, input.NextToken}));
    shapes::ListImportsOutput output;
    output.ImportSummaryList.emplace();
    output.NextToken = std::move(page.next_token);
    for (const flow::Job& job : page.jobs) {
        auto description = describe(job);
        if (!description.ok()) return failure_of(description.error());
        shapes::ImportSummary& summary = output.ImportSummaryList->emplace_back();
        summary.ImportArn = description->ImportArn;
        summary.ImportStatus = description->ImportStatus;
        summary.TableArn = description->TableArn;
        summary.S3BucketSource = description->S3BucketSource;
        summary.CloudWatchLogGroupArn = description->CloudWatchLogGroupArn;
        summary.InputFormat = description->InputFormat;
        summary.StartTime = description->StartTime;
        summary.EndTime = description->EndTime;
    }
    return output;
}

}  // namespace millrace::service::dynamodb
