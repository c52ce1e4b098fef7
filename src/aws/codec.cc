#include "src/aws/codec.h"

#include "src/aws/cbor.h"
#include "src/aws/event_stream.h"
#include "src/aws/json.h"
#include "src/aws/rest.h"
#include "src/aws/scalar_text.h"
#include "src/aws/validate.h"
#include "src/aws/xml.h"

namespace millrace::aws {
namespace {

bool decode_body(Protocol protocol, const Shape& shape, std::string_view body, void* out, Decoding& decoding) {
    if (protocol != Protocol::rest_xml) return decode_json(shape, body, out, decoding);
    if (body.empty()) {
        SeenMembers(shape).report_missing(Place{}, decoding.violations, true);
        return true;
    }
    return decode_xml(shape, body, out, decoding);
}

bool decode_restful(const Routed& routed, const http::RequestHead& head, std::string_view body, void* out,
                    Decoding& decoding) {
    const Shape& shape = *routed.operation->input;
    if (!decode_rest(shape, head, routed.labels, out, decoding)) return false;
    if (shape.payload_streams) return true;
    if (shape.payload == nullptr)
        return !has_body_members(shape) || decode_body(routed.protocol, shape, body, out, decoding);
    const Place root;
    const Place place{&root, shape.payload->name, 0};
    if (body.empty()) {
        if (shape.payload->required) decoding.violations.missing(place);
        return true;
    }
    const Shape& payload = *shape.payload->shape;
    void* field = shape.payload->make(out);
    if (payload.kind == Kind::structure) return decode_body(routed.protocol, payload, body, field, decoding);
    *static_cast<std::string*>(field) = body;  // a blob or a string, as it is
    return true;
}

bool decode_any(const Routed& routed, const http::RequestHead& head, std::string_view body, void* out,
                Decoding& decoding) {
    const Shape& shape = *routed.operation->input;
    switch (routed.protocol) {
        case Protocol::json_1_0:
        case Protocol::json_1_1:
            return decode_json(shape, body, out, decoding);
        case Protocol::rpc_cbor:
            return decode_cbor(shape, body, CborTime::seconds, out, decoding);
        case Protocol::amz_cbor:
            return decode_cbor(shape, body, CborTime::milliseconds, out, decoding);
        case Protocol::query:
            return decode_query(shape, routed.form, out, decoding);
        case Protocol::rest_json:
        case Protocol::rest_xml:
            return decode_restful(routed, head, body, out, decoding);
    }
    return false;
}

// The code under which a service reports input that breaks the model's constraints.
std::string_view validation_code(const Routed& routed) {
    const std::string_view service = routed.service->model->name;
    if (routed.protocol == Protocol::query) return "ValidationError";
    if (service == "s3") return "InvalidArgument";
    if (service == "athena") return "InvalidRequestException";
    return "ValidationException";
}

Failure undecodable(const Routed& routed, std::string why) {
    if (routed.is_s3()) {
        const bool xml = why.find("XML") != std::string::npos;
        return Failure{xml ? "MalformedXML" : "InvalidArgument", std::move(why), 400, {}, {}};
    }
    if (routed.protocol == Protocol::query) return Failure{"MalformedInput", std::move(why), 400, {}, {}};
    return Failure{"SerializationException", std::move(why), 400, {}, {}};
}

Failure not_honoured(const Routed& routed, const Refusal& refusal) {
    std::string sentence = "Millrace does not honour the parameter " + std::string(refusal.path) + " of " +
                           std::string(routed.operation->name) + ": " + std::string(refusal.reason);
    if (routed.is_s3()) return Failure{"NotImplemented", std::move(sentence), 501, {}, {}};
    return Failure{std::string(validation_code(routed)), std::move(sentence), 400, {}, {}};
}

// Root elements that S3 answers with and its model does not name.
std::string_view s3_root(std::string_view operation) {
    static constexpr std::pair<std::string_view, std::string_view> names[] = {
        {"ListBuckets", "ListAllMyBucketsResult"},
        {"ListObjects", "ListBucketResult"},
        {"ListObjectsV2", "ListBucketResult"},
        {"ListObjectVersions", "ListVersionsResult"},
        {"CreateMultipartUpload", "InitiateMultipartUploadResult"},
        {"CompleteMultipartUpload", "CompleteMultipartUploadResult"},
        {"ListMultipartUploads", "ListMultipartUploadsResult"},
        {"ListParts", "ListPartsResult"},
        {"DeleteObjects", "DeleteResult"},
        {"GetObjectTagging", "Tagging"},
        {"GetBucketTagging", "Tagging"},
        {"GetBucketVersioning", "VersioningConfiguration"},
        {"GetBucketAcl", "AccessControlPolicy"},
        {"GetObjectAcl", "AccessControlPolicy"},
        {"GetBucketCors", "CORSConfiguration"},
        {"GetBucketLifecycleConfiguration", "LifecycleConfiguration"},
        {"GetBucketNotificationConfiguration", "NotificationConfiguration"},
        {"GetBucketRequestPayment", "RequestPaymentConfiguration"},
        {"GetBucketWebsite", "WebsiteConfiguration"},
        {"GetObjectAttributes", "GetObjectAttributesResponse"},
    };
    for (const auto& [name, root] : names) {
        if (name == operation) return root;
    }
    return {};
}

constexpr std::string_view xml_declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
constexpr std::string_view s3_namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

void encode_xml_body(const Routed& routed, const Shape& shape, const void* value, std::string& out) {
    out += xml_declaration;
    if (routed.model->name == "GetBucketLocation") {
        // The one answer that is a bare element: <LocationConstraint xmlns="...">eu-west-1</LocationConstraint>
        const void* field = shape.members.empty() ? nullptr : shape.members[0].get(value);
        out += "<LocationConstraint xmlns=\"" + std::string(s3_namespace) + "\">";
        if (field != nullptr) append_xml_text(*static_cast<const std::string*>(field), out);
        out += "</LocationConstraint>";
        return;
    }
    const bool s3 = routed.service->model->name == "s3";
    std::string_view name = shape.xml_name;
    if (s3 && !s3_root(routed.model->name).empty()) name = s3_root(routed.model->name);
    if (name.empty()) name = shape.name;
    encode_xml(shape, value, name, s3 ? s3_namespace : shape.xml_namespace, out);
}

void encode_restful(const Routed& routed, const detail::Answer& answer, http::Response& response) {
    const Shape& shape = *answer.shape;
    encode_rest(shape, answer.value, response);
    if (shape.payload_streams) return;
    const bool xml = routed.protocol == Protocol::rest_xml;
    const std::string_view content_type = content_type_of(routed.protocol);
    if (shape.payload != nullptr) {
        const void* field = shape.payload->get(answer.value);
        if (field == nullptr) return;
        const Shape& payload = *shape.payload->shape;
        if (payload.kind != Kind::structure) {
            response.body = *static_cast<const std::string*>(field);
            return;
        }
        response.headers.set("content-type", content_type);
        if (xml) {
            response.body = xml_declaration;
            const std::string_view name = payload.xml_name.empty() ? shape.payload->wire : payload.xml_name;
            encode_xml(payload, field, name, s3_namespace, response.body);
        } else {
            encode_json(payload, field, response.body);
        }
        return;
    }
    if (!has_body_members(shape)) {
        if (!xml && response.status != 204) {
            response.headers.set("content-type", content_type);
            response.body = "{}";
        }
        return;
    }
    response.headers.set("content-type", content_type);
    if (xml) {
        encode_xml_body(routed, shape, answer.value, response.body);
    } else {
        encode_json(shape, answer.value, response.body);
    }
}

void encode_query_answer(const Routed& routed, std::string_view request_id, const detail::Answer& answer,
                         std::string& out) {
    const std::string operation(routed.model->name);
    out += "<" + operation + "Response xmlns=\"";
    append_xml_text(routed.service->model->xml_namespace, out);
    out += "\">";
    if (!answer.shape->members.empty()) {
        const std::string wrapper =
            routed.model->result_wrapper.empty() ? operation + "Result" : std::string(routed.model->result_wrapper);
        out += "<" + wrapper + ">";
        encode_xml_members(*answer.shape, answer.value, out);
        out += "</" + wrapper + ">";
    }
    out += "<ResponseMetadata>";
    append_xml_element("RequestId", request_id, out);
    out += "</ResponseMetadata></" + operation + "Response>";
}

}  // namespace

std::string_view content_type_of(Protocol protocol) {
    switch (protocol) {
        case Protocol::json_1_0:
            return "application/x-amz-json-1.0";
        case Protocol::json_1_1:
            return "application/x-amz-json-1.1";
        case Protocol::rest_json:
            return "application/json";
        case Protocol::rest_xml:
            return "application/xml";
        case Protocol::query:
            return "text/xml";
        case Protocol::rpc_cbor:
            return "application/cbor";
        case Protocol::amz_cbor:
            return "application/x-amz-cbor-1.1";
    }
    return {};
}

std::optional<Failure> decode_request(const Routed& routed, const http::RequestHead& head, std::string_view body,
                                      void* input) {
    Decoding decoding;
    if (!decode_any(routed, head, body, input, decoding)) return undecodable(routed, std::move(decoding.refused));
    const Operation& operation = *routed.operation;
    for (const Refusal& refusal : operation.refusals) {
        if (is_present(*operation.input, input, refusal.path)) return not_honoured(routed, refusal);
    }
    // S3 checks values in its own words; its handlers do.
    if (!routed.is_s3()) validate(*operation.input, input, Place{}, decoding.violations);
    if (!decoding.violations.empty()) return decoding.violations.failure(validation_code(routed));
    return std::nullopt;
}

http::Response encode_answer(const Routed& routed, std::string_view request_id, detail::Answer answer) {
    http::Response response;
    response.status = routed.model->status;
    if (answer.shape->streams_events) {
        if (routed.protocol == Protocol::rest_json) encode_rest(*answer.shape, answer.value, response);
        response.headers.set("content-type", event_stream_content_type);
        response.source = std::move(answer.source);
        return response;
    }
    switch (routed.protocol) {
        case Protocol::json_1_0:
        case Protocol::json_1_1:
            response.headers.add("content-type", content_type_of(routed.protocol));
            // An operation without output answers an empty body.
            if (!answer.shape->name.empty()) encode_json(*answer.shape, answer.value, response.body);
            break;
        case Protocol::rpc_cbor:
            response.headers.add("smithy-protocol", "rpc-v2-cbor");
            response.headers.add("content-type", content_type_of(routed.protocol));
            encode_cbor(*answer.shape, answer.value, CborTime::seconds, response.body);
            break;
        case Protocol::amz_cbor:
            response.headers.add("content-type", content_type_of(routed.protocol));
            encode_cbor(*answer.shape, answer.value, CborTime::milliseconds, response.body);
            break;
        case Protocol::query:
            response.headers.add("content-type", content_type_of(routed.protocol));
            encode_query_answer(routed, request_id, answer, response.body);
            break;
        case Protocol::rest_json:
        case Protocol::rest_xml:
            encode_restful(routed, answer, response);
            break;
    }
    if (answer.status != 0) response.status = answer.status;
    response.source = std::move(answer.source);
    response.source_size = answer.source_size;
    return response;
}

}  // namespace millrace::aws
