// What an event source mapping is; its versioned JSON in the registry is definition_codec.cc's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"
#include "src/function/functions.h"

namespace millrace::flow::mapping {

enum class StartingPosition : uint8_t { latest, trim_horizon, at_timestamp };

// What an update may change. The limits are the service's to check; -1 means without limit.
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
struct Settings {
    function::FunctionName function;
    bool enabled = true;
    uint32_t batch_size = 100;
    uint32_t batching_window_s = 0;
    uint32_t parallelization = 1;  // lanes a shard: batches of one shard under way at once
    int64_t record_age_s_max = -1;
    int64_t retries_max = -1;
    bool bisect_on_error = false;
    bool report_item_failures = false;
    uint32_t tumbling_window_s = 0;    // 0: none
    std::vector<std::string> filters;  // patterns, any of which lets a record pass; none: every record passes
    std::string on_failure;            // "arn:aws:s3:::bucket" for what is given up; "": nothing is kept of it
    bool operator==(const Settings&) const;
};

struct Definition {
    Scope scope;
    std::string uuid;
    std::string source_arn;  // a Kinesis stream, a consumer of one, or a table's change stream
    StartingPosition start = StartingPosition::latest;
    TimestampMs start_time;  // of at_timestamp
    Settings settings;
    std::map<std::string, std::string> tags;
    TimestampMs modified;
    uint64_t version = 0;  // moves with every change of the settings
    uint64_t rewinds = 0;  // how often somebody asked to go to...
    TimestampMs rewind_to;
    bool deleting = false;
};

constexpr std::string_view mapping_kind = "lambda.mapping";  // in the Registry, by scope and uuid

std::string encode(const Definition& definition);
Result<Definition> decode_definition(const Scope& scope, std::string_view json);  // corruption

// "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:UUID"
std::string arn_of(const Definition& definition);

}  // namespace millrace::flow::mapping
