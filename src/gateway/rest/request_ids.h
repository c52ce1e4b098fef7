// Names of requests. No secrets: from a generator a thread.
#pragma once

#include <string>

#include "src/base/named.h"

namespace millrace::gateway {

std::string make_request_id();                    // a UUID
std::string make_extended_id();                   // "Q7mZsFHvIAMEk1A=": 15 characters and "="
std::string make_trace_id(TimestampMs received);  // "Root=1-67891233-abcdef012345678912345678"

}  // namespace millrace::gateway
