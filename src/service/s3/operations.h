// S3: what the endpoint is given.
#pragma once

#include <memory>

#include "src/aws/operation.h"

namespace millrace::object {
class Store;
}
namespace millrace::io {
class Clock;
}

namespace millrace::service::s3 {

class S3;

// `store` and `clock` outlive it.
std::shared_ptr<S3> make_s3(object::Store& store, const io::Clock& clock);
// The table of what we serve. `s3` outlives the service.
aws::Service operations(S3& s3);

}  // namespace millrace::service::s3
