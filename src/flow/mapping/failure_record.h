// What a destination is told about records that were given up.
// https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/flow/mapping/source.h"

namespace millrace::flow::mapping {

inline constexpr std::string_view retries_exhausted = "RetryAttemptsExhausted";
inline constexpr std::string_view age_exceeded = "RecordAgeExceeded";

struct FailureRecord {
    std::string_view condition;  // one of the above
    std::string request_id;      // of the last invocation; made up where there was none
    std::string function_arn;
    std::string pipe_arn;  // "" of a function's mapping; else a pipe's record, which says less
    uint32_t invocations = 0;
    std::string executed_version;  // "" where it was never invoked: then there is no responseContext
    std::string function_error;    // "Unhandled"
    TimestampMs time;
    std::string shard_id;
    Position first, last;
    TimestampMs first_time, last_time;
    uint64_t records = 0;
    std::string payload;  // the event as it was, or would have been, sent
};

std::string to_json(const FailureRecord& record, const Source& source);

// "aws/lambda/UUID/shardId-000000000000/2026/11/21/2026-11-21T10.04.05-RANDOM"; "aws/pipes/..." of a pipe
std::string object_key(const FailureRecord& record, std::string_view uuid, std::string_view random);

// "bucket" of "arn:aws:s3:::bucket"; unsupported, by name, for queues, topics and others.
Result<std::string> bucket_of(std::string_view destination_arn);

}  // namespace millrace::flow::mapping
