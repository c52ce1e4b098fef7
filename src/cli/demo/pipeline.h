// The demo's pipeline, built through the public API as any user would: a stream, a bucket, a table, and a Firehose that
// takes the stream's records and lands them in the table's place as Parquet, one prefix a day.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/cli/client/api.h"

namespace millrace::cli {

inline constexpr const char* kDemoStream = "retail-orders";
inline constexpr const char* kDemoDelivery = "retail-orders-to-lake";
inline constexpr const char* kDemoBucket = "retail-lake";
inline constexpr const char* kDemoDatabase = "retail";
inline constexpr const char* kDemoTable = "orders";

Status build_pipeline(ApiClient& api, const std::string& region);

using Rows = std::vector<std::vector<std::optional<std::string>>>;

// Runs a statement on Athena and returns its rows, without the header. Errors carry Athena's reason.
Result<Rows> ask_athena(ApiClient& api, const std::string& sql);

// Adds the partitions that have landed (MSCK REPAIR TABLE) until the table has `records` rows; deadline_exceeded where
// nothing more arrives for `patience_s`. Returns how many rows there are, which is more where any arrived twice.
Result<uint64_t> wait_for_delivery(ApiClient& api, uint64_t records, uint32_t patience_s);

struct Landed {
    uint64_t objects = 0;
    uint64_t bytes = 0;
    std::string example;  // a key
};
// What lies under a prefix of the demo's bucket.
Result<Landed> landed(ApiClient& api, const std::string& prefix);

}  // namespace millrace::cli
