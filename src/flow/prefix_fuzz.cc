// Prefixes come from outside: whatever they hold, parsing and evaluating them neither crashes nor reads astray.
#include <cstddef>
#include <cstdint>

#include "src/flow/prefix.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    using namespace millrace::flow;
    const std::string text(reinterpret_cast<const char*>(data), size);
    for (const auto use : {PrefixExpression::Use::prefix, PrefixExpression::Use::error_prefix}) {
        auto parsed = PrefixExpression::parse(use, text, text);
        if (!parsed.ok()) continue;
        int64_t when = 0;
        for (size_t i = 0; i < size && i < 6; ++i) when = when << 8 | data[i];
        auto evaluated = parsed->evaluate(TimestampMs(when), io::TimeZone(), "format-conversion-failed",
                                          [] { return std::string("0123456789a"); });
        if (evaluated.ok() && evaluated->size() > 512) __builtin_trap();
    }
    auto zone = io::TimeZone::parse("fuzz", text);
    if (zone.ok()) {
        for (const int64_t second : {int64_t{0}, int64_t{-99'999'999'999}, int64_t{1'800'000'000}}) zone->at(second);
    }
    return 0;
}
