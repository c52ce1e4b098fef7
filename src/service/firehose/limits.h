// Firehose's published limits (docs.aws.amazon.com/firehose/latest/dev/limits.html), each with its documented value.
// Those that are in the API model (500 records, 1,000 KiB a record, 50 tags a request) are checked from it.
#pragma once

#include <cstddef>

namespace millrace::service::firehose {

constexpr size_t batch_records_max = 500;
constexpr size_t batch_bytes_max = 4 << 20;     // data of all records of a PutRecordBatch
constexpr size_t record_bytes_max = 1'024'000;  // before base64
constexpr size_t tags_max = 50;                 // of a delivery stream
constexpr size_t delivery_streams_max = 5'000;  // of an account in a region

}  // namespace millrace::service::firehose
