// Calls a server's AWS operations over HTTP for code that is written against a ServiceCaller: what delivers inside the
// server delivers from a command line too.
#pragma once

#include <memory>

#include "src/base/service_call.h"
#include "src/cli/client/api.h"

namespace millrace::cli {

// Blocks in call(), and is done before it returns. Speaks to services of the JSON protocols: Kinesis, Firehose and
// EventBridge; any other is answered 501. Any thread, one call at a time.
std::unique_ptr<ServiceCaller> make_remote_caller(Endpoint endpoint, aws::Credentials credentials);

}  // namespace millrace::cli
