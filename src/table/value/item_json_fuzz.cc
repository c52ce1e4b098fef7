// Any text: what parses prints to what parses to the same.
#include "src/table/value/item_codec.h"
#include "src/table/value/item_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::table;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto item = parse_item_json(text);
    if (!item) return 0;
    std::string json;
    append_json(*item, &json);
    MILLRACE_CHECK(parse_item_json(json).value() == *item);
    const std::string bytes = encode_item(*item);
    std::string json_of_bytes;
    MILLRACE_CHECK(append_json_of_encoded(bytes, &json_of_bytes).ok() && json == json_of_bytes);
    return 0;
}
