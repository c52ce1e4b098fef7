#include "src/service/lambda/json_payload.h"

#include <algorithm>

#include <simdjson.h>

namespace millrace::service::lambda {
namespace {

constexpr size_t kept_bytes_max = 64 << 10;  // a thread's parser keeps the room of what it parsed

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The same JSON, or the same nonsense, with values that any parser can hold: of long numbers the first digits, of each
// \u escape the letter A.
std::string with_small_values(std::string_view text) {
    constexpr size_t digits_kept = 15;
    std::string out;
    out.reserve(text.size());
    bool in_string = false;
    size_t at = 0;
    const auto keep = [&](size_t count) {
        out += text.substr(at, count);
        at += count;
    };
    while (at < text.size()) {
        const char c = text[at];
        if (in_string && c == '\\') {
            const std::string_view hex = text.substr(at).substr(0, 6);
            const bool escape = hex.size() == 6 && hex[1] == 'u' &&
                                hex.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
            if (escape) {
                out += "\\u0041";
                at += hex.size();
            } else {
                keep(2);
            }
        } else if (!in_string && is_digit(c)) {
            const size_t count = std::min(text.find_first_not_of("0123456789", at), text.size()) - at;
            const size_t sign = !out.empty() && (out.back() == '+' || out.back() == '-') ? 1 : 0;
            const bool exponent = out.size() > sign && (out[out.size() - 1 - sign] | 0x20) == 'e';
            out += text.substr(at, std::min(count, exponent ? 1 : digits_kept));
            at += count;
        } else {
            if (c == '"') in_string = !in_string;
            keep(1);
        }
    }
    return out;
}

std::optional<std::string> problem_of(simdjson::dom::parser& parser, std::string_view payload) {
    const auto parsed = [&](std::string_view text) { return parser.parse(text.data(), text.size(), true).error(); };
    simdjson::error_code error = parsed(payload);
    // What simdjson can not hold (integers beyond 64 bits, 1e400, half a surrogate pair) is JSON all the same, and the
    // function's to read.
    if (error == simdjson::NUMBER_ERROR || error == simdjson::STRING_ERROR) {
        error = parsed(with_small_values(payload));
    }
    if (error == simdjson::SUCCESS) return std::nullopt;
    return std::string(simdjson::error_message(error));
}

}  // namespace

std::optional<std::string> json_problem(std::string_view payload) {
    if (payload.size() > kept_bytes_max) {
        simdjson::dom::parser parser;
        return problem_of(parser, payload);
    }
    thread_local simdjson::dom::parser parser;
    return problem_of(parser, payload);
}

}  // namespace millrace::service::lambda
