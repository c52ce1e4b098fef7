#include "src/flow/batch_writer.h"

#include "src/flow/encoder.h"

namespace millrace::flow {
namespace {

class RawBatch final : public BatchWriter {
  public:
    RawBatch(std::unique_ptr<object::Upload> upload, const CompiledDestination& destination, const BatchTarget& target)
        : upload_(std::move(upload)),
          delimiter_(destination.delimiter),
          encoder_(make_encoder(destination.destination.compression, target.entry_name, target.oldest,
                                [this](std::string_view bytes) { return upload_->write(bytes); })) {}

    Status add(const log::RecordView& record) override {
        TRY(encoder_->write(record.data));
        if (!delimiter_.empty()) TRY(encoder_->write(delimiter_));
        return {};
    }

    Result<FinishedBatch> finish() override {
        TRY(encoder_->finish());
        FinishedBatch finished;
        finished.data = std::move(upload_);
        return finished;
    }

  private:
    std::unique_ptr<object::Upload> upload_;
    std::string delimiter_;
    std::unique_ptr<Encoder> encoder_;
};

}  // namespace

Result<CompiledDestination> compile(const Destination& destination) {
    TRY(validate(destination));
    using Use = PrefixExpression::Use;
    TRY_ASSIGN(io::TimeZone zone, io::TimeZone::find(destination.time_zone));
    TRY_ASSIGN(PrefixExpression prefix, PrefixExpression::parse(Use::prefix, destination.prefix, destination.prefix));
    TRY_ASSIGN(PrefixExpression error_prefix,
               PrefixExpression::parse(Use::error_prefix, destination.error_prefix, destination.prefix));
    TRY_ASSIGN(ProcessingConfiguration processing, destination.processing());
    std::string delimiter = processing.append_delimiter.value_or("");
    return CompiledDestination{destination,           std::move(zone),     std::move(prefix), std::move(error_prefix),
                               std::move(processing), std::move(delimiter)};
}

Result<std::unique_ptr<BatchWriter>> make_raw_batch(object::Store& objects, const CompiledDestination& destination,
                                                    BatchTarget target) {
    object::PutOptions options;
    options.system["content-type"] = "application/octet-stream";
    TRY_ASSIGN(auto upload, objects.begin_put(target.bucket, target.data_key, std::move(options)));
    return std::unique_ptr<BatchWriter>(std::make_unique<RawBatch>(std::move(upload), destination, target));
}

}  // namespace millrace::flow
