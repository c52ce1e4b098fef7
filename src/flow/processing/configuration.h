// What a destination's processors ask for, read out of the processors as they were sent.
// https://docs.aws.amazon.com/firehose/latest/APIReference/API_Processor.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/result.h"

namespace millrace::flow {

struct Processor {  // as sent, and as Describe shows it back
    std::string type;
    std::vector<std::pair<std::string, std::string>> parameters;
    bool operator==(const Processor&) const = default;
};

struct TransformFunction {
    std::string arn;  // of a function, a version or an alias
    std::string role_arn;
    uint32_t retries = 3;             // after the first attempt; 0..300
    uint64_t buffer_bytes = 1 << 20;  // 0.2 to 3 MB are gathered for one call...
    uint32_t buffer_s = 60;           // ...or for this long: 0..900
};
enum class Deaggregation : uint8_t { none, json, delimited };

struct ProcessingConfiguration {
    Deaggregation deaggregation = Deaggregation::none;
    std::string deaggregation_delimiter;  // decoded
    std::optional<TransformFunction> function;
    std::string query;                            // MetadataExtractionQuery; "" for none
    std::optional<std::string> append_delimiter;  // to each record delivered, decoded

    bool anything_to_process() const { return deaggregation != Deaggregation::none || function || !query.empty(); }
};

// invalid_argument in AWS's terms: an unknown parameter, a value out of range, a processor twice; unsupported for
// processors that are not served.
Result<ProcessingConfiguration> read_processors(const std::vector<Processor>& processors);

}  // namespace millrace::flow
