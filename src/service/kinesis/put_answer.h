// What both ways into PutRecords answer when the log is too busy, or the disk full.
#pragma once

#include "aws/kinesis/shapes.h"

#include "src/base/result.h"
#include "src/service/kinesis/stream_table.h"

namespace millrace::service::kinesis {

// Every record failed with the error that SDKs and the KPL retry: AWS answers 200 then, and says it record by record.
aws::kinesis::PutRecordsOutput throttled(const LiveStream& live, size_t count, const Error& error);

}  // namespace millrace::service::kinesis
