// The hot path of the puts: the body read in place (put_body.h), one append, the answer written by hand on the log's
// writer thread. Returns false, having done nothing, where put.cc should look.
#include "src/catalog/sequence_number.h"
#include "src/service/kinesis/errors.h"
#include "src/service/kinesis/kinesis.h"
#include "src/service/kinesis/put_answer.h"
#include "src/service/kinesis/put_body.h"

namespace millrace::service::kinesis {
namespace {

std::string answer(const PutBatch& put, const std::vector<log::Appended>& appended) {
    constexpr std::string_view head = "{\"FailedRecordCount\":0,\"Records\":[";
    constexpr std::string_view entry = "{\"SequenceNumber\":\"";
    std::string out;
    out.reserve(head.size() + put.count() * 128 + 2);
    out += head;
    put.for_each(appended, [&](uint32_t shard, log::Position position) {
        char digits[20];
        catalog::write_position(position.value(), digits);
        out += entry;
        out += catalog::sequence_prefix;
        out.append(digits, sizeof digits);
        out += put.live().answer_tails[shard];
        out += ',';
    });
    out.back() = ']';
    out += '}';
    return out;
}

}  // namespace

bool Kinesis::put_records_json(const aws::RawCall& call) {
    const auto put = read_put_records(call.body(), [&](const auto& name, const auto& arn) {
        auto live = find(call.context(), name, arn);
        return live ? *std::move(live) : nullptr;
    });
    if (!put) return false;
    log_.append(put->take_batches(), [call, put](Result<std::vector<log::Appended>> result) {
        if (result) return call.succeed(answer(*put, *result));
        if (result.error().code != ErrorCode::resource_exhausted) return call.fail(failure_of(result.error()));
        call.succeed(throttled(put->live(), put->count(), result.error()));
    });
    return true;
}

bool Kinesis::put_record_json(const aws::RawCall& call) {
    const auto put = read_put_record(call.body(), [&](const auto& name, const auto& arn) {
        auto live = find(call.context(), name, arn);
        return live ? *std::move(live) : nullptr;
    });
    if (!put) return false;
    log_.append(put->take_batches(), [call, put](Result<std::vector<log::Appended>> result) {
        if (!result) return call.fail(failure_of(result.error()));
        std::string out;
        put->for_each(*result, [&](uint32_t shard, log::Position position) {
            out =
                "{\"SequenceNumber\":\"" + catalog::sequence_number(position.value()) + put->live().answer_tails[shard];
        });
        call.succeed(std::move(out));
    });
    return true;
}

}  // namespace millrace::service::kinesis
