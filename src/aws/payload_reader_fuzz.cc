// aws-chunked bodies in pieces of any size: never more bytes out than in, and a failure stays one.
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "src/aws/payload_reader.h"
#include "src/base/result.h"

namespace {

class Pieces final : public millrace::http::BodyReader {
  public:
    Pieces(std::string_view rest, size_t step) : rest_(rest), step_(step) {}
    millrace::Result<size_t> read(std::span<char> out) override {
        const size_t count = std::min({out.size(), rest_.size(), step_});
        std::memcpy(out.data(), rest_.data(), count);
        rest_.remove_prefix(count);
        return count;
    }

  private:
    std::string_view rest_;
    size_t step_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    if (size < 2) return 0;
    aws::PayloadOptions options;
    options.verified.payload = static_cast<aws::PayloadCheck>(2 + data[0] % 3);
    options.check_signatures = (data[0] & 8) != 0;
    if (options.check_signatures) options.verified.signing_key = std::make_shared<const aws::HmacSha256>("key");
    if ((data[0] & 16) != 0) options.trailer_names = "x-amz-checksum-crc32, x-amz-checksum-sha256";
    Pieces pieces({reinterpret_cast<const char*>(data) + 2, size - 2}, data[1] + size_t{1});
    const auto reader = aws::make_payload_reader(pieces, std::move(options));
    char out[333];
    size_t total = 0;
    for (;;) {
        const Result<size_t> count = reader->read(std::span<char>(out, 1 + total % sizeof out));
        if (!count.ok()) {
            MILLRACE_CHECK(reader->failure().has_value());
            MILLRACE_CHECK(!reader->read(out).ok());
            return 0;
        }
        if (*count == 0) break;
        total += *count;
        MILLRACE_CHECK(total <= size);
    }
    MILLRACE_CHECK(reader->read(out).ok());
    return 0;
}
