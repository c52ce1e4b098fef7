#include "src/http/outbound/response_reader.h"

#include <algorithm>

#include "src/http/chunk_decoder.h"
#include "src/http/response_parser.h"

namespace millrace::http {
namespace {

constexpr size_t read_bytes = 16 * 1024;

Error cut() {
    return {ErrorCode::unavailable, "the server closed the connection inside its response"};
}

}  // namespace

Error ResponseReader::too_large() const {
    return {ErrorCode::resource_exhausted,
            "the response's body is larger than " + std::to_string(limits_.body_bytes_max) + " bytes"};
}

Result<size_t> ResponseReader::more() {
    if (at_ > 0) input_.erase(0, std::exchange(at_, 0));
    const size_t before = input_.size();
    input_.resize(before + read_bytes);
    Result<size_t> got = read_(input_.data() + before, read_bytes);
    input_.resize(before + (got.ok() ? *got : 0));
    began_ |= !input_.empty();
    return got;
}

Result<ClientResponse> ResponseReader::read() {
    ClientResponse response;
    ResponseParser parser(limits_.answers_head, limits_.head_bytes_max);
    for (;;) {
        size_t taken = 0;
        TRY_ASSIGN(const bool done, parser.feed(std::string_view(input_).substr(at_), &taken, &response));
        at_ += taken;
        if (done) break;
        TRY_ASSIGN(const size_t got, more());
        if (got == 0) return began_ ? cut() : Error{ErrorCode::unavailable, "the server closed the connection"};
    }
    if (parser.chunked()) {
        TRY(chunked_body(&response.body));
    } else if (parser.until_close()) {
        TRY(endless_body(&response.body));
    } else {
        TRY(sized_body(parser.content_length(), &response.body));
    }
    return response;
}

Status ResponseReader::sized_body(uint64_t size, std::string* body) {
    if (size > limits_.body_bytes_max) return too_large();
    for (;;) {
        const size_t take = static_cast<size_t>(std::min<uint64_t>(size - body->size(), input_.size() - at_));
        body->append(input_, at_, take);
        at_ += take;
        if (body->size() == size) return {};
        TRY_ASSIGN(const size_t got, more());
        if (got == 0) return cut();
    }
}

Status ResponseReader::endless_body(std::string* body) {
    for (;;) {
        body->append(input_, at_);
        at_ = input_.size();
        if (body->size() > limits_.body_bytes_max) return too_large();
        TRY_ASSIGN(const size_t got, more());
        if (got == 0) return {};
    }
}

Status ResponseReader::chunked_body(std::string* body) {
    ChunkDecoder decoder;
    for (;;) {
        const ChunkDecoder::Step step = decoder.next(std::string_view(input_).substr(at_), SIZE_MAX);
        if (step.bad) return {ErrorCode::corruption, std::string(decoder.message())};
        body->append(step.data);
        at_ += step.taken;
        if (step.done) return {};
        if (body->size() > limits_.body_bytes_max) return too_large();
        if (step.taken > 0) continue;
        TRY_ASSIGN(const size_t got, more());
        if (got == 0) return cut();
    }
}

}  // namespace millrace::http
