// What `millrace sources` asks the server: the sources that it polls, which no API of AWS's has.
//   GET    /_millrace/sources                 {"sources":[{...}]}, the caller's account's
//   POST   /_millrace/sources                 a source as src/source/definition.h has it; 201
//   POST   /_millrace/sources/pause?name=N    200
//   POST   /_millrace/sources/resume?name=N   200
//   DELETE /_millrace/sources?name=N          200
// What fails answers {"message": "..."}.
#pragma once

#include <vector>

#include "src/aws/endpoint.h"

namespace millrace::source {
class Engine;
}

namespace millrace::cli {

// `sources` outlives the routes. Signed as every request (service "millrace").
std::vector<aws::OwnRoute> source_routes(source::Engine& sources);

}  // namespace millrace::cli
