// Snappy twice. The framing format (github.com/google/snappy, framing_format.txt): a stream identifier, then chunks of
//   type (1 byte) | length (3 bytes, little endian) | masked CRC32C of the plain bytes (4) | data
// where type 0 is compressed, 1 is not. And Hadoop's block format: blocks of
//   plain length (4 bytes, big endian) | compressed length (4, big endian) | compressed data
#include <algorithm>

#include <snappy.h>

#include "src/base/checksum.h"
#include "src/flow/encoder_formats.h"

namespace millrace::flow {
namespace {

constexpr std::string_view stream_identifier("\xff\x06\x00\x00sNaPpY", 10);
constexpr size_t framed_bytes_max = 64 * 1024;   // the framing format's bound for a chunk
constexpr size_t hadoop_bytes_max = 128 * 1024;  // readers hold a block in a buffer of 256 KiB

uint32_t masked(uint32_t crc) {
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

void put_little(char* out, uint32_t value, int width) {
    for (int i = 0; i < width; ++i) out[i] = static_cast<char>(value >> (8 * i));
}
void put_big(char* out, uint32_t value) {
    for (int i = 0; i < 4; ++i) out[i] = static_cast<char>(value >> (8 * (3 - i)));
}

// Gathers whole blocks and hands each to encode_block().
class BlockEncoder : public Encoder {
  public:
    BlockEncoder(size_t block_bytes_max, ByteSink sink) : sink_(std::move(sink)), block_bytes_max_(block_bytes_max) {
        gathered_.reserve(block_bytes_max);
        out_.resize(8 + snappy::MaxCompressedLength(block_bytes_max));
    }

    Status write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const size_t room = std::min(bytes.size(), block_bytes_max_ - gathered_.size());
            gathered_ += bytes.substr(0, room);
            bytes.remove_prefix(room);
            if (gathered_.size() == block_bytes_max_) TRY(flush());
        }
        return {};
    }
    Status finish() override { return gathered_.empty() ? Status() : flush(); }

  protected:
    virtual Status encode_block(std::string_view plain) = 0;
    ByteSink sink_;
    std::string out_;

  private:
    Status flush() {
        TRY(encode_block(gathered_));
        gathered_.clear();
        return {};
    }
    size_t block_bytes_max_;
    std::string gathered_;
};

class FramedEncoder final : public BlockEncoder {
  public:
    explicit FramedEncoder(ByteSink sink) : BlockEncoder(framed_bytes_max, std::move(sink)) {}

    Status finish() override {
        TRY(begin());  // an empty stream is its identifier
        return BlockEncoder::finish();
    }

  private:
    Status begin() {
        if (begun_) return {};
        begun_ = true;
        return sink_(stream_identifier);
    }
    Status encode_block(std::string_view plain) override {
        TRY(begin());
        size_t size = 0;
        snappy::RawCompress(plain.data(), plain.size(), out_.data() + 8, &size);
        const bool smaller = size < plain.size() - plain.size() / 8;
        if (!smaller) {
            size = plain.size();
            plain.copy(out_.data() + 8, size);
        }
        out_[0] = smaller ? 0 : 1;
        put_little(out_.data() + 1, static_cast<uint32_t>(size + 4), 3);
        put_little(out_.data() + 4, masked(crc32c(0, plain)), 4);
        return sink_(std::string_view(out_.data(), size + 8));
    }
    bool begun_ = false;
};

class HadoopEncoder final : public BlockEncoder {
  public:
    explicit HadoopEncoder(ByteSink sink) : BlockEncoder(hadoop_bytes_max, std::move(sink)) {}

  private:
    Status encode_block(std::string_view plain) override {
        size_t size = 0;
        snappy::RawCompress(plain.data(), plain.size(), out_.data() + 8, &size);
        put_big(out_.data(), static_cast<uint32_t>(plain.size()));
        put_big(out_.data() + 4, static_cast<uint32_t>(size));
        return sink_(std::string_view(out_.data(), size + 8));
    }
};

}  // namespace

std::unique_ptr<Encoder> make_snappy_encoder(ByteSink sink) {
    return std::make_unique<FramedEncoder>(std::move(sink));
}
std::unique_ptr<Encoder> make_hadoop_snappy_encoder(ByteSink sink) {
    return std::make_unique<HadoopEncoder>(std::move(sink));
}

}  // namespace millrace::flow
