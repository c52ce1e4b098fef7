// Stored records of any bytes: decoding ends, and what decodes encodes to something that decodes to the same.
#include "src/base/result.h"
#include "src/object/record.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
    using namespace millrace::object;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    static_cast<void>(decode_listed(bytes).ok());
    static_cast<void>(decode_bucket(bytes).ok());
    static_cast<void>(decode_upload(bytes).ok());
    static_cast<void>(decode_part(bytes).ok());
    static_cast<void>(decode_extents(bytes).ok());
    if (const auto object = decode_object(bytes); object.ok()) {
        const std::string again = encode(*object);
        const auto second = decode_object(again);
        MILLRACE_CHECK(second.ok() && encode(*second) == again);
    }
    return 0;
}
