// An exchange without a connection: how a ServiceCall goes the way of every other request.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "src/base/service_call.h"
#include "src/http/server.h"

namespace millrace::io {
class Executor;
}

namespace millrace::aws {

struct ServiceModel;

// `model`: of the service that the call names; null where there is none. Adds what tells the router the operation.
// The answer goes to `done`; a streamed one is gathered on `executor` before.
std::unique_ptr<http::Exchange> make_local_exchange(ServiceCall call, const ServiceModel* model, bool streamed_body,
                                                    io::Executor& executor, std::function<void(ServiceAnswer)> done);

// The head that the router sees for `call`.
http::RequestHead local_head(const ServiceCall& call, const ServiceModel* model);

}  // namespace millrace::aws
