// What parses must be written as something that parses to the same.
#include <cstddef>
#include <cstdint>

#include "src/catalog/hive_type.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::catalog;
    const auto type = parse_hive_type({reinterpret_cast<const char*>(data), size});
    if (!type.ok()) return 0;
    const auto again = parse_hive_type(to_string(*type));
    MILLRACE_CHECK(again.ok() && *again == *type);
    return 0;
}
