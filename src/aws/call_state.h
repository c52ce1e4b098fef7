// One call from its exchange to its answer. Shared by the endpoint and the handles that handlers answer through.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "src/aws/call.h"
#include "src/aws/payload_reader.h"
#include "src/aws/router.h"
#include "src/aws/sigv4.h"
#include "src/http/server.h"

namespace millrace::aws::detail {

struct CallState {
    std::unique_ptr<http::Exchange> exchange;
    CallContext context;
    Routed routed;
    Authorization authorization;
    std::optional<Scope> trusted;           // of a call from inside (ServiceCaller): in whose name; nothing is signed
    std::string host_id;                    // S3's x-amz-id-2
    std::string decoded_body;               // of a gathered aws-chunked body; padded
    std::unique_ptr<PayloadReader> reader;  // of a streamed body
    std::shared_ptr<void> input;            // of worker, streamed and direct calls: lives until answered
    std::atomic<bool> answered{false};

    std::string_view body() const { return decoded_body.empty() ? exchange->body() : decoded_view(); }
    std::string_view decoded_view() const;
    // Adds the request ids, bends content-length and HEAD to what http expects, and sends.
    void respond(http::Response response);
};

// A fresh UUID or, for S3, 16 upper-case characters; from a generator a thread, for they are no secrets.
std::string make_request_id(bool is_s3);
std::string make_host_id();
// Adds the ids in the headers that the protocol uses.
void add_request_ids(Protocol protocol, std::string_view request_id, std::string_view host_id,
                     http::Response& response);

}  // namespace millrace::aws::detail
