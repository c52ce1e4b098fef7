// Imports of tables from S3.
#include <algorithm>

#include "src/flow/table_jobs/import_job.h"
#include "src/flow/table_jobs/table_jobs.h"
#include "src/io/clock.h"
#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/job_text.h"
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
    out.StartTime = job.created;
    out.ProcessedSizeBytes = static_cast<int64_t>(job.bytes);
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
    if (input.InputFormat == "ION") {
        return validation("Millrace does not honour InputFormat ION: tables are imported from DYNAMODB_JSON and CSV");
    }
    flow::ImportRequest request;
    request.bucket = input.S3BucketSource.S3Bucket;
    request.prefix = input.S3BucketSource.S3KeyPrefix.value_or("");
    request.csv = input.InputFormat == "CSV";
    if (input.S3BucketSource.S3BucketOwner && *input.S3BucketSource.S3BucketOwner != context.scope.account) {
        return access_denied("The bucket " + request.bucket + " is not of account " +
                             *input.S3BucketSource.S3BucketOwner);
    }
    const std::string compression = input.InputCompressionType.value_or("NONE");
    if (compression == "GZIP") request.compression = flow::InputCompression::gzip;
    if (compression == "ZSTD") request.compression = flow::InputCompression::zstd;
    if (!input.InputFormatOptions || !input.InputFormatOptions->Csv) return request;
    if (!request.csv) return validation("InputFormatOptions.Csv can be given with InputFormat CSV only");
    const auto& options = *input.InputFormatOptions->Csv;
    if (options.Delimiter) request.delimiter = options.Delimiter->at(0);
    if (options.HeaderList) request.header = *options.HeaderList;
    return request;
}

Outcome<std::optional<flow::Job>> repeated(DynamoDb& self, const CallContext& context, const std::string& token,
                                           const std::string& details) {
    if (token.empty()) return std::optional<flow::Job>();
    for (const flow::Job& job : self.parts().jobs.list(flow::JobKind::import_, context.scope)) {
        if (job.token != token) continue;
        if (job.details == details) return std::optional(job);
        return aws::Failure{"ImportConflictException", "The ClientToken was used for another import"};
    }
    return std::optional<flow::Job>();
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
    TRY_ASSIGN(std::optional<flow::Job> import, repeated(self, context, job.token, job.details));
    if (!import) {
        TRY_ASSIGN(const table::TableRef table, make_target(self, context, input.TableCreationParameters));
        job.table = table->name;
        job.table_id = table->id;
        auto started = self.parts().jobs.start(std::move(job));
        if (!started.ok()) {
            static_cast<void>(self.parts().tables.remove(table->scope, table->name));  // else at the next start
            return started.error().code == ErrorCode::resource_exhausted ? limit_exceeded(started.error().message)
                                                                         : failure_of(started.error());
        }
        import = *std::move(started);
    }
    auto description = describe(*import);
    if (!description.ok()) return failure_of(description.error());
    return shapes::ImportTableOutput{*std::move(description)};
}

Outcome<shapes::DescribeImportOutput> describe_import(DynamoDb& self, const CallContext& context,
                                                      const shapes::DescribeImportInput& input) {
    const auto parsed = table::parse_arn(input.ImportArn);
    if (!parsed || parsed->kind != "import") return validation("Invalid ImportArn: " + input.ImportArn);
    const auto job = self.parts().jobs.find(flow::JobKind::import_, parsed->scope, parsed->part);
    if (!job || parsed->scope != context.scope || job->table != parsed->table) {
        return aws::Failure{"ImportNotFoundException", "Import not found: " + input.ImportArn};
    }
    auto description = describe(*job);
    if (!description.ok()) return failure_of(description.error());
    return shapes::DescribeImportOutput{*std::move(description)};
}

// Newest first. The token is the last id of the page before.
Outcome<shapes::ListImportsOutput> list_imports(DynamoDb& self, const CallContext& context,
                                                const shapes::ListImportsInput& input) {
    std::string of_table;
    if (input.TableArn) {
        TRY_ASSIGN(of_table, table_name(context, *input.TableArn, "tableArn"));
    }
    const size_t limit = input.PageSize ? static_cast<size_t>(*input.PageSize) : jobs_page_max;
    auto jobs = self.parts().jobs.list(flow::JobKind::import_, context.scope);
    std::reverse(jobs.begin(), jobs.end());
    shapes::ListImportsOutput output;
    output.ImportSummaryList.emplace();
    std::string last;
    for (const flow::Job& job : jobs) {
        if ((input.NextToken && job.id >= *input.NextToken) || (!of_table.empty() && job.table != of_table)) continue;
        if (output.ImportSummaryList->size() == limit) {
            output.NextToken = last;
            break;
        }
        auto description = describe(job);
        if (!description.ok()) return failure_of(description.error());
        shapes::ImportSummary& summary = output.ImportSummaryList->emplace_back();
        summary.ImportArn = description->ImportArn;
        summary.ImportStatus = description->ImportStatus;
        summary.TableArn = description->TableArn;
        summary.S3BucketSource = description->S3BucketSource;
        summary.InputFormat = description->InputFormat;
        summary.StartTime = description->StartTime;
        summary.EndTime = description->EndTime;
        last = job.id;
    }
    return output;
}

}  // namespace millrace::service::dynamodb
