// What the event buses did since the start, which no API of AWS's tells (there is no CloudWatch):
//   GET /_millrace/event-buses    {"buses":[{...}]}, the caller's account's
#pragma once

#include "src/aws/endpoint.h"

namespace millrace::bus {
class Buses;
}

namespace millrace::cli {

// `buses` outlives the route. Signed as every request (service "millrace").
aws::OwnRoute buses_route(bus::Buses& buses);

}  // namespace millrace::cli
