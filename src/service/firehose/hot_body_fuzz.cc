// Bodies come from outside. Whatever they hold, reading them in place neither crashes nor reads astray, and a record
// that is taken is within its limits.
#include <cstddef>
#include <cstdint>

#include "src/service/firehose/hot_body.h"
#include "src/service/firehose/limits.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    using namespace millrace::service::firehose;
    std::string padded(reinterpret_cast<const char*>(data), size);
    padded.append(64, '\0');
    const std::string_view body(padded.data(), size);
    const auto shard_of = [](std::string_view) { return std::optional(log::ShardKey(1)); };
    const auto one = HotBody::of_this_thread().read_one(body, shard_of);
    if (one && one->batch.count() != 1) __builtin_trap();
    const auto many = HotBody::of_this_thread().read_many(body, shard_of);
    if (many && (many->batch.count() == 0 || many->batch.count() > batch_records_max)) __builtin_trap();
    return 0;
}
