#include "src/base/time_text.h"

#include <cstdint>
#include <cstdio>
#include <ctime>

namespace millrace {

std::string iso_milliseconds(TimestampMs time) {
    const int64_t below = (time.value() % 1000 + 1000) % 1000;  // before 1970, too, a second begins before its parts
    const auto seconds = static_cast<std::time_t>((time.value() - below) / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[64];
    const int size =
        std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03d", parts.tm_year + 1900, parts.tm_mon + 1,
                      parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(below));
    return {text, static_cast<size_t>(size)};
}

std::string iso_seconds(TimestampMs time) {
    std::string text = iso_milliseconds(time);
    text.resize(text.size() - 4);
    return text;
}

}  // namespace millrace
