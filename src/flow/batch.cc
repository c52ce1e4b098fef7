#include "src/flow/batch.h"

#include <algorithm>

#include "src/base/checksum.h"
#include "src/flow/error_record.h"
#include "src/flow/object_name.h"
#include "src/flow/processing/processing.h"
#include "src/io/clock.h"

namespace millrace::flow {
namespace {

// Zero buffering (IntervalInSeconds 0): AWS delivers "within a few seconds"; so short an interval still gathers what
// one burst brings into one object.
constexpr int64_t interval_ms_min = 200;

Buffer make_buffer(const Destination& destination) {
    const int64_t interval_ms = std::max<int64_t>(int64_t{destination.interval_s} * 1000, interval_ms_min);
    return Buffer(destination.partitioning ? Batch::partitioned_bytes_max : uint64_t{destination.size_mb} << 20,
                  interval_ms);
}

}  // namespace

Batch::Batch(object::Store& objects, const io::Clock& clock, const Definition& definition,
             const CompiledDestination& destination, TimestampMs oldest, MakeWriter make_writer)
    : buffer(make_buffer(destination.destination)),
      objects_store_(objects),
      clock_(clock),
      definition_(definition),
      destination_(destination),
      oldest_(oldest),
      make_writer_(std::move(make_writer)),
      partitioned_(destination.destination.partitioning),
      part_bytes_max_(uint64_t{destination.destination.size_mb} << 20) {}

Batch::~Batch() = default;

Result<BatchTarget> Batch::target(TimestampMs oldest, RecordKeys keys) const {
    const std::string stem =
        object_stem(definition_.name, definition_.version, oldest, destination_.zone, random_uuid());
    BatchTarget target;
    target.bucket = destination_.destination.bucket();
    target.oldest = oldest;
    target.entry_name = stem;
    TRY_ASSIGN(const std::string prefix,
               destination_.prefix.evaluate(oldest, destination_.zone, "", random_prefix_string, keys));
    target.data_key = prefix + stem + extension_of(destination_.destination);
    if (destination_.converts()) {
        TRY_ASSIGN(
            const std::string error_prefix,
            destination_.error_prefix.evaluate(oldest, destination_.zone, conversion_failed, random_prefix_string));
        target.error_key = error_prefix + stem;
    }
    return target;
}

Result<Batch::Part*> Batch::part(const std::string& partition, TimestampMs oldest, RecordKeys keys) {
    if (const auto found = parts_.find(partition); found != parts_.end()) return &found->second;
    TRY_ASSIGN(BatchTarget where, target(oldest, keys));
    TRY_ASSIGN(std::unique_ptr<BatchWriter> writer, make_writer_(std::move(where)));
    ++objects_;
    return &parts_.emplace(partition, Part{std::move(writer)}).first->second;
}

Status Batch::add_to(const std::string& partition, RecordKeys keys, const log::RecordView& record) {
    TRY_ASSIGN(Part* const into, part(partition, partitioned_ ? record.time : oldest_, keys));
    TRY(into->writer->add(record));
    into->bytes += record.data.size() + destination_.delimiter.size();
    if (!partitioned_ || into->bytes < part_bytes_max_) return {};
    Part full = std::move(*into);
    parts_.erase(partition);
    return finish_part(std::move(full));
}

Status Batch::add(const log::RecordView& record) {
    return add_to("", {}, record);
}

// Why a record can not lie where its keys say; "" where it can. One record's keys must not hold up the others.
std::string Batch::partition_problem(const std::optional<std::string>& partition, TimestampMs time,
                                     RecordKeys keys) const {
    if (!partition) return "partitionKeys values must not be null or empty";
    if (!partitioned_ || parts_.contains(*partition)) return {};
    const auto prefix = destination_.prefix.evaluate(time, destination_.zone, "", random_prefix_string, keys);
    return prefix.ok() ? std::string() : prefix.error().message;
}

Status Batch::add(Processed record) {
    if (record.outcome == Processed::Outcome::dropped) return {};
    if (record.outcome == Processed::Outcome::failed) return fail(record);
    const RecordKeys keys{&record.from_query, &record.from_function};
    std::optional<std::string> partition = "";
    if (partitioned_) partition = destination_.prefix.partition(keys);
    if (const std::string reason = partition_problem(partition, record.arrival.time, keys); !reason.empty()) {
        record.outcome = Processed::Outcome::failed;
        record.error_type = extraction_failed;
        record.failure = {"DynamicPartitioning.MetadataExtractionFailed", reason};
        return fail(record);
    }
    buffer.grow(record.data.size() + destination_.delimiter.size());
    return add_to(*partition, keys, {record.arrival.position, record.arrival.time, "", record.data});
}

Status Batch::fail(const Processed& record) {
    ++finished_.failed_records;
    std::unique_ptr<object::Upload>& upload = failures_[std::string(record.error_type)];
    if (!upload) {
        TRY_ASSIGN(const BatchTarget where, target(oldest_, {}));
        TRY_ASSIGN(const std::string prefix, destination_.error_prefix.evaluate(
                                                 oldest_, destination_.zone, record.error_type, random_prefix_string));
        object::PutOptions options;
        options.system["content-type"] = "application/octet-stream";
        TRY_ASSIGN(upload, objects_store_.begin_put(where.bucket, prefix + where.entry_name, std::move(options)));
        ++objects_;
    }
    const std::string line = error_line(record, clock_.now());
    buffer.grow(line.size());
    return upload->write(line);
}

Status Batch::finish_part(Part part) {
    TRY_ASSIGN(FinishedBatch done, part.writer->finish());
    if (done.errors) finished_.uploads.push_back(std::move(done.errors));
    if (done.data) finished_.uploads.push_back(std::move(done.data));
    finished_.failed_records += done.failed_records;
    return {};
}

Result<Batch::Finished> Batch::finish() {
    for (auto& [partition, part] : parts_) TRY(finish_part(std::move(part)));
    parts_.clear();
    for (auto& [type, upload] : failures_) finished_.uploads.push_back(std::move(upload));
    failures_.clear();
    return std::move(finished_);
}

}  // namespace millrace::flow
