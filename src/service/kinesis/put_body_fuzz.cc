// Bodies come from outside. Whatever they hold, reading them in place neither crashes nor reads astray, and what is
// taken is within the limits.
#include <cstddef>
#include <cstdint>

#include "src/service/kinesis/limits.h"
#include "src/service/kinesis/put_body.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    using namespace millrace::service::kinesis;
    static const StreamPointer stream = [] {
        catalog::Stream definition;
        definition.name = "s";
        const uint64_t half = uint64_t{1} << 63;
        definition.shards.push_back({.id = "shardId-000000000000", .log_key = 1, .hash_last = {half - 1, UINT64_MAX}});
        definition.shards.push_back({.id = "shardId-000000000001",
                                     .log_key = 2,
                                     .hash_first = {half, 0},
                                     .hash_last = {UINT64_MAX, UINT64_MAX}});
        return std::make_shared<const LiveStream>(std::move(definition));
    }();
    std::string padded(reinterpret_cast<const char*>(data), size);
    padded.append(64, '\0');
    const std::string_view body(padded.data(), size);
    const auto find = [](const auto& name, const auto&) { return name ? stream : nullptr; };
    if (const auto put = read_put_record(body, find); put && put->count() != 1) __builtin_trap();
    const auto put = read_put_records(body, find);
    if (!put) return 0;
    if (put->count() == 0 || put->count() > put_records_count_max || put->bytes() > put_records_bytes_max) {
        __builtin_trap();
    }
    size_t records = 0;
    for (const log::Batch& batch : put->take_batches()) records += batch.count();
    if (records != put->count()) __builtin_trap();
    return 0;
}
