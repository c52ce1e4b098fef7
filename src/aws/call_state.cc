#include "src/aws/call_state.h"

#include <charconv>
#include <cstring>

#include "src/aws/codec.h"
#include "src/base/checksum.h"
#include "src/base/random_text.h"
#include "src/base/result.h"

namespace millrace::aws {
namespace detail {

std::string make_request_id(bool is_s3) {
    if (is_s3) return random_text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 16);
    return random_request_id();
}

std::string make_host_id() {
    return random_text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 75) + "=";
}

void add_request_ids(Protocol protocol, std::string_view request_id, std::string_view host_id,
                     http::Response& response) {
    if (protocol == Protocol::rest_xml) {
        response.headers.add("x-amz-request-id", request_id);
        response.headers.add("x-amz-id-2", host_id);
    } else {
        response.headers.add("x-amzn-requestid", request_id);
    }
}

std::string_view CallState::decoded_view() const {
    return std::string_view(decoded_body).substr(0, decoded_body.size() - http::body_padding);
}

void CallState::respond(http::Response response) {
    // The first answer is the one; a second is our bug, and must not reach another request's client.
    MILLRACE_CHECK(!answered.exchange(true));
    // A content-length among an output's members is http's business.
    if (const std::string* said = response.headers.find("content-length")) {
        uint64_t length = 0;
        const char* end = said->data() + said->size();
        if (std::from_chars(said->data(), end, length).ptr == end) {
            if (context.head->method == "HEAD") {
                response.head_content_length = length;
            } else if (response.source != nullptr && !response.source_size) {
                response.source_size = length;
            }
        }
        response.headers.remove("content-length");
    }
    if (context.head->method == "HEAD") {
        response.body.clear();
        response.source.reset();
    }
    add_request_ids(routed.protocol, context.request_id, host_id, response);
    if (routed.service != nullptr && routed.service->sums_answers) {
        response.headers.add("x-amz-crc32", std::to_string(crc32(0, response.body)));
    }
    exchange->respond(std::move(response));
}

void answer(CallState& call, Answer answer) {
    call.respond(encode_answer(call.routed, call.context.request_id, std::move(answer)));
}

void answer(CallState& call, const Failure& failure) {
    // Where the body itself was wrong, the handler's failure is only the echo of that.
    const bool body_failed = call.reader != nullptr && call.reader->failure().has_value();
    const ServiceModel* service = call.routed.service == nullptr ? nullptr : call.routed.service->model;
    call.respond(encode_failure(service, call.routed.protocol, body_failed ? *call.reader->failure() : failure,
                                call.context.request_id, call.host_id, call.context.head->path));
}

}  // namespace detail

const CallContext& RawCall::context() const {
    return call_->context;
}

std::string_view RawCall::body() const {
    return call_->body();
}

void RawCall::succeed(std::string body) const {
    http::Response response;
    response.status = call_->routed.model->status;
    if (call_->routed.protocol == Protocol::rpc_cbor) response.headers.add("smithy-protocol", "rpc-v2-cbor");
    response.headers.add("content-type", content_type_of(call_->routed.protocol));
    response.body = std::move(body);
    call_->respond(std::move(response));
}

std::optional<Failure> RawCall::decode_into(const Shape& shape, void* input) const {
    MILLRACE_CHECK(&shape == call_->routed.operation->input);
    return decode_request(call_->routed, *call_->context.head, call_->body(), input);
}

}  // namespace millrace::aws
