#include "src/service/lambda/times.h"

#include <cstdio>
#include <ctime>

namespace millrace::service::lambda {
namespace {

std::string without_zone(TimestampMs time) {
    const std::time_t seconds = static_cast<std::time_t>(time.value() / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[40];
    const size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    char millis[8];
    std::snprintf(millis, sizeof millis, ".%03d", static_cast<int>(time.value() % 1000));
    return std::string(text, size) + millis;
}

}  // namespace

std::string dashed_time(TimestampMs time) {
    return without_zone(time) + "+0000";
}

std::string zulu_time(TimestampMs time) {
    return without_zone(time) + "Z";
}

}  // namespace millrace::service::lambda
