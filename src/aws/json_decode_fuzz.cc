#include "tests/aws/example/fuzzing.h"

#include "src/aws/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::aws;
    return testing::round_trip(
        data, size,
        [](const Shape& shape, std::string body, void* out, Decoding& decoding) {
            const size_t length = body.size();
            body.append(64, '\0');
            return decode_json(shape, std::string_view(body).substr(0, length), out, decoding);
        },
        [](const Shape& shape, const void* value, std::string& out) { encode_json(shape, value, out); });
}
