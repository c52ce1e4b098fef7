// Errors on the wire. JSON: {"__type":"X","message":"..."}; restJson besides in x-amzn-errortype; CBOR the same map;
// S3 <Error>; awsQuery <ErrorResponse>. Services that once spoke query repeat the old code in x-amzn-query-error.
#include <algorithm>

#include "src/aws/cbor.h"
#include "src/aws/codec.h"
#include "src/aws/json.h"
#include "src/aws/xml.h"

namespace millrace::aws {
namespace {

const ErrorModel* find_error(const ServiceModel* service, std::string_view code) {
    if (service == nullptr) return nullptr;
    for (const ErrorModel& error : service->errors) {
        if (error.name == code || (!error.code.empty() && error.code == code)) return &error;
    }
    return nullptr;
}

std::string_view message_member(const ServiceModel* service) {
    return service == nullptr ? "message" : service->message_member;
}

// DynamoDB alone says where its errors' names are from; its SDKs take what follows the '#'.
std::string_view name_space_of(const ServiceModel* service, std::string_view name, bool modelled) {
    if (service == nullptr || !service->target_prefix.starts_with("DynamoDB")) return {};
    if (modelled) return "com.amazonaws.dynamodb.v20120810#";
    return name == "ValidationException" ? "com.amazon.coral.validate#" : "com.amazon.coral.service#";
}

void encode_json_failure(const ServiceModel* service, const Failure& failure, std::string_view name,
                         http::Response& response) {
    std::string& out = response.body;
    out = "{\"__type\":";
    append_json_string(std::string(name_space_of(service, name, find_error(service, name) != nullptr)).append(name),
                       out);
    if (!failure.message.empty()) {
        out += ",\"" + std::string(message_member(service)) + "\":";
        append_json_string(failure.message, out);
    }
    for (const auto& [field, value] : failure.fields) {
        out += ',';
        append_json_string(field, out);
        out += ':';
        append_json_string(value, out);
    }
    if (!failure.json.empty()) out.append(",").append(failure.json);
    out += '}';
}

void encode_cbor_failure(const ServiceModel* service, Protocol protocol, const Failure& failure, std::string_view name,
                         http::Response& response) {
    if (protocol == Protocol::rpc_cbor) response.headers.add("smithy-protocol", "rpc-v2-cbor");
    append_cbor_map_head(2 + failure.fields.size(), response.body);
    append_cbor_text("__type", response.body);
    append_cbor_text(name, response.body);
    append_cbor_text(message_member(service), response.body);
    append_cbor_text(failure.message, response.body);
    for (const auto& [field, value] : failure.fields) {
        append_cbor_text(field, response.body);
        append_cbor_text(value, response.body);
    }
}

void encode_s3_failure(const Failure& failure, std::string_view request_id, std::string_view host_id,
                       std::string_view resource, std::string& out) {
    out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>";
    append_xml_element("Code", failure.code, out);
    append_xml_element("Message", failure.message, out);
    bool has_resource = false;
    for (const auto& [field, value] : failure.fields) {
        append_xml_element(field, value, out);
        has_resource = has_resource || field == "Resource";
    }
    if (!has_resource) append_xml_element("Resource", resource, out);
    append_xml_element("RequestId", request_id, out);
    append_xml_element("HostId", host_id, out);
    out += "</Error>";
}

void encode_query_failure(const ServiceModel* service, const Failure& failure, std::string_view code, bool server,
                          std::string_view request_id, std::string& out) {
    out = "<ErrorResponse xmlns=\"";
    append_xml_text(service == nullptr ? std::string_view() : service->xml_namespace, out);
    out += "\"><Error>";
    append_xml_element("Type", server ? "Receiver" : "Sender", out);
    append_xml_element("Code", code, out);
    append_xml_element("Message", failure.message, out);
    for (const auto& [field, value] : failure.fields) append_xml_element(field, value, out);
    out += "</Error>";
    append_xml_element("RequestId", request_id, out);
    out += "</ErrorResponse>";
}

}  // namespace

http::Response encode_failure(const ServiceModel* service, Protocol protocol, const Failure& failure,
                              std::string_view request_id, std::string_view host_id, std::string_view resource) {
    const ErrorModel* model = find_error(service, failure.code);
    http::Response response;
    response.status = failure.status != 0 ? failure.status : model != nullptr ? model->status : 400;
    for (const auto& [name, value] : failure.headers) response.headers.add(name, value);
    if (response.status == 304) return response;
    const bool server = model != nullptr ? model->server_fault : response.status >= 500;
    // The model's name of the shape in JSON and CBOR, the wire code in XML, where the two differ.
    const std::string_view name = model != nullptr ? model->name : std::string_view(failure.code);
    const std::string_view code =
        model != nullptr && !model->code.empty() ? model->code : std::string_view(failure.code);
    response.headers.add("content-type", content_type_of(protocol));
    switch (protocol) {
        case Protocol::json_1_0:
        case Protocol::json_1_1:
            encode_json_failure(service, failure, name, response);
            break;
        case Protocol::rest_json:
            response.headers.add("x-amzn-errortype", name);
            encode_json_failure(service, failure, name, response);
            break;
        case Protocol::rpc_cbor:
        case Protocol::amz_cbor:
            encode_cbor_failure(service, protocol, failure, name, response);
            break;
        case Protocol::query:
            encode_query_failure(service, failure, code, server, request_id, response.body);
            break;
        case Protocol::rest_xml:
            encode_s3_failure(failure, request_id, host_id, resource, response.body);
            break;
    }
    if (service != nullptr && service->query_compatible && protocol != Protocol::query)
        response.headers.add("x-amzn-query-error", std::string(code) + (server ? ";Receiver" : ";Sender"));
    return response;
}

}  // namespace millrace::aws
