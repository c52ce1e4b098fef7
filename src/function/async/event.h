// An asynchronous call that waits, and its form in the ordered store:
//
//   key    "function/event/" + its id in 16 hexadecimal digits (ids rise; one is free again once its event is gone)
//   value  JSON of everything but the payload, one line feed, the payload as it came
//
//     {"format":1,"account":"000000000000","region":"us-east-1","name":"orders","qualifier":"","request_id":"...",
//      "received":1700000000000,"due":1700000060000,"attempts":1,"calls":3}
//
// Where the function has been run for the last time and its destination could not be reached, "destination" is the ARN
// and what follows the line feed is the record to deliver;
// "succeeded" is there where it tells of a success.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::function {

constexpr std::string_view event_prefix = "function/event/";

struct AsyncEvent {
    uint64_t id = 0;
    Scope scope;
    std::string name, qualifier;
    std::string request_id;
    std::string client_context, trace_header;
    std::string payload;
    std::string destination;  // "" : to be run; else payload is the record for it
    bool succeeded = false;   // what the record for `destination` tells
    TimestampMs received, due;
    uint32_t attempts = 0;  // runs that the function itself failed: what retries are counted by
    uint32_t calls = 0;     // runs in all: ApproximateInvokeCount
};

std::string event_key(uint64_t id);
std::string encode_event(const AsyncEvent& event);
// corruption where it is not what encode_event() wrote.
Result<AsyncEvent> decode_event(std::string_view key, std::string_view value);

}  // namespace millrace::function
