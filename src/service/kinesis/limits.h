// Kinesis Data Streams' published limits (docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html and the
// API reference, as of late 2025).
#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace::service::kinesis {

constexpr size_t put_records_count_max = 500;
constexpr size_t put_records_bytes_max = 10 << 20;  // data and keys of one PutRecords
constexpr size_t record_kib_default = 1024;         // MaxRecordSizeInKiB of a stream that does not say
constexpr size_t partition_key_characters_max = 256;
constexpr size_t get_records_count_max = 10'000;
constexpr size_t get_records_bytes_max = 10 << 20;
constexpr int64_t iterator_lifetime_ms = 300'000;
constexpr int64_t token_lifetime_ms = 300'000;  // ListShards' and ListStreams' NextToken
constexpr size_t tags_max = 50;
constexpr int on_demand_shards_first = 4;
constexpr int retention_hours_default = 24;  // and the least
constexpr int retention_hours_most = 8760;
constexpr size_t describe_shards_default = 100;
constexpr size_t list_shards_default = 1000;
constexpr size_t list_streams_default = 100;
constexpr size_t list_tags_default = 50;
constexpr int shards_max = 10'000;             // ours: a stream's
constexpr size_t account_shards_max = 20'000;  // of an account in a region (AWS's quota: 500 to 20,000 by region)

}  // namespace millrace::service::kinesis
