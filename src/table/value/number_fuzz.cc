// What parses prints and packs to the same number; sums stay canonical.
#include "src/table/value/number.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using millrace::table::Number;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)Number::decode(text);
    const size_t comma = text.find(',');
    const auto a = Number::parse(text.substr(0, comma));
    if (!a) return 0;
    MILLRACE_CHECK(Number::parse(a->text()).value() == *a);
    MILLRACE_CHECK(Number::decode(a->encoded()).value() == *a);
    if (comma == std::string_view::npos) return 0;
    const auto b = Number::parse(text.substr(comma + 1));
    if (!b) return 0;
    if (const auto sum = Number::add(*a, *b)) {
        MILLRACE_CHECK(Number::decode(sum->encoded()).value() == *sum);
        if (const auto back = Number::subtract(*sum, *b)) MILLRACE_CHECK(*back == *a);
    }
    return 0;
}
