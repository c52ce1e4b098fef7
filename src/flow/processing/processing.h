// The processors of one delivery at work, in Firehose's order: take records apart, have a function transform them, find
// their partition keys. Records are gathered for a call of the function and come out with what became of each.
// https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
//
// Memory: what is gathered (a buffer hint, 3 MB at most, and one record) and a function's answer, 6 MB at most.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/flow/processing/configuration.h"
#include "src/flow/processing/partition_query.h"
#include "src/flow/processing/transform.h"
#include "src/log/log.h"

namespace millrace::io {
class Clock;
}
namespace millrace::function {
class Functions;
}

namespace millrace::flow {

class Turns;

constexpr std::string_view processing_failed = "processing-failed";           // error-output-types
constexpr std::string_view extraction_failed = "metadata-extraction-failed";  //

struct Processed {
    enum class Outcome : uint8_t { deliver, dropped, failed } outcome = Outcome::deliver;
    Arrival arrival;   // as it came, after being taken apart
    std::string data;  // of deliver
    PartitionKeys from_function, from_query;
    // Of failed.
    std::string_view error_type;  // one of those above
    ProcessingFailure failure;
    uint32_t attempts = 1;
    std::string function_arn;  // where it was the function that failed
};

struct ProcessingParts {
    function::Functions* functions = nullptr;  // null: destinations with a function can not be acted on
    Turns& turns;
    const io::Clock& clock;
    JqProgram jq;
    TransformSource source;
    uint32_t retry_ms_first = 250;
};

// permission_denied where the function is of another account or region than the delivery stream: nobody gave it leave.
Status check_function(const ProcessingConfiguration& configuration, const Scope& scope);

// One thread at a time.
class Processing {
  public:
    // invalid_argument where the query does not compile.
    static Result<std::unique_ptr<Processing>> make(ProcessingConfiguration configuration, ProcessingParts parts);
    ~Processing();

    // False where what is gathered is to run() before this one: one call's event would be larger than a function takes.
    bool has_room_for(const log::RecordView& record) const;
    // Copies what it keeps.
    void gather(const log::RecordView& record, std::string_view shard_id);
    bool empty() const { return gathered_.empty(); }
    bool full() const;
    // For how long what is gathered may wait for more, in ms; 0 where it is due.
    int64_t wait_ms() const;
    void clear();

    // Everything gathered, in order. Waits for the function, retries included; the turn is let go meanwhile. Errors:
    // unavailable (functions do not run now, or `stopping`): nothing is decided, and the records are to be taken again.
    Result<std::vector<Processed>> run(const std::atomic<bool>& stopping);

  private:
    Processing(ProcessingConfiguration configuration, ProcessingParts parts);
    Status transform(std::vector<Processed>* records, const std::atomic<bool>& stopping);
    Status call(const std::string& event, const std::atomic<bool>& stopping, std::string* answer,
                ProcessingFailure* failure);
    Status extract(std::vector<Processed>* records, const std::atomic<bool>& stopping);

    const ProcessingConfiguration configuration_;
    const ProcessingParts parts_;
    std::unique_ptr<PartitionQuery> query_;
    std::vector<Arrival> gathered_;
    size_t gathered_bytes_ = 0;
    size_t event_bytes_ = 0;  // about what the function's event will have
    int64_t first_ns_ = 0;
};

}  // namespace millrace::flow
