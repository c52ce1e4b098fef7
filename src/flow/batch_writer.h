// One batch on its way into objects that nobody sees yet. Two kinds: records concatenated (and compressed) as they
// come, and records converted to Parquet once the batch is whole. Memory does not grow with the batch: the first
// streams into an object::Upload, the second spools to an unnamed temporary file.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "src/base/result.h"
#include "src/catalog/lake.h"
#include "src/flow/definition.h"
#include "src/flow/prefix.h"
#include "src/io/time_zone.h"
#include "src/log/log.h"
#include "src/object/store.h"
#include "src/query/record_converter.h"

namespace millrace::flow {

// A destination ready to be acted on: its expressions parsed once.
struct CompiledDestination {
    Destination destination;
    io::TimeZone zone;
    PrefixExpression prefix, error_prefix;
    ProcessingConfiguration processing;
    std::string delimiter;  // appended to each record; "" for nothing
    bool converts() const { return destination.conversion && destination.conversion->enabled; }
};
Result<CompiledDestination> compile(const Destination& destination);  // errors as validate()

constexpr std::string_view conversion_failed = "format-conversion-failed";  // the error-output-type

// Which objects a batch makes.
struct BatchTarget {
    std::string bucket;
    std::string data_key;
    std::string error_key;
    std::string entry_name;  // of a ZIP's entry
    TimestampMs oldest;
};

struct FinishedBatch {
    std::unique_ptr<object::Upload> data;    // null: no record converted
    std::unique_ptr<object::Upload> errors;  // null: none failed
    uint64_t failed_records = 0;
};

// One thread at a time. After any error the batch is of no use: destroy it, and nothing of it remains.
class BatchWriter {
  public:
    virtual ~BatchWriter() = default;
    virtual Status add(const log::RecordView& record) = 0;  // copies what it keeps
    // Every byte is written; commit() of the uploads is all that is missing.
    virtual Result<FinishedBatch> finish() = 0;
};

// Errors: what object::Store::begin_put gives; not_found where the bucket is missing.
Result<std::unique_ptr<BatchWriter>> make_raw_batch(object::Store& objects, const CompiledDestination& destination,
                                                    BatchTarget target);

struct ConversionParts {
    object::Store& objects;
    const io::Clock& clock;
    std::mutex& one_at_a_time;        // converting needs memory for a whole batch: one batch in the process does it
    std::string temporary_directory;  // exists
    Scope scope;
};
// `table` and `converter` are the schema's; shared because they outlive no batch.
Result<std::unique_ptr<BatchWriter>> make_converting_batch(ConversionParts parts,
                                                           const CompiledDestination& destination, BatchTarget target,
                                                           std::shared_ptr<const query::RecordConverter> converter);

}  // namespace millrace::flow
