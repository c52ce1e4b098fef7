#include "src/service/firehose/destinations.h"

#include <optional>

#include "src/service/firehose/errors.h"

namespace millrace::service::firehose {

namespace api = aws::firehose;
using aws::Failure;
using flow::Conversion;
using flow::Destination;

namespace {

using Refused = std::optional<Failure>;

constexpr uint32_t large_size_mb_default = 128;  // with conversion or dynamic partitioning

// Members that a configuration requires and an update does not.
void assign(std::string* to, const std::string& from) {
    *to = from;
}
void assign(std::string* to, const std::optional<std::string>& from) {
    if (from) *to = *from;
}

// What plain and extended, configuration and update have in common.
template <class Input>
Refused apply_common(const Input& input, Destination* out) {
    assign(&out->role_arn, input.RoleARN);
    assign(&out->bucket_arn, input.BucketARN);
    if (input.Prefix) out->prefix = *input.Prefix;
    if (input.ErrorOutputPrefix) out->error_prefix = *input.ErrorOutputPrefix;
    if (const auto& hints = input.BufferingHints) {
        if (hints->SizeInMBs) out->size_mb = static_cast<uint32_t>(*hints->SizeInMBs);
        if (hints->IntervalInSeconds) out->interval_s = static_cast<uint32_t>(*hints->IntervalInSeconds);
    }
    if (input.CompressionFormat) {
        const auto compression = flow::compression_of(*input.CompressionFormat);
        if (!compression) return invalid_argument("CompressionFormat is unknown: " + *input.CompressionFormat);
        out->compression = *compression;
    }
    if (input.EncryptionConfiguration && input.EncryptionConfiguration->KMSEncryptionConfig) {
        return not_honoured("EncryptionConfiguration.KMSEncryptionConfig", "encryption with KMS is not served yet");
    }
    if (input.CloudWatchLoggingOptions && input.CloudWatchLoggingOptions->Enabled.value_or(false)) {
        return not_honoured("CloudWatchLoggingOptions.Enabled",
                            "why a delivery fails is told by DescribeDeliveryStream");
    }
    return std::nullopt;
}

Refused apply_processing(const api::ProcessingConfiguration& input, Destination* out) {
    out->processing_given = true;
    out->processing_enabled = input.Enabled.value_or(false);
    out->processors.clear();
    for (const api::Processor& processor : input.Processors.value_or(std::vector<api::Processor>())) {
        flow::Processor kept{processor.Type, {}};
        for (const auto& parameter : processor.Parameters.value_or(std::vector<api::ProcessorParameter>())) {
            kept.parameters.emplace_back(parameter.ParameterName, parameter.ParameterValue);
        }
        out->processors.push_back(std::move(kept));
    }
    // Also where they are off: what can not be acted on is said now, not when they are switched on.
    const auto read = flow::read_processors(out->processors);
    if (read.ok()) return std::nullopt;
    if (read.error().code == ErrorCode::unsupported) {
        return not_honoured("ProcessingConfiguration", read.error().message);
    }
    return invalid_argument(read.error().message);
}

Refused apply_deserializer(const api::InputFormatConfiguration& input, Conversion* out) {
    if (!input.Deserializer ||
        input.Deserializer->OpenXJsonSerDe.has_value() == input.Deserializer->HiveJsonSerDe.has_value()) {
        return invalid_argument(
            "InputFormatConfiguration.Deserializer must be exactly one of OpenXJsonSerDe and "
            "HiveJsonSerDe");
    }
    if (const auto& hive = input.Deserializer->HiveJsonSerDe) {
        out->deserializer = Conversion::Deserializer::hive;
        out->timestamp_formats = hive->TimestampFormats.value_or(std::vector<std::string>());
        return std::nullopt;
    }
    const api::OpenXJsonSerDe& open_x = *input.Deserializer->OpenXJsonSerDe;
    out->deserializer = Conversion::Deserializer::open_x;
    out->case_insensitive = open_x.CaseInsensitive.value_or(true);
    out->dots_to_underscores = open_x.ConvertDotsInJsonKeysToUnderscores.value_or(false);
    out->column_json_keys = open_x.ColumnToJsonKeyMappings.value_or(std::map<std::string, std::string>());
    return std::nullopt;
}

Refused apply_serializer(const api::OutputFormatConfiguration& input, Conversion* out) {
    if (!input.Serializer || input.Serializer->ParquetSerDe.has_value() == input.Serializer->OrcSerDe.has_value()) {
        return invalid_argument(
            "OutputFormatConfiguration.Serializer must be exactly one of ParquetSerDe and OrcSerDe");
    }
    if (input.Serializer->OrcSerDe) {
        return not_honoured("OutputFormatConfiguration.Serializer.OrcSerDe", "Parquet is the only output format");
    }
    const api::ParquetSerDe& parquet = *input.Serializer->ParquetSerDe;
    if (parquet.Compression) {
        const auto compression = flow::parquet_compression_of(*parquet.Compression);
        if (!compression) return invalid_argument("ParquetSerDe.Compression is unknown: " + *parquet.Compression);
        out->compression = *compression;
    }
    if (parquet.BlockSizeBytes) out->block_bytes = *parquet.BlockSizeBytes;
    if (parquet.PageSizeBytes) out->page_bytes = *parquet.PageSizeBytes;
    if (parquet.MaxPaddingBytes) out->max_padding_bytes = *parquet.MaxPaddingBytes;
    if (parquet.EnableDictionaryCompression) out->dictionary = *parquet.EnableDictionaryCompression;
    out->writer_version = parquet.WriterVersion.value_or("");
    return std::nullopt;
}

Refused apply_conversion(const api::DataFormatConversionConfiguration& input, Destination* out) {
    Conversion conversion;
    conversion.enabled = input.Enabled.value_or(true);
    if (const auto& schema = input.SchemaConfiguration) {
        conversion.role_arn = schema->RoleARN.value_or("");
        conversion.catalog_id = schema->CatalogId.value_or("");
        conversion.database = schema->DatabaseName.value_or("");
        conversion.table = schema->TableName.value_or("");
        conversion.region = schema->Region.value_or("");
        conversion.version_id = schema->VersionId.value_or("LATEST");
    }
    const std::string& version = conversion.version_id;
    if (version != "LATEST" && (version.size() > 18 || version.find_first_not_of("0123456789") != std::string::npos)) {
        return invalid_argument("SchemaConfiguration.VersionId must be LATEST or a table version's number");
    }
    if (conversion.enabled && (conversion.database.empty() || conversion.table.empty())) {
        return invalid_argument(
            "SchemaConfiguration.DatabaseName and TableName are required when data format conversion is enabled.");
    }
    if (conversion.enabled && (!input.InputFormatConfiguration || !input.OutputFormatConfiguration)) {
        return invalid_argument(
            "InputFormatConfiguration and OutputFormatConfiguration are required when data format conversion is "
            "enabled.");
    }
    if (input.InputFormatConfiguration) {
        if (Refused refused = apply_deserializer(*input.InputFormatConfiguration, &conversion)) return refused;
    }
    if (input.OutputFormatConfiguration) {
        if (Refused refused = apply_serializer(*input.OutputFormatConfiguration, &conversion)) return refused;
    }
    out->conversion = std::move(conversion);
    return std::nullopt;
}

// What only the extended shapes have.
template <class Input>
Refused apply_extended(const Input& input, Destination* out) {
    if (input.ProcessingConfiguration) {
        if (Refused refused = apply_processing(*input.ProcessingConfiguration, out)) return refused;
    }
    if (input.S3BackupMode && *input.S3BackupMode != "Disabled") {
        return not_honoured("S3BackupMode " + *input.S3BackupMode, "source record backup is not served yet");
    }
    if (const auto& partitioning = input.DynamicPartitioningConfiguration) {
        if (partitioning->Enabled) out->partitioning = *partitioning->Enabled;
        if (partitioning->RetryOptions && partitioning->RetryOptions->DurationInSeconds) {
            out->partitioning_retry_s = static_cast<uint32_t>(*partitioning->RetryOptions->DurationInSeconds);
        }
    }
    if (input.DataFormatConversionConfiguration) {
        if (Refused refused = apply_conversion(*input.DataFormatConversionConfiguration, out)) return refused;
    }
    if (input.FileExtension) out->file_extension = *input.FileExtension;
    if (input.CustomTimeZone) out->time_zone = input.CustomTimeZone->empty() ? "UTC" : *input.CustomTimeZone;
    return std::nullopt;
}

// What plain and extended descriptions have in common.
template <class Output>
void describe_common(const Destination& destination, Output* out) {
    out->RoleARN = destination.role_arn;
    out->BucketARN = destination.bucket_arn;
    out->Prefix = destination.prefix;
    out->ErrorOutputPrefix = destination.error_prefix;
    out->BufferingHints.SizeInMBs = static_cast<int32_t>(destination.size_mb);
    out->BufferingHints.IntervalInSeconds = static_cast<int32_t>(destination.interval_s);
    out->CompressionFormat = flow::name_of(destination.compression);
    out->EncryptionConfiguration.NoEncryptionConfig = "NoEncryption";
    out->CloudWatchLoggingOptions.emplace().Enabled = false;
}

api::ProcessingConfiguration describe_processing(const Destination& destination) {
    api::ProcessingConfiguration out;
    out.Enabled = destination.processing_enabled;
    std::vector<api::Processor> processors;
    for (const flow::Processor& kept : destination.processors) {
        api::Processor processor;
        processor.Type = kept.type;
        if (!kept.parameters.empty()) processor.Parameters.emplace();
        for (const auto& [name, value] : kept.parameters) processor.Parameters->push_back({name, value});
        processors.push_back(std::move(processor));
    }
    out.Processors = std::move(processors);
    return out;
}

void put_unless_empty(std::optional<std::string>* to, const std::string& from) {
    if (!from.empty()) *to = from;
}

api::DataFormatConversionConfiguration describe_conversion(const Conversion& conversion) {
    api::DataFormatConversionConfiguration out;
    out.Enabled = conversion.enabled;
    api::SchemaConfiguration& schema = out.SchemaConfiguration.emplace();
    put_unless_empty(&schema.RoleARN, conversion.role_arn);
    put_unless_empty(&schema.CatalogId, conversion.catalog_id);
    put_unless_empty(&schema.DatabaseName, conversion.database);
    put_unless_empty(&schema.TableName, conversion.table);
    put_unless_empty(&schema.Region, conversion.region);
    schema.VersionId = conversion.version_id;
    api::Deserializer& deserializer = out.InputFormatConfiguration.emplace().Deserializer.emplace();
    if (conversion.deserializer == Conversion::Deserializer::hive) {
        api::HiveJsonSerDe& hive = deserializer.HiveJsonSerDe.emplace();
        if (!conversion.timestamp_formats.empty()) hive.TimestampFormats = conversion.timestamp_formats;
    } else {
        api::OpenXJsonSerDe& open_x = deserializer.OpenXJsonSerDe.emplace();
        open_x.CaseInsensitive = conversion.case_insensitive;
        open_x.ConvertDotsInJsonKeysToUnderscores = conversion.dots_to_underscores;
        if (!conversion.column_json_keys.empty()) open_x.ColumnToJsonKeyMappings = conversion.column_json_keys;
    }
    api::ParquetSerDe& parquet = out.OutputFormatConfiguration.emplace().Serializer.emplace().ParquetSerDe.emplace();
    parquet.Compression = flow::name_of(conversion.compression);
    if (conversion.block_bytes) parquet.BlockSizeBytes = static_cast<int32_t>(*conversion.block_bytes);
    if (conversion.page_bytes) parquet.PageSizeBytes = static_cast<int32_t>(*conversion.page_bytes);
    if (conversion.max_padding_bytes) parquet.MaxPaddingBytes = static_cast<int32_t>(*conversion.max_padding_bytes);
    parquet.EnableDictionaryCompression = conversion.dictionary;
    put_unless_empty(&parquet.WriterVersion, conversion.writer_version);
    return out;
}

}  // namespace

aws::Outcome<Destination> destination_of(const api::S3DestinationConfiguration& input) {
    Destination out;
    out.extended = false;
    if (Refused refused = apply_common(input, &out)) return *std::move(refused);
    return out;
}

aws::Outcome<Destination> destination_of(const api::ExtendedS3DestinationConfiguration& input) {
    Destination out;
    const auto& conversion = input.DataFormatConversionConfiguration;
    const auto& partitioning = input.DynamicPartitioningConfiguration;
    if ((conversion && conversion->Enabled.value_or(true)) || (partitioning && partitioning->Enabled.value_or(false))) {
        out.size_mb = large_size_mb_default;
    }
    if (Refused refused = apply_common(input, &out)) return *std::move(refused);
    if (Refused refused = apply_extended(input, &out)) return *std::move(refused);
    return out;
}

aws::Outcome<Destination> merged(Destination current, const api::S3DestinationUpdate& input) {
    if (Refused refused = apply_common(input, &current)) return *std::move(refused);
    return current;
}

aws::Outcome<Destination> merged(Destination current, const api::ExtendedS3DestinationUpdate& input) {
    current.extended = true;
    const bool partitioned = current.partitioning;
    if (Refused refused = apply_common(input, &current)) return *std::move(refused);
    if (Refused refused = apply_extended(input, &current)) return *std::move(refused);
    if (current.partitioning != partitioned) {
        return invalid_argument(
            "Dynamic partitioning can only be enabled when a delivery stream is created, and stays so.");
    }
    return current;
}

api::DestinationDescription description_of(const Destination& destination) {
    api::DestinationDescription out;
    out.DestinationId = destination.id;
    describe_common(destination, &out.S3DestinationDescription.emplace());
    if (!destination.extended) return out;
    api::ExtendedS3DestinationDescription& extended = out.ExtendedS3DestinationDescription.emplace();
    describe_common(destination, &extended);
    extended.S3BackupMode = "Disabled";
    if (destination.processing_given) extended.ProcessingConfiguration = describe_processing(destination);
    if (destination.partitioning || destination.partitioning_retry_s) {
        auto& partitioning = extended.DynamicPartitioningConfiguration.emplace();
        partitioning.Enabled = destination.partitioning;
        if (destination.partitioning_retry_s) {
            partitioning.RetryOptions.emplace().DurationInSeconds =
                static_cast<int32_t>(*destination.partitioning_retry_s);
        }
    }
    if (destination.conversion)
        extended.DataFormatConversionConfiguration = describe_conversion(*destination.conversion);
    put_unless_empty(&extended.FileExtension, destination.file_extension);
    if (destination.time_zone != "UTC") extended.CustomTimeZone = destination.time_zone;
    return out;
}

}  // namespace millrace::service::firehose
