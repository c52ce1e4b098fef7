#include "tests/aws/example/fuzzing.h"

#include "src/aws/cbor.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::aws;
    for (const CborTime time : {CborTime::seconds, CborTime::milliseconds}) {
        testing::round_trip(
            data, size,
            [time](const Shape& shape, const std::string& body, void* out, Decoding& decoding) {
                return decode_cbor(shape, body, time, out, decoding);
            },
            [time](const Shape& shape, const void* value, std::string& out) { encode_cbor(shape, value, time, out); });
    }
    return 0;
}
