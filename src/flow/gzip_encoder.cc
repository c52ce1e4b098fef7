#include <zlib.h>

#include "src/flow/encoder_formats.h"

namespace millrace::flow {
namespace {

// Between speed and size: delivery shares the machine with ingestion. Level 6 takes twice the time for 5 % less.
constexpr int level = 3;
constexpr int window_bits_gzip = 15 + 16;
constexpr size_t out_bytes = 64 * 1024;

class GzipEncoder final : public Encoder {
  public:
    explicit GzipEncoder(ByteSink sink) : sink_(std::move(sink)), out_(out_bytes, '\0') {
        // No header is set: zlib writes time 0, so equal input gives equal output.
        MILLRACE_CHECK(deflateInit2(&stream_, level, Z_DEFLATED, window_bits_gzip, 8, Z_DEFAULT_STRATEGY) == Z_OK);
        reset_output();
    }
    ~GzipEncoder() override { deflateEnd(&stream_); }

    Status write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const std::string_view piece = bytes.substr(0, size_t{1} << 30);
            stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
            stream_.avail_in = static_cast<uInt>(piece.size());
            while (stream_.avail_in > 0) {
                MILLRACE_CHECK(deflate(&stream_, Z_NO_FLUSH) == Z_OK);
                if (stream_.avail_out == 0) TRY(flush());
            }
            bytes.remove_prefix(piece.size());
        }
        return {};
    }

    Status finish() override {
        for (;;) {
            const int outcome = deflate(&stream_, Z_FINISH);
            TRY(flush());
            if (outcome == Z_STREAM_END) return {};
            MILLRACE_CHECK(outcome == Z_OK || outcome == Z_BUF_ERROR);
        }
    }

  private:
    void reset_output() {
        stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
        stream_.avail_out = static_cast<uInt>(out_.size());
    }
    Status flush() {
        const std::string_view made(out_.data(), out_.size() - stream_.avail_out);
        if (!made.empty()) TRY(sink_(made));
        reset_output();
        return {};
    }

    ByteSink sink_;
    std::string out_;
    z_stream stream_{};
};

}  // namespace

std::unique_ptr<Encoder> make_gzip_encoder(ByteSink sink) {
    return std::make_unique<GzipEncoder>(std::move(sink));
}

}  // namespace millrace::flow
