// What a delivery stream is: where its records come from and what becomes of them. The service builds one from a
// request, the engine keeps it in catalog::Registry (kind delivery_kind) and acts on it. Pure data; no rules but those
// that make a definition impossible to act on (see validate()).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"
#include "src/flow/processing/configuration.h"

namespace millrace::flow {

constexpr std::string_view delivery_kind = "firehose.stream";  // in the Registry, by scope and name

enum class Compression : uint8_t { none, gzip, zip, snappy, hadoop_snappy };
enum class ParquetCompression : uint8_t { none, gzip, snappy, zstd };

// AWS's words: "UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY".
std::string_view name_of(Compression compression);
std::optional<Compression> compression_of(std::string_view name);
// "UNCOMPRESSED", "GZIP", "SNAPPY", "ZSTD".
std::string_view name_of(ParquetCompression compression);
std::optional<ParquetCompression> parquet_compression_of(std::string_view name);

// JSON in, Parquet out, by a table of the lake (Firehose's DataFormatConversionConfiguration).
struct Conversion {
    bool enabled = true;
    // SchemaConfiguration. Only the catalogue of our own account is ever read.
    std::string role_arn, catalog_id, database, table, region;
    std::string version_id = "LATEST";  // or a table version's number
    // Deserializer: exactly one of the two.
    enum class Deserializer : uint8_t { open_x, hive } deserializer = Deserializer::open_x;
    bool case_insensitive = true;                         // OpenX
    bool dots_to_underscores = false;                     // OpenX
    std::map<std::string, std::string> column_json_keys;  // OpenX: column -> JSON key
    std::vector<std::string> timestamp_formats;           // Hive: Joda patterns, or "millis"
    // ParquetSerDe.
    ParquetCompression compression = ParquetCompression::snappy;
    std::optional<int64_t> block_bytes, page_bytes, max_padding_bytes;
    std::optional<bool> dictionary;
    std::string writer_version;  // "V1", "V2", "" for the default
};

// An S3 destination, extended or plain.
struct Destination {
    std::string id = "destinationId-000000000001";
    bool extended = true;  // made from ExtendedS3DestinationConfiguration (false: S3DestinationConfiguration)
    std::string role_arn;
    std::string bucket_arn;                   // "arn:aws:s3:::name"
    std::optional<std::string> prefix;        // expressions, see prefix.h
    std::optional<std::string> error_prefix;  //
    uint32_t size_mb = 5;                     // 1..128 (64.. with conversion), of data before compression
    uint32_t interval_s = 300;                // 0..900
    Compression compression = Compression::none;
    std::string file_extension;                    // "" for what the compression or format gives
    std::string time_zone = "UTC";                 // IANA name, for prefixes and names
    bool processing_enabled = false;               // ProcessingConfiguration.Enabled
    bool processing_given = false;                 // ProcessingConfiguration was sent (Describe shows it back)
    std::vector<Processor> processors;             // ProcessingConfiguration.Processors, as sent
    bool partitioning = false;                     // DynamicPartitioningConfiguration.Enabled
    std::optional<uint32_t> partitioning_retry_s;  // its RetryOptions.DurationInSeconds: shown back; we retry for ever
    std::optional<Conversion> conversion;

    std::string bucket() const;  // the bucket's name; "" where bucket_arn is none
    // What the processors ask for; empty where they are off. Errors as read_processors().
    Result<ProcessingConfiguration> processing() const;
};

enum class Source : uint8_t { direct_put, kinesis };

struct Definition {
    Scope scope;
    std::string name;
    uint64_t id = 0;  // ours, never used twice: checkpoints hang on it
    Source source = Source::direct_put;
    uint64_t log_key = 0;          // direct_put: the log shard that we own
    int throughput_hint_mb = 0;    // direct_put: 0 where not given
    std::string kinesis_arn;       // kinesis
    std::string kinesis_role_arn;  // kinesis
    TimestampMs delivery_start;    // kinesis: records after this
    Destination destination;
    uint64_t version = 1;  // VersionId; one more with each change
    TimestampMs created;
    TimestampMs updated;
    std::map<std::string, std::string> tags;
    bool deleting = false;  // removal has begun: the engine finishes it at the next start
};

// "arn:aws:firehose:us-east-1:000000000000:deliverystream/orders"
std::string arn_of(const Definition& definition);
// The name at the end of an ARN of Kinesis ("...:stream/orders") or "" where it is none.
std::string_view stream_name_of(std::string_view kinesis_arn);

// Versioned JSON, as the Registry keeps it. decode: corruption where it does not parse.
std::string encode(const Definition& definition);
Result<Definition> decode(const Scope& scope, std::string_view json);

// invalid_argument with a sentence in AWS's terms where it can not be acted on: expressions that do not parse, a time
// zone that is unknown, buffering out of range, conversion together with compression.
Status validate(const Destination& destination);

}  // namespace millrace::flow
