// Whatever a function prints has a level, and telling it must neither crash nor take long.
#include <cstdint>
#include <string_view>

#include "src/base/result.h"
#include "src/function/log_level.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::function;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    MILLRACE_CHECK(level_of_line(text) <= LogLevel::fatal);
    parse_log_level(text);
    return 0;
}
