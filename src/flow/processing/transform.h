// What a transformer function is sent and what it answers: the two JSON documents, no I/O.
// https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"
#include "src/flow/processing/partition_query.h"
#include "src/log/log.h"

namespace millrace::flow {

// A record, or a part of one, on its way through the processors.
struct Arrival {
    log::Position position;
    uint32_t part = 0;  // of a record that was taken apart
    TimestampMs time;
    std::string shard_id;       // of a Kinesis source
    std::string partition_key;  // of a Kinesis source
    std::string data;
};
// "496...000012.000000": the sequence number and the part, as Firehose's ids look.
std::string record_id(const Arrival& arrival);

struct TransformSource {
    std::string delivery_arn;
    std::string stream_arn;  // "" for DirectPut
    Scope scope;
};
// At most what one record takes of the event besides its data's base64.
size_t event_record_bytes(const TransformSource& source, std::string_view partition_key);
std::string transform_event(const TransformSource& source, std::string_view invocation_id,
                            std::span<const Arrival> arrivals);

// Why a record did not get through, in Firehose's words.
struct ProcessingFailure {
    std::string code;  // "Lambda.MissingRecordId"...
    std::string message;
};

struct Transformed {
    enum class Result : uint8_t { ok, dropped, failed } result = Result::failed;
    std::string data;    // of ok
    PartitionKeys keys;  // of ok: metadata.partitionKeys
    ProcessingFailure failure;
};
// One a record, in the order of `arrivals`: an id that is missing fails its record (Lambda.MissingRecordId), one that
// comes twice likewise (Lambda.DuplicatedRecordId); ids that nobody asked about are passed over. Where the whole is not
// such an answer, every record fails (Lambda.JsonProcessingException).
std::vector<Transformed> read_transform_answer(std::string_view json, std::span<const Arrival> arrivals);

}  // namespace millrace::flow
