#include "src/policy/date.h"

#include <charconv>
#include <chrono>

namespace millrace::policy {
namespace {

// Takes `digits` digits from the front; -1 where they are not there.
int take_digits(std::string_view& text, size_t digits) {
    int number = 0;
    if (text.size() < digits) return -1;
    for (size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return -1;
        number = number * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return number;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text[0] != c) return false;
    text.remove_prefix(1);
    return true;
}

// "Z", "+01:00", "-05:00": minutes east.
std::optional<int> take_zone(std::string_view text) {
    if (text == "Z") return 0;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    const int sign = text[0] == '+' ? 1 : -1;
    text.remove_prefix(1);
    const int hours = take_digits(text, 2);
    const bool colon = take(text, ':');
    const int minutes = take_digits(text, 2);
    if (!colon || hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return std::nullopt;
    return sign * (hours * 60 + minutes);
}

std::optional<int64_t> iso_ms(std::string_view text) {
    using namespace std::chrono;
    const int y = take_digits(text, 4);
    const int m = take(text, '-') ? take_digits(text, 2) : 1;
    const int d = take(text, '-') ? take_digits(text, 2) : 1;
    const year_month_day date{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
    if (y < 0 || m < 0 || d < 0 || !date.ok()) return std::nullopt;
    int64_t ms = duration_cast<milliseconds>(sys_days(date).time_since_epoch()).count();
    if (text.empty()) return ms;
    if (!take(text, 'T')) return std::nullopt;
    const int hours = take_digits(text, 2);
    const bool colon = take(text, ':');
    const int minutes = take_digits(text, 2);
    const int seconds = take(text, ':') ? take_digits(text, 2) : 0;
    if (!colon || hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 60) {
        return std::nullopt;
    }
    ms += ((hours * 60 + minutes) * 60 + seconds) * int64_t{1000};
    if (take(text, '.')) {
        int64_t unit = 100;
        if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
        for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; unit /= 10) ms += unit * take_digits(text, 1);
    }
    const std::optional<int> zone = take_zone(text);
    if (!zone) return std::nullopt;
    return ms - *zone * int64_t{60'000};
}

}  // namespace

std::optional<int64_t> parse_date_ms(std::string_view text) {
    if (text.size() > 4) {
        if (const std::optional<int64_t> ms = iso_ms(text)) return ms;
    }
    int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (seconds > 253'402'300'799 || seconds < -253'402'300'799) return std::nullopt;  // the year 9999
    return seconds * 1000;
}

}  // namespace millrace::policy
