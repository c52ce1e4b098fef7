// One way in and one way out for every protocol: requests to inputs, outputs and failures to responses.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/aws/failure.h"
#include "src/aws/operation.h"
#include "src/aws/router.h"
#include "src/http/message.h"

namespace millrace::aws {

// Decodes, refuses what the row does not honour, and validates. `body` has 64 readable bytes after its end; empty where
// it streams. Returns what is wrong.
std::optional<Failure> decode_request(const Routed& routed, const http::RequestHead& head, std::string_view body,
                                      void* input);

// The answer of a successful call, without request ids.
http::Response encode_answer(const Routed& routed, std::string_view request_id, detail::Answer answer);

// The answer of a failed one. `service` is null where none was found. `host_id` is S3's second id, and `resource` the
// path that S3 repeats.
http::Response encode_failure(const ServiceModel* service, Protocol protocol, const Failure& failure,
                              std::string_view request_id, std::string_view host_id, std::string_view resource);

}  // namespace millrace::aws
