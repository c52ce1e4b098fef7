// DynamoDB's published limits of items and requests on them.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html and the API reference.
#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace::service::dynamodb {

constexpr size_t attribute_name_bytes_max = 65535;
constexpr size_t batch_write_items_max = 25;
constexpr size_t batch_get_keys_max = 100;
constexpr size_t transaction_items_max = 100;
constexpr size_t request_bytes_max = 16 << 20;       // of any request's body
constexpr size_t transaction_bytes_max = 4 << 20;    // counted, over its items
constexpr size_t batch_answer_bytes_max = 16 << 20;  // BatchGetItem: the rest is UnprocessedKeys
constexpr size_t page_bytes_max = 1 << 20;           // Query and Scan, counted before the filter
constexpr int32_t scan_segments_max = 1'000'000;
constexpr size_t expression_bytes_max = 4096;
constexpr size_t item_collection_bytes_max = size_t{10} << 30;  // of a table with local secondary indexes

}  // namespace millrace::service::dynamodb
