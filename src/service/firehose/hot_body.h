// The bodies of PutRecord and PutRecordBatch in JSON, read in place: simdjson finds the records, base64 decodes each
// straight into the batch that the log writes. No document is built and no data copied in between.
//
// Only what is plainly right is taken here. Whatever is not - a missing member, text that is not base64, a record too
// large - makes read() say so, and the caller falls back on the generic decoder, which finds the words for it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/log/log.h"

namespace millrace::service::firehose {

struct HotRecords {
    log::Batch batch;
    size_t data_bytes = 0;  // decoded, of all records
};

class HotBody {
  public:
    HotBody();
    ~HotBody();

    // `body` has 64 readable bytes after its end. `shard_of` gives the shard of a delivery stream's name, or nothing to
    // stop here. Returns nothing where the generic decoder should look.
    using ShardOf = std::function<std::optional<log::ShardKey>(std::string_view name)>;
    std::optional<HotRecords> read_one(std::string_view body, const ShardOf& shard_of);   // {"Record":{"Data":...}}
    std::optional<HotRecords> read_many(std::string_view body, const ShardOf& shard_of);  // {"Records":[...]}

    // One a thread: its buffers are kept.
    static HotBody& of_this_thread();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace millrace::service::firehose
