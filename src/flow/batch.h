// A range of the log on its way into objects that nobody sees yet: one object, or with dynamic partitioning one a
// partition and more where a partition outgrows the buffer's size. What processors could not take goes to one object an
// error type. Sealed as a whole, since the range is delivered as a whole: a small partition waits no longer than the
// interval, and a full one no longer either.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/flow/batch_writer.h"
#include "src/flow/buffer.h"
#include "src/flow/definition.h"
#include "src/flow/prefix.h"
#include "src/object/store.h"

namespace millrace::flow {

struct Processed;

// One thread at a time. After any error the batch is of no use: destroy it, and nothing of it remains.
class Batch {
  public:
    using MakeWriter = std::function<Result<std::unique_ptr<BatchWriter>>(BatchTarget)>;
    // `oldest`: of the records to come. What is referred to outlives the batch.
    Batch(object::Store& objects, const io::Clock& clock, const Definition& definition,
          const CompiledDestination& destination, TimestampMs oldest, MakeWriter make_writer);
    ~Batch();

    // A record as it came. Of the batch's size and age only what is told to `buffer` counts.
    Status add(const log::RecordView& record);
    // A record as the processors left it; tells its size to `buffer`.
    Status add(Processed record);

    Buffer buffer;
    bool full() const { return buffer.full() || objects_ >= objects_max; }

    struct Finished {
        std::vector<std::unique_ptr<object::Upload>> uploads;  // every byte written; commit is all that is missing
        uint64_t failed_records = 0;
    };
    Result<Finished> finish();

    // AWS's default limit of active partitions of a delivery stream; here the batch is sealed instead of failing more.
    static constexpr size_t objects_max = 500;
    static constexpr uint64_t partitioned_bytes_max = uint64_t{1} << 30;

  private:
    struct Part {
        std::unique_ptr<BatchWriter> writer;
        uint64_t bytes = 0;
    };
    Result<BatchTarget> target(TimestampMs oldest, RecordKeys keys) const;
    Result<Part*> part(const std::string& partition, TimestampMs oldest, RecordKeys keys);
    std::string partition_problem(const std::optional<std::string>& partition, TimestampMs time, RecordKeys keys) const;
    Status add_to(const std::string& partition, RecordKeys keys, const log::RecordView& record);
    Status finish_part(Part part);
    Status fail(const Processed& record);

    object::Store& objects_store_;
    const io::Clock& clock_;
    const Definition& definition_;
    const CompiledDestination& destination_;
    const TimestampMs oldest_;
    const MakeWriter make_writer_;
    const bool partitioned_;
    const uint64_t part_bytes_max_;
    std::map<std::string, Part> parts_;  // by PrefixExpression::partition(); one, "", without partitioning
    std::map<std::string, std::unique_ptr<object::Upload>, std::less<>> failures_;  // by error type
    size_t objects_ = 0;                                                            // begun
    Finished finished_;
};

}  // namespace millrace::flow
