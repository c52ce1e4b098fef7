// The JSON bodies of PutRecord and PutRecords, walked where they lie (simdjson on demand), base64 decoded straight into
// the batches that the log writes. No document is built and no data copied in between.
//
// Only what is regular is taken here. For all else - a missing member, text that is not base64, a limit broken, a
// member that is not known - the answer is null, and put.cc finds out what is wrong and says it in AWS's words.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/service/kinesis/put_batch.h"

namespace millrace::service::kinesis {

// The stream that a name, an ARN or both stand for; null where there is none or they disagree.
using FindStream =
    std::function<StreamPointer(const std::optional<std::string>& name, const std::optional<std::string>& arn)>;

// `body` has 64 readable bytes after its end and is not needed afterwards. Any thread.
std::shared_ptr<PutBatch> read_put_record(std::string_view body, const FindStream& find);
std::shared_ptr<PutBatch> read_put_records(std::string_view body, const FindStream& find);

}  // namespace millrace::service::kinesis
