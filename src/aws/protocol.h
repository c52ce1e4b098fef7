// The dialects that AWS's clients speak. The request says which one it is; a service answers in the dialect asked.
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::aws {

enum class Protocol : uint8_t {
    json_1_0,   // awsJson1_0: POST /, X-Amz-Target, application/x-amz-json-1.0
    json_1_1,   // awsJson1_1: the same with application/x-amz-json-1.1
    rest_json,  // restJson1: method, path and headers carry members; JSON bodies
    rest_xml,   // restXml: the same with XML bodies (S3)
    query,      // awsQuery: Action=...&Version=... as a form, XML answers
    rpc_cbor,   // smithy rpc-v2-cbor: POST /service/S/operation/O, Smithy-Protocol: rpc-v2-cbor
    amz_cbor,   // application/x-amz-cbor-1.1: awsJson1_1 with CBOR bodies (Java and Go SDKs with Kinesis)
};

constexpr bool is_json(Protocol protocol) {
    return protocol == Protocol::json_1_0 || protocol == Protocol::json_1_1 || protocol == Protocol::rest_json;
}
constexpr bool is_cbor(Protocol protocol) {
    return protocol == Protocol::rpc_cbor || protocol == Protocol::amz_cbor;
}
// Of bodies: "application/x-amz-json-1.1". Valid for ever.
std::string_view content_type_of(Protocol protocol);

}  // namespace millrace::aws
