// Expressions and zones' names come from outside: whatever they hold, parsing them and asking for what is next neither
// crashes nor takes long, and what is next is later. The input is a zone, a newline, and an expression.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/schedule/expression.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    using schedule::Expression;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const size_t newline = text.find('\n');
    const std::string_view zone = newline == std::string_view::npos ? std::string_view() : text.substr(0, newline);
    const std::string_view inner = newline == std::string_view::npos ? text : text.substr(newline + 1);
    for (const auto dialect : {Expression::Dialect::scheduler, Expression::Dialect::rule}) {
        auto expression = Expression::parse(inner, zone, dialect);
        if (!expression.ok()) {
            if (expression.error().message.empty()) __builtin_trap();
            continue;
        }
        for (int64_t after :
             {int64_t{-5}, int64_t{0}, int64_t{1'774'000'000'123}, int64_t{7'258'118'399'999}, INT64_MAX, INT64_MIN}) {
            for (int i = 0; i < 3; ++i) {
                const auto next = expression->next(TimestampMs(after), TimestampMs(1'700'000'000'000));
                if (!next) break;
                if (next->value() <= after) __builtin_trap();
                after = next->value();
            }
        }
    }
    return 0;
}
