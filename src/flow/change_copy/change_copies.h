// Copies a table's changes into a Kinesis stream: DynamoDB's Kinesis streaming destinations.
//
// A reader with a checkpoint like every other: it reads the table's copied_stream (src/table/definition.h), puts each
// change as one record into the stream's shards (change_record.h), and moves its checkpoint when the log says that they
// are durable. A death between the two copies the batch again: at least once, as AWS promises, and changes of one item
// stay in order. Where the stream can not be written (deleted, too much waits) it tries again until the changes expire.
//
// What is kept, in the registry by scope:
//   "flow.change_copy"           table "/" stream ARN -> JSON, the definition (change_copies.cc)
//   "flow.change_copy_position"  the copy's id        -> the next change to copy, in decimal
//
// Start: open(), after tables, log and catalog. Stop: destruction, before them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"
#include "src/table/definition.h"

namespace millrace::io {
class Clock;
}
namespace millrace::log {
class Log;
}
namespace millrace::table {
class Tables;
}
namespace millrace::catalog {
class Registry;
}

namespace millrace::flow {

struct ChangeCopy {
    Scope scope;
    std::string table;
    uint64_t table_id = 0;  // so that a table made again under the name is not taken for this one
    uint64_t id = 0;
    std::string stream_arn;
    bool active = false;
    bool microseconds = true;  // ApproximateCreationDateTime in the records; else milliseconds
    uint64_t source = 0;       // of the table's copied_stream
    std::string last_error;    // why the newest attempt failed; "" while all is well; not kept
};

// All outlive the object.
struct ChangeCopyParts {
    table::Tables& tables;
    log::Log& log;
    catalog::Registry& registry;
    const io::Clock& clock;
};

// Any thread. Changes are durable on return.
class ChangeCopies {
  public:
    static Result<std::unique_ptr<ChangeCopies>> open(ChangeCopyParts parts);
    virtual ~ChangeCopies() = default;

    // From the changes after this call on. not_found: the stream; invalid_argument: no Kinesis stream's ARN of this
    // account and region; failed_precondition: the table has an active copy already.
    virtual Result<ChangeCopy> enable(const table::TableRef& table, const std::string& stream_arn,
                                      bool microseconds) = 0;
    // What was not copied yet is not copied any more. not_found: no active copy to that stream.
    virtual Result<ChangeCopy> disable(const table::TableRef& table, const std::string& stream_arn) = 0;
    virtual Result<ChangeCopy> set_precision(const table::TableRef& table, const std::string& stream_arn,
                                             bool microseconds) = 0;
    // Active and switched off ones.
    virtual std::vector<ChangeCopy> list(const table::TableDefinition& table) = 0;
    // For whoever removes the table, after it.
    virtual Status forget(const table::TableDefinition& table) = 0;
};

}  // namespace millrace::flow
