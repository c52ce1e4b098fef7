// A pattern and a message from outside, parted by the first NUL.
#include <cstdint>

#include "src/service/logs/filter_pattern.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const size_t parted = std::min(input.find('\0'), input.size());
    const auto pattern = millrace::service::logs::FilterPattern::compile(input.substr(0, parted));
    if (pattern.ok()) (void)pattern->matches(input.substr(std::min(parted + 1, input.size())));
    return 0;
}
