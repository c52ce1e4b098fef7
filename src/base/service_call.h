// How one part of the server calls an AWS operation of another, as a client would but inside the process: integrations
// of REST APIs, targets of rules and schedules, sources. The one who carries it out is the endpoint
// (src/aws/endpoint.h); engines are handed a ServiceCaller and so need not know it.
//
// The caller is trusted: nothing is signed, and the account is the one that the call names. Everything else is as for a
// client: routing, decoding, the model's constraints, refusals, the handler, the service's error in its own dialect.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/scope.h"

namespace millrace {

struct ServiceCall {
    Scope scope;  // on whose behalf, and where
    // As in credential scopes and ARNs: "kinesis", "dynamodb", "events", "firehose", "lambda", "logs", "s3".
    std::string service;
    // "PutRecord". "" : by method, path and query, for the services whose operations are routes (S3, Lambda, API
    // Gateway); for the others that is answered as a malformed request.
    std::string operation;
    std::string method = "POST";
    std::string path = "/";                                    // percent-encoded
    std::string query;                                         // percent-encoded, without '?'
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;
};

struct ServiceAnswer {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;                                          // gathered; at most answer_bytes_max
    bool ok() const { return status >= 200 && status < 300; }
};

class ServiceCaller {
  public:
    virtual ~ServiceCaller() = default;
    static constexpr size_t answer_bytes_max = 10 << 20;  // over it: status 500, as API Gateway answers
    // `done` is called exactly once, on whatever thread the answer is ready on - this one before call() returns, an I/O
    // thread, the log's writer: it must be quick and must not block. Any thread may call. Operations that block go to
    // the endpoint's executor; where that is full the answer is the service's 503.
    virtual void call(ServiceCall call, std::function<void(ServiceAnswer)> done) = 0;
};

}  // namespace millrace
