// Sends records to a Kinesis stream or a Firehose as fast as it takes them, or at a given rate.
//
// One thread reads and groups records into requests of at most 500 records and 4 MiB; one thread a connection sends
// them. Records that the service refused are sent again, alone, after a pause that doubles; a request that failed whole
// is sent again whole, so that a record may arrive twice, and never less than once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "src/base/result.h"
#include "src/cli/client/api.h"
#include "src/cli/produce/record_source.h"

namespace millrace::cli {

enum class Destination : uint8_t { kinesis_stream, delivery_stream };

struct ProducerOptions {
    Endpoint endpoint;
    aws::Credentials credentials;
    std::string region = "us-east-1";
    Destination destination = Destination::kinesis_stream;
    std::string name;
    uint32_t connections = 4;
    uint32_t records_per_request_max = 500;  // both services' own limit
    uint64_t records_per_s = 0;              // 0: no bound
    uint32_t attempts_max = 10;
};

struct ProducerReport {
    uint64_t records = 0;   // acknowledged
    uint64_t bytes = 0;     // of their data
    uint64_t requests = 0;  // answered
    uint64_t retried = 0;   // records sent again
};

// Returns when every record is acknowledged, or the first error: of the source, or of a request that failed
// attempts_max times. `progress` is called from one thread at a time with the records acknowledged so far.
Result<ProducerReport> produce(const ProducerOptions& options, RecordSource& source,
                               const std::function<void(uint64_t records, double fraction)>& progress);

}  // namespace millrace::cli
