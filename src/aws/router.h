// Which operation a request is, and in which dialect. In this order, the first that applies:
//   X-Amz-Target: Prefix.Operation      the model's target prefix (JSON, or CBOR by Content-Type)
//   Smithy-Protocol: rpc-v2-cbor        /service/Prefix/operation/Name
//   the credential scope's service      its restful paths, or a form's Action
//   Action=...&Version=...              the model's API version
//   otherwise                           S3, path style or virtual-host style
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/aws/operation.h"
#include "src/aws/protocol.h"
#include "src/aws/query.h"
#include "src/http/message.h"

namespace millrace::aws {

enum class Found : uint8_t {
    served,             // `operation` is set
    not_served,         // the model has it, our table does not: 501
    unknown_operation,  // the service is ours, the operation is nobody's
    unknown_service,    // 501
    malformed,          // a path or form that can not be read: 400
};

struct Routed {
    Found found = Found::unknown_service;
    Protocol protocol = Protocol::rest_xml;
    const Service* service = nullptr;       // null for unknown services
    const OperationModel* model = nullptr;  // null for unknown operations
    const Operation* operation = nullptr;   // null unless served
    std::string_view operation_name;        // as asked; into the head, the body's fields or the model
    std::string_view service_name;          // of an unknown service: what the request calls it
    std::vector<std::pair<std::string_view, std::string>> labels;  // restful: label name and decoded value
    std::string virtual_bucket;                                    // S3: from the host
    Fields form;  // awsQuery: the fields of the body (or the query string)
    bool is_s3() const;
};

class Router {
  public:
    // `services` outlive the router.
    explicit Router(const std::vector<Service>& services);
    ~Router();

    // `scope_service` is the credential scope's, "" where unsigned. `body` matters to awsQuery alone: `begin` may leave
    // it empty, for no streamed operation is found by its body. The result refers into head, body and services.
    Routed route(const http::RequestHead& head, std::string_view scope_service, std::string_view body) const;

    // Of the first service whose credential scopes name it so; null where there is none.
    const ServiceModel* model_of(std::string_view scope_service) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// The bucket that a virtual-host style Host names: "bucket.s3.localhost:4566", "bucket.s3.eu-west-1.amazonaws.com",
// "bucket.localhost"; "" for path style.
std::string_view bucket_of_host(std::string_view host);

// One name of a raw query string ("a=b&c"), not decoded; false where absent. `value` may be null.
bool find_query(std::string_view query, std::string_view name, std::string_view* value);

}  // namespace millrace::aws
