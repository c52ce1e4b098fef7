#include <algorithm>

#include "src/flow/processing/processing.h"
#include "src/service/firehose/destinations.h"
#include "src/service/firehose/errors.h"
#include "src/service/firehose/firehose.h"
#include "src/service/firehose/limits.h"

namespace millrace::service::firehose {

using namespace aws::firehose;
using aws::CallContext;
using aws::Failure;
using aws::Outcome;

namespace {

constexpr size_t list_limit_default = 10;
constexpr size_t failure_details_max = 1024;

std::string_view type_name(flow::Source source) {
    return source == flow::Source::kinesis ? "KinesisStreamAsSource" : "DirectPut";
}

// Which source the request names; fills what the definition keeps of it.
std::optional<Failure> apply_source(const CallContext& context, const CreateDeliveryStreamInput& input,
                                    flow::Definition* out) {
    const std::string type = input.DeliveryStreamType.value_or("DirectPut");
    if (type == "DirectPut") {
        if (input.KinesisStreamSourceConfiguration) {
            return invalid_argument(
                "KinesisStreamSourceConfig is only applicable for KinesisStreamAsSource stream type.");
        }
        if (input.DirectPutSourceConfiguration) {
            out->throughput_hint_mb = input.DirectPutSourceConfiguration->ThroughputHintInMBs;
        }
        return std::nullopt;
    }
    if (type != "KinesisStreamAsSource") {
        return not_honoured("DeliveryStreamType " + type, "records come from DirectPut or a Kinesis stream");
    }
    if (!input.KinesisStreamSourceConfiguration) {
        return invalid_argument("KinesisStreamSourceConfig is required for KinesisStreamAsSource stream type.");
    }
    if (input.DirectPutSourceConfiguration) {
        return invalid_argument("DirectPutSourceConfiguration is only applicable for DirectPut stream type.");
    }
    out->source = flow::Source::kinesis;
    out->kinesis_arn = input.KinesisStreamSourceConfiguration->KinesisStreamARN;
    out->kinesis_role_arn = input.KinesisStreamSourceConfiguration->RoleARN;
    const std::string ours = ":kinesis:" + context.scope.region + ":" + context.scope.account + ":stream/";
    if (out->kinesis_arn.find(ours) == std::string::npos) {
        return invalid_argument("KinesisStreamARN must be of a stream in " + context.scope.region + " of account " +
                                context.scope.account + ": " + out->kinesis_arn);
    }
    return std::nullopt;
}

// A catalog is an account's, and schemas are read in the delivery stream's own.
std::optional<Failure> check_catalog(const CallContext& context, const flow::Destination& destination) {
    if (!destination.conversion || destination.conversion->catalog_id.empty()) return std::nullopt;
    if (destination.conversion->catalog_id == context.scope.account) return std::nullopt;
    return not_honoured("SchemaConfiguration.CatalogId " + destination.conversion->catalog_id,
                        "the schema must be in the catalog of account " + context.scope.account);
}

// A function of another account would be called with nobody's leave.
std::optional<Failure> check_processing(const CallContext& context, const flow::Destination& destination) {
    const auto processing = flow::read_processors(destination.processors);  // also where they are off
    if (!processing.ok()) return invalid_argument(processing.error().message);
    const Status allowed = flow::check_function(*processing, context.scope);
    if (allowed.ok()) return std::nullopt;
    return invalid_argument(allowed.error().message);
}

DeliveryStreamDescription describe(const flow::Description& seen) {
    const flow::Definition& definition = seen.definition;
    DeliveryStreamDescription out;
    out.DeliveryStreamName = definition.name;
    out.DeliveryStreamARN = flow::arn_of(definition);
    out.DeliveryStreamStatus = seen.state == flow::State::deleting ? "DELETING" : "ACTIVE";
    out.DeliveryStreamType = type_name(definition.source);
    out.VersionId = std::to_string(definition.version);
    out.CreateTimestamp = definition.created;
    if (definition.version > 1) out.LastUpdateTimestamp = definition.updated;
    // AWS describes failures of creation here; delivery that can not go on is said here too, for want of CloudWatch.
    if (!seen.last_error.empty()) {
        out.FailureDescription = FailureDescription{"UNKNOWN_ERROR", seen.last_error.substr(0, failure_details_max)};
    }
    if (definition.source == flow::Source::kinesis) {
        KinesisStreamSourceDescription& source = out.Source.emplace().KinesisStreamSourceDescription.emplace();
        source.KinesisStreamARN = definition.kinesis_arn;
        source.RoleARN = definition.kinesis_role_arn;
        source.DeliveryStartTimestamp = definition.delivery_start;
    } else {
        out.DeliveryStreamEncryptionConfiguration.emplace().Status = "DISABLED";
        if (definition.throughput_hint_mb > 0) {
            out.Source.emplace().DirectPutSourceDescription.emplace().ThroughputHintInMBs =
                definition.throughput_hint_mb;
        }
    }
    return out;
}

}  // namespace

Outcome<CreateDeliveryStreamOutput> Firehose::create_delivery_stream(const CallContext& context,
                                                                     const CreateDeliveryStreamInput& input) {
    flow::Definition definition;
    definition.scope = context.scope;
    definition.name = input.DeliveryStreamName;
    if (auto refused = apply_source(context, input, &definition)) return *std::move(refused);
    if (input.S3DestinationConfiguration.has_value() == input.ExtendedS3DestinationConfiguration.has_value()) {
        return invalid_argument("Exactly one destination configuration is supported for a Firehose");
    }
    TRY_ASSIGN(definition.destination, input.S3DestinationConfiguration
                                           ? destination_of(*input.S3DestinationConfiguration)
                                           : destination_of(*input.ExtendedS3DestinationConfiguration));
    if (auto refused = check_catalog(context, definition.destination)) return *std::move(refused);
    if (auto refused = check_processing(context, definition.destination)) return *std::move(refused);
    if (input.Tags) {
        for (const Tag& tag : *input.Tags) definition.tags[tag.Key] = tag.Value.value_or("");
    }
    if (engine_.list(context.scope, std::nullopt, "", delivery_streams_max).size() >= delivery_streams_max) {
        return Failure{"LimitExceededException", "You have already consumed your firehose quota of " +
                                                     std::to_string(delivery_streams_max) + " hoses."};
    }
    auto created = engine_.create(std::move(definition));
    if (created.ok()) return CreateDeliveryStreamOutput{flow::arn_of(*created)};
    if (created.error().code == ErrorCode::already_exists) {
        return already_exists(context.scope, input.DeliveryStreamName);
    }
    if (created.error().code == ErrorCode::not_found) {  // CreateDeliveryStream has no ResourceNotFoundException
        return invalid_argument("The Kinesis stream " + input.KinesisStreamSourceConfiguration->KinesisStreamARN +
                                " does not exist");
    }
    return failure_of(created.error());
}

Outcome<DescribeDeliveryStreamOutput> Firehose::describe_delivery_stream(const CallContext& context,
                                                                         const DescribeDeliveryStreamInput& input) {
    auto seen = engine_.describe(context.scope, input.DeliveryStreamName);
    if (!seen.ok()) return not_found(context.scope, input.DeliveryStreamName);
    DescribeDeliveryStreamOutput out;
    out.DeliveryStreamDescription = describe(*seen);
    // There is one destination; what comes after it is nothing.
    if (input.ExclusiveStartDestinationId.value_or("") < seen->definition.destination.id) {
        out.DeliveryStreamDescription.Destinations.push_back(description_of(seen->definition.destination));
    }
    return out;
}

Outcome<ListDeliveryStreamsOutput> Firehose::list_delivery_streams(const CallContext& context,
                                                                   const ListDeliveryStreamsInput& input) {
    ListDeliveryStreamsOutput out;
    std::optional<flow::Source> source;
    if (input.DeliveryStreamType) {
        if (*input.DeliveryStreamType == "DirectPut") {
            source = flow::Source::direct_put;
        } else if (*input.DeliveryStreamType == "KinesisStreamAsSource") {
            source = flow::Source::kinesis;
        } else {
            return out;  // there are none of the other types
        }
    }
    const size_t limit = input.Limit ? static_cast<size_t>(*input.Limit) : list_limit_default;
    out.DeliveryStreamNames =
        engine_.list(context.scope, source, input.ExclusiveStartDeliveryStreamName.value_or(""), limit + 1);
    out.HasMoreDeliveryStreams = out.DeliveryStreamNames.size() > limit;
    if (out.HasMoreDeliveryStreams) out.DeliveryStreamNames.resize(limit);
    return out;
}

Outcome<DeleteDeliveryStreamOutput> Firehose::delete_delivery_stream(const CallContext& context,
                                                                     const DeleteDeliveryStreamInput& input) {
    // AllowForceDelete concerns KMS grants, of which there are none: with and without it the stream goes.
    const Status removed = engine_.remove(context.scope, input.DeliveryStreamName);
    if (removed.ok()) return DeleteDeliveryStreamOutput{};
    if (removed.error().code == ErrorCode::not_found) return not_found(context.scope, input.DeliveryStreamName);
    return failure_of(removed.error());
}

Outcome<UpdateDestinationOutput> Firehose::update_destination(const CallContext& context,
                                                              const UpdateDestinationInput& input) {
    auto seen = engine_.describe(context.scope, input.DeliveryStreamName);
    if (!seen.ok()) return not_found(context.scope, input.DeliveryStreamName);
    const flow::Definition& definition = seen->definition;
    const std::string current = std::to_string(definition.version);
    const auto mismatch = [&] {
        return Failure{"ConcurrentModificationException",
                       "Cannot update firehose: " + input.DeliveryStreamName +
                           " since the current version id: " + current +
                           " and specified version id: " + input.CurrentDeliveryStreamVersionId + " do not match"};
    };
    if (input.CurrentDeliveryStreamVersionId != current) return mismatch();
    if (input.DestinationId != definition.destination.id) {
        return invalid_argument("Destination Id " + input.DestinationId + " not found");
    }
    if (input.S3DestinationUpdate.has_value() == input.ExtendedS3DestinationUpdate.has_value()) {
        return invalid_argument("Exactly one destination configuration is supported for a Firehose");
    }
    TRY_ASSIGN(flow::Destination destination, input.S3DestinationUpdate
                                                  ? merged(definition.destination, *input.S3DestinationUpdate)
                                                  : merged(definition.destination, *input.ExtendedS3DestinationUpdate));
    if (auto refused = check_catalog(context, destination)) return *std::move(refused);
    if (auto refused = check_processing(context, destination)) return *std::move(refused);
    auto updated = engine_.update(context.scope, input.DeliveryStreamName, definition.version, std::move(destination));
    if (updated.ok()) return UpdateDestinationOutput{};
    if (updated.error().code == ErrorCode::failed_precondition) return mismatch();
    if (updated.error().code == ErrorCode::not_found) return not_found(context.scope, input.DeliveryStreamName);
    return failure_of(updated.error());
}

}  // namespace millrace::service::firehose
