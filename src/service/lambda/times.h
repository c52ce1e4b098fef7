// Times as Lambda writes them: strings, each kind in a form of its own.
#pragma once

#include <string>

#include "src/base/named.h"

namespace millrace::service::lambda {

std::string dashed_time(TimestampMs time);  // "2026-11-21T18:30:00.123+0000": functions, layers, concurrency
std::string zulu_time(TimestampMs time);    // "2026-11-21T18:30:00.123Z": function URLs

}  // namespace millrace::service::lambda
