// What functions are given by the server that they run in: where their lines go, where asynchronous results go, and how
// an SDK in them finds back.
#pragma once

#include <memory>
#include <string>

#include "src/cli/config.h"
#include "src/function/functions.h"

namespace millrace::aws {
class Keys;
}
namespace millrace::journal {
class Journal;
}
namespace millrace::object {
class Store;
}
namespace millrace::target {
class Deliverer;
}

namespace millrace::cli {

// Functions' lines go to CloudWatch Logs. `journal` outlives it.
std::unique_ptr<function::LogSink> make_journal_lines(journal::Journal& journal);

// S3 buckets ("arn:aws:s3:::BUCKET", of the function's own account) and event buses as destinations. Both outlive it.
std::unique_ptr<function::DestinationSink> make_destinations(object::Store& objects, target::Deliverer& deliverer);

// Plain HTTP on an address of this machine, whatever the server listens on; keys of this process. `keys` outlives it.
function::Surroundings surroundings_of(const HostAndPort& listen, uint16_t port, aws::Keys& keys);

}  // namespace millrace::cli
