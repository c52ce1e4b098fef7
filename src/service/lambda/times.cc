#include "src/service/lambda/times.h"

#include "src/base/time_text.h"

namespace millrace::service::lambda {
std::string dashed_time(TimestampMs time) {
    return iso_milliseconds(time) + "+0000";
}

std::string zulu_time(TimestampMs time) {
    return iso_milliseconds(time) + "Z";
}

}  // namespace millrace::service::lambda
