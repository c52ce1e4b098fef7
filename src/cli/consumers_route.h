// What `millrace consumers` asks the server, which no API of AWS's has: where each event source mapping is.
//   GET  /_millrace/consumers                        {"consumers":[{...}]}, the caller's account's
//   POST /_millrace/consumers/rewind?to=MS&uuid=U    202
#pragma once

#include <vector>

#include "src/aws/endpoint.h"

namespace millrace::flow::mapping {
class Engine;
}

namespace millrace::cli {

// `mappings` outlives the routes. Signed as every request (service "millrace").
std::vector<aws::OwnRoute> consumer_routes(flow::mapping::Engine& mappings);

}  // namespace millrace::cli
