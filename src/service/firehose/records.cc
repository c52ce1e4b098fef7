// PutRecord and PutRecordBatch: body -> log::Batch -> the log -> answer. On the I/O thread up to append(); the answer
// is formatted on the log's writer thread, once the records are on disk.
#include "src/service/firehose/errors.h"
#include "src/service/firehose/firehose.h"
#include "src/service/firehose/hot_body.h"
#include "src/service/firehose/limits.h"

namespace millrace::service::firehose {

using namespace aws::firehose;
using aws::Failure;
using aws::RawCall;

namespace {

constexpr size_t record_id_characters = 32;

void append_hex(uint64_t number, std::string* out) {
    for (int shift = 60; shift >= 0; shift -= 4) *out += "0123456789abcdef"[number >> shift & 15];
}

// AWS's record ids are opaque; ours are the delivery and the position in the log, so never given twice.
void append_record_id(uint64_t delivery_id, log::Position position, std::string* out) {
    append_hex(delivery_id, out);
    append_hex(position.value(), out);
}
std::string record_id(uint64_t delivery_id, log::Position position) {
    std::string out;
    append_record_id(delivery_id, position, &out);
    return out;
}

std::string json_of_one(uint64_t delivery_id, const log::Appended& appended) {
    std::string out = "{\"Encrypted\":false,\"RecordId\":\"";
    append_record_id(delivery_id, appended.positions.front(), &out);
    out += "\"}";
    return out;
}

std::string json_of_many(uint64_t delivery_id, const log::Appended& appended) {
    std::string out = "{\"Encrypted\":false,\"FailedPutCount\":0,\"RequestResponses\":[";
    out.reserve(out.size() + appended.positions.size() * (record_id_characters + 16) + 2);
    for (const log::Position position : appended.positions) {
        out += "{\"RecordId\":\"";
        append_record_id(delivery_id, position, &out);
        out += "\"},";
    }
    out.back() = ']';
    out += '}';
    return out;
}

// Where a delivery stream takes puts, or why it does not.
aws::Outcome<flow::PutTarget> target_of(flow::Engine& engine, const RawCall& call, const std::string& name) {
    const auto target = engine.find(call.context().scope, name);
    if (!target) return not_found(call.context().scope, name);
    if (!target->direct_put) {
        return invalid_argument("This operation is not permitted on KinesisStreamAsSource delivery stream type.");
    }
    return *target;
}

Failure too_large() {
    return invalid_argument("Records size exceeds 4 MB limit");
}

// What the log said, for a call whose stream was there when it began.
Failure append_failure(const RawCall& call, const std::string& name, const Error& error) {
    if (error.code == ErrorCode::not_found) return not_found(call.context().scope, name);
    return failure_of(error);
}

template <class Answer>
void append(log::Log& log, const RawCall& call, std::string name, log::Batch batch, Answer answer) {
    log.append(std::move(batch), [call, name = std::move(name), answer](Result<log::Appended> appended) {
        if (!appended.ok()) return call.fail(append_failure(call, name, appended.error()));
        answer(*appended);
    });
}

}  // namespace

void Firehose::put_record(RawCall call) {
    flow::PutTarget target;
    std::string name;
    if (is_json(call.protocol())) {
        auto records =
            HotBody::of_this_thread().read_one(call.body(), [&](std::string_view of) -> std::optional<log::ShardKey> {
                const auto found = engine_.find(call.context().scope, of);
                if (!found || !found->direct_put) return std::nullopt;
                target = *found;
                name = of;
                return found->shard;
            });
        if (records) {
            return append(log_, call, std::move(name), std::move(records->batch),
                          [call, id = target.delivery_id](const log::Appended& appended) {
                              call.succeed(json_of_one(id, appended));
                          });
        }
    }
    auto input = call.decode<PutRecordInput>();
    if (!input.ok()) return call.fail(input.error());
    auto found = target_of(engine_, call, input->DeliveryStreamName);
    if (!found.ok()) return call.fail(found.error());
    log::Batch batch(found->shard);
    batch.add("", input->Record.Data);
    append(log_, call, input->DeliveryStreamName, std::move(batch),
           [call, id = found->delivery_id](const log::Appended& appended) {
               call.succeed(PutRecordOutput{record_id(id, appended.positions.front()), false});
           });
}

void Firehose::put_record_batch(RawCall call) {
    flow::PutTarget target;
    std::string name;
    if (is_json(call.protocol())) {
        auto records =
            HotBody::of_this_thread().read_many(call.body(), [&](std::string_view of) -> std::optional<log::ShardKey> {
                const auto found = engine_.find(call.context().scope, of);
                if (!found || !found->direct_put) return std::nullopt;
                target = *found;
                name = of;
                return found->shard;
            });
        if (records) {
            if (records->data_bytes > batch_bytes_max) return call.fail(too_large());
            return append(log_, call, std::move(name), std::move(records->batch),
                          [call, id = target.delivery_id](const log::Appended& appended) {
                              call.succeed(json_of_many(id, appended));
                          });
        }
    }
    auto input = call.decode<PutRecordBatchInput>();
    if (!input.ok()) return call.fail(input.error());
    auto found = target_of(engine_, call, input->DeliveryStreamName);
    if (!found.ok()) return call.fail(found.error());
    log::Batch batch(found->shard);
    size_t bytes = 0;
    for (const Record& record : input->Records) {
        bytes += record.Data.size();
        batch.add("", record.Data);
    }
    if (bytes > batch_bytes_max) return call.fail(too_large());
    append(log_, call, input->DeliveryStreamName, std::move(batch),
           [call, id = found->delivery_id](const log::Appended& appended) {
               PutRecordBatchOutput out;
               out.Encrypted = false;
               for (const log::Position position : appended.positions) {
                   out.RequestResponses.emplace_back().RecordId = record_id(id, position);
               }
               call.succeed(out);
           });
}

}  // namespace millrace::service::firehose
