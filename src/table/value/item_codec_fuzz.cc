// Any bytes: read or refused, never followed out of their bounds; what is read is written back the same.
#include "src/table/value/item_codec.h"
#include "src/table/value/item_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::table;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    std::string json;
    const bool printed = append_json_of_encoded(bytes, &json).ok();
    (void)decode_attribute(bytes, "m");
    const auto item = decode_item(bytes);
    if (!item) return 0;
    MILLRACE_CHECK(printed);
    MILLRACE_CHECK(decode_item(encode_item(*item)).value() == *item);
    std::string_view key = bytes;
    (void)take_key_value(&key, Type::S);
    key = bytes;
    (void)take_key_value(&key, Type::N);
    return 0;
}
