// Patterns and events come from outside: whatever they hold, compiling and matching neither crashes nor reads astray,
// and does so in bounded time. The input is a pattern, a newline, and an event.
#include <cstddef>
#include <cstdint>

#include "src/flow/pattern/pattern.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::flow::pattern;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const size_t newline = text.find('\n');
    auto pattern = Pattern::compile(text.substr(0, newline));
    if (!pattern.ok()) return pattern.error().message.empty() ? (__builtin_trap(), 0) : 0;
    if (newline == std::string_view::npos) return 0;
    auto event = parse_json(text.substr(newline + 1));
    if (!event.ok()) return 0;
    pattern->matches(*event);
    pattern->mentions("data");
    pattern->asks_for_value("data");
    return 0;
}
