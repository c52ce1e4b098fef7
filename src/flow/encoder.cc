#include "src/flow/encoder.h"

#include "src/flow/encoder_formats.h"

namespace millrace::flow {
namespace {

constexpr size_t gather_bytes = 64 * 1024;

class PlainEncoder final : public Encoder {
  public:
    explicit PlainEncoder(ByteSink sink) : sink_(std::move(sink)) {}

    Status write(std::string_view bytes) override {
        if (gathered_.size() + bytes.size() > gather_bytes) TRY(flush());
        if (bytes.size() >= gather_bytes) return sink_(bytes);
        gathered_ += bytes;
        return {};
    }
    Status finish() override { return flush(); }

  private:
    Status flush() {
        if (gathered_.empty()) return {};
        TRY(sink_(gathered_));
        gathered_.clear();
        return {};
    }

    ByteSink sink_;
    std::string gathered_;
};

}  // namespace

std::unique_ptr<Encoder> make_encoder(Compression compression, std::string entry_name, TimestampMs time,
                                      ByteSink sink) {
    switch (compression) {
        case Compression::none:
            return std::make_unique<PlainEncoder>(std::move(sink));
        case Compression::gzip:
            return make_gzip_encoder(std::move(sink));
        case Compression::zip:
            return make_zip_encoder(std::move(entry_name), time, std::move(sink));
        case Compression::snappy:
            return make_snappy_encoder(std::move(sink));
        case Compression::hadoop_snappy:
            return make_hadoop_snappy_encoder(std::move(sink));
    }
    return nullptr;
}

}  // namespace millrace::flow
