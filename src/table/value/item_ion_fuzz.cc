// Any text: what parses prints to what parses to the same.
#include "src/table/value/item_ion.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::table;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto item = parse_item_ion(text);
    if (!item) return 0;
    std::string ion;
    append_ion(*item, &ion);
    MILLRACE_CHECK(ion.find('\n') == std::string::npos);
    MILLRACE_CHECK(parse_item_ion(ion).value() == *item);
    return 0;
}
