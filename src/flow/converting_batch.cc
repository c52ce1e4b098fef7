// A batch of JSON that becomes Parquet: spooled while it grows, converted as a whole, then copied into its object.
// Records that do not convert make the error object; both, or either, come out.
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "src/base/checksum.h"
#include "src/flow/batch_writer.h"
#include "src/flow/error_record.h"
#include "src/flow/spool.h"
#include "src/io/clock.h"

namespace millrace::flow {
namespace {

constexpr size_t copy_bytes = 256 * 1024;

// A path in a directory that is removed again, whatever happens to its file.
class TemporaryPath {
  public:
    explicit TemporaryPath(const std::string& directory) : path_(directory + "/" + random_uuid() + ".parquet") {}
    ~TemporaryPath() { ::unlink(path_.c_str()); }
    TemporaryPath(const TemporaryPath&) = delete;
    TemporaryPath& operator=(const TemporaryPath&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

Status copy_file(const std::string& path, object::Upload& upload) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return io_error(path, errno);
    std::string piece(copy_bytes, '\0');
    Status status;
    while (status.ok()) {
        const ssize_t taken = ::read(descriptor, piece.data(), piece.size());
        if (taken < 0 && errno == EINTR) continue;
        if (taken < 0) status = io_error(path, errno);
        if (taken <= 0) break;
        status = upload.write(std::string_view(piece.data(), static_cast<size_t>(taken)));
    }
    ::close(descriptor);
    return status;
}

class ConvertingBatch final : public BatchWriter {
  public:
    ConvertingBatch(ConversionParts parts, const CompiledDestination& destination, BatchTarget target,
                    std::shared_ptr<const query::RecordConverter> converter, std::unique_ptr<Spool> spool)
        : parts_(std::move(parts)),
          conversion_(*destination.destination.conversion),
          target_(std::move(target)),
          converter_(std::move(converter)),
          spool_(std::move(spool)) {}

    Status add(const log::RecordView& record) override { return spool_->add(record); }

    Result<FinishedBatch> finish() override {
        const std::lock_guard<std::mutex> alone(parts_.one_at_a_time);
        std::vector<std::string_view> records;
        TRY(spool_->map(&records));
        const TemporaryPath file(parts_.temporary_directory);
        TRY_ASSIGN(const query::Converted converted, converter_->convert(records, file.path()));
        FinishedBatch finished;
        finished.failed_records = converted.failures.size();
        if (converted.rows > 0) {
            TRY_ASSIGN(finished.data, begin(target_.data_key));
            TRY(copy_file(file.path(), *finished.data));
        }
        if (!converted.failures.empty()) {
            TRY_ASSIGN(finished.errors, begin(target_.error_key));
            TRY(write_errors(converted, *finished.errors));
        }
        spool_.reset();
        return finished;
    }

  private:
    Result<std::unique_ptr<object::Upload>> begin(const std::string& key) {
        object::PutOptions options;
        options.system["content-type"] = "application/octet-stream";
        return parts_.objects.begin_put(target_.bucket, key, std::move(options));
    }

    Status write_errors(const query::Converted& converted, object::Upload& upload) {
        const TimestampMs now = parts_.clock.now();
        for (const query::ConversionFailure& failure : converted.failures) {
            const SpooledRecord record = spool_->record(failure.record);
            TRY(upload.write(error_line({record.time, now, record.position, record.data, failure.code, failure.message},
                                        conversion_, parts_.scope)));
        }
        return {};
    }

    ConversionParts parts_;
    Conversion conversion_;
    BatchTarget target_;
    std::shared_ptr<const query::RecordConverter> converter_;
    std::unique_ptr<Spool> spool_;
};

}  // namespace

Result<std::unique_ptr<BatchWriter>> make_converting_batch(ConversionParts parts,
                                                           const CompiledDestination& destination, BatchTarget target,
                                                           std::shared_ptr<const query::RecordConverter> converter) {
    TRY_ASSIGN(auto spool, Spool::make(parts.temporary_directory));
    return std::unique_ptr<BatchWriter>(std::make_unique<ConvertingBatch>(
        std::move(parts), destination, std::move(target), std::move(converter), std::move(spool)));
}

}  // namespace millrace::flow
