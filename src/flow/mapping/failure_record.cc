#include "src/flow/mapping/failure_record.h"

#include <algorithm>

#include "src/base/json_text.h"
#include "src/base/time_text.h"
#include "src/flow/mapping/event_text.h"

namespace millrace::flow::mapping {
namespace {

// One member of an object, by what follows its name.
void member(std::string_view name, std::string_view text, std::string* out) {
    if (out->back() != '{') *out += ',';
    append_json_string(name, *out);
    *out += ':';
    append_json_string(text, *out);
}
void member(std::string_view name, uint64_t number, std::string* out) {
    if (out->back() != '{') *out += ',';
    append_json_string(name, *out);
    *out += ':';
    *out += std::to_string(number);
}

}  // namespace

std::string to_json(const FailureRecord& record, const Source& source) {
    const bool of_pipe = !record.pipe_arn.empty();
    std::string out = of_pipe ? "{\"context\":{" : "{\"requestContext\":{";
    if (of_pipe) {
        member("partnerResourceArn", record.pipe_arn, &out);
    } else {
        member("requestId", record.request_id, &out);
        member("functionArn", record.function_arn, &out);
    }
    member("condition", record.condition, &out);
    member("approximateInvokeCount", record.invocations, &out);
    out += "}";
    if (!of_pipe && !record.executed_version.empty()) {
        out += ",\"responseContext\":{";
        member("statusCode", 200, &out);
        member("executedVersion", record.executed_version, &out);
        if (record.function_error.empty()) {
            out += ",\"functionError\":null";
        } else {
            member("functionError", record.function_error, &out);
        }
        out += "}";
    }
    member("version", "1.0", &out);
    member("timestamp", iso_milliseconds(record.time) + "Z", &out);
    out += ",\"" + std::string(source.batch_info_name()) + "\":{";
    const auto arrival = [&](TimestampMs time) {
        return (source.times_have_milliseconds() ? iso_milliseconds(time) : iso_seconds(time)) + "Z";
    };
    member("shardId", record.shard_id, &out);
    member("startSequenceNumber", source.sequence_text(record.first), &out);
    member("endSequenceNumber", source.sequence_text(record.last), &out);
    member("approximateArrivalOfFirstRecord", arrival(record.first_time), &out);
    member("approximateArrivalOfLastRecord", arrival(record.last_time), &out);
    member("batchSize", record.records, &out);
    member("streamArn", source.stream_arn(), &out);
    out += "}";
    member("payload", record.payload, &out);
    return out + "}";
}

std::string object_key(const FailureRecord& record, std::string_view uuid, std::string_view random) {
    std::string time = iso_seconds(record.time);  // 2026-11-21T10:04:05
    std::string day = time.substr(0, 10);
    std::replace(day.begin(), day.end(), '-', '/');
    std::replace(time.begin(), time.end(), ':', '.');
    return (record.pipe_arn.empty() ? "aws/lambda/" : "aws/pipes/") + std::string(uuid) + "/" + record.shard_id + "/" +
           day + "/" + time + "-" + std::string(random);
}

Result<std::string> bucket_of(std::string_view arn) {
    constexpr std::string_view s3 = "arn:aws:s3:::";
    if (arn.starts_with(s3) && arn.size() > s3.size() && arn.find('/') == std::string_view::npos)
        return std::string(arn.substr(s3.size()));
    return Error{ErrorCode::unsupported,
                 "Millrace delivers discarded batches to S3 buckets (arn:aws:s3:::name), not to " + std::string(arn)};
}

}  // namespace millrace::flow::mapping
