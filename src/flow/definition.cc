#include "src/flow/definition.h"

#include "src/flow/prefix.h"
#include "src/io/time_zone.h"

namespace millrace::flow {
namespace {

constexpr uint32_t size_mb_min = 1, size_mb_max = 128;
constexpr uint32_t conversion_size_mb_min = 64, partitioning_size_mb_min = 64;
constexpr uint32_t interval_s_max = 900;
constexpr std::string_view bucket_arn_prefix = ":s3:::";

struct CompressionName {
    Compression compression;
    std::string_view name;
};
constexpr CompressionName compression_names[] = {
    {Compression::none, "UNCOMPRESSED"},
    {Compression::gzip, "GZIP"},
    {Compression::zip, "ZIP"},
    {Compression::snappy, "Snappy"},
    {Compression::hadoop_snappy, "HADOOP_SNAPPY"},
};
struct ParquetCompressionName {
    ParquetCompression compression;
    std::string_view name;
};
constexpr ParquetCompressionName parquet_compression_names[] = {
    {ParquetCompression::none, "UNCOMPRESSED"},
    {ParquetCompression::gzip, "GZIP"},
    {ParquetCompression::snappy, "SNAPPY"},
    {ParquetCompression::zstd, "ZSTD"},
};

Error invalid(std::string message) {
    return Error{ErrorCode::invalid_argument, std::move(message)};
}

// https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-s3bucketprefix.html
Status validate_partitioning(const Destination& destination, const ProcessingConfiguration& processing) {
    TRY_ASSIGN(const PrefixExpression prefix,
               PrefixExpression::parse(PrefixExpression::Use::prefix, destination.prefix, destination.prefix));
    if (!destination.partitioning) {
        if (prefix.has_partition_keys()) {
            return invalid("Dynamic Partitioning must be enabled to use partition keys in Prefix");
        }
        if (!processing.query.empty()) {
            return invalid("MetadataExtraction processor is only supported when Dynamic Partitioning is enabled.");
        }
        return {};
    }
    if (!prefix.has_partition_keys()) {
        return invalid(
            "Dynamic Partitioning Namespaces can not be empty: Prefix must name a partition key when dynamic "
            "partitioning is enabled");
    }
    if (prefix.has_keys_from_query() && processing.query.empty()) {
        return invalid("MetadataExtraction processor is required when Prefix contains !{partitionKeyFromQuery:...}");
    }
    if (prefix.has_keys_from_function() && !processing.function) {
        return invalid("Lambda processor is required when Prefix contains !{partitionKeyFromLambda:...}");
    }
    if (!destination.error_prefix || destination.error_prefix->empty()) {
        return invalid("ErrorOutputPrefix can't be null or empty when dynamic partitioning is enabled");
    }
    if (destination.interval_s == 0) {
        return invalid("BufferingHints.IntervalInSeconds can not be 0 when dynamic partitioning is enabled");
    }
    if (destination.size_mb < partitioning_size_mb_min) {
        return invalid("BufferingHints.SizeInMBs must be at least 64 when Dynamic Partitioning is enabled.");
    }
    return {};
}

}  // namespace

std::string_view name_of(Compression compression) {
    for (const auto& row : compression_names) {
        if (row.compression == compression) return row.name;
    }
    return "";
}
std::optional<Compression> compression_of(std::string_view name) {
    for (const auto& row : compression_names) {
        if (row.name == name) return row.compression;
    }
    return std::nullopt;
}
std::string_view name_of(ParquetCompression compression) {
    for (const auto& row : parquet_compression_names) {
        if (row.compression == compression) return row.name;
    }
    return "";
}
std::optional<ParquetCompression> parquet_compression_of(std::string_view name) {
    for (const auto& row : parquet_compression_names) {
        if (row.name == name) return row.compression;
    }
    return std::nullopt;
}

std::string Destination::bucket() const {
    const size_t at = bucket_arn.find(bucket_arn_prefix);
    return at == std::string::npos ? "" : bucket_arn.substr(at + bucket_arn_prefix.size());
}

Result<ProcessingConfiguration> Destination::processing() const {
    if (!processing_enabled) return ProcessingConfiguration();
    return read_processors(processors);
}

std::string arn_of(const Definition& definition) {
    return "arn:aws:firehose:" + definition.scope.region + ":" + definition.scope.account + ":deliverystream/" +
           definition.name;
}

std::string_view stream_name_of(std::string_view kinesis_arn) {
    constexpr std::string_view mark = ":stream/";
    const size_t at = kinesis_arn.find(mark);
    return at == std::string_view::npos ? std::string_view() : kinesis_arn.substr(at + mark.size());
}

Status validate(const Destination& destination) {
    if (destination.bucket().empty()) return invalid("BucketARN is not the ARN of a bucket: " + destination.bucket_arn);
    if (destination.size_mb < size_mb_min || destination.size_mb > size_mb_max) {
        return invalid("BufferingHints.SizeInMBs must be between 1 and 128");
    }
    if (destination.interval_s > interval_s_max) {
        return invalid("BufferingHints.IntervalInSeconds must be between 0 and 900");
    }
    const bool converts = destination.conversion && destination.conversion->enabled;
    if (converts && destination.size_mb < conversion_size_mb_min) {
        return invalid("BufferingHints.SizeInMBs must be at least 64 when data format conversion is enabled.");
    }
    if (converts && destination.compression != Compression::none) {
        return invalid("CompressionFormat must be UNCOMPRESSED when data format conversion is enabled.");
    }
    TRY_ASSIGN(const ProcessingConfiguration processing, destination.processing());
    TRY(validate_partitioning(destination, processing));
    TRY_ASSIGN(const io::TimeZone zone, io::TimeZone::find(destination.time_zone));
    using Use = PrefixExpression::Use;
    for (const Use use : {Use::prefix, Use::error_prefix}) {
        const auto& text = use == Use::prefix ? destination.prefix : destination.error_prefix;
        TRY_ASSIGN(const PrefixExpression expression, PrefixExpression::parse(use, text, destination.prefix));
        TRY_ASSIGN(const std::string evaluated,
                   expression.evaluate(TimestampMs(0), zone, "format-conversion-failed", random_prefix_string));
    }
    return {};
}

}  // namespace millrace::flow
