// HTTP/2: from answers to frames.
#include <algorithm>
#include <cstring>
#include <utility>

#include "src/http/characters.h"
#include "src/http/http2_session.h"
#include "src/http/response_head.h"

namespace millrace::http {
namespace {

constexpr size_t output_bytes_low = 256 * 1024;  // no more frames are made above this; nghttp2 keeps them in order

// A field as HTTP/2 wants it: name in lower case, value without control characters or outer blanks.
struct Field {
    std::string name;
    std::string value;
};

Field field_of(std::string_view name, std::string_view value) {
    Field field{std::string(name), std::string(trim_blanks(value))};
    for (char& c : field.name) c = to_token_lower(c) ? to_token_lower(c) : '_';
    for (char& c : field.value) {
        if (!is_field_value(c)) c = ' ';
    }
    return field;
}

nghttp2_nv as_nv(const Field& field) {
    return {reinterpret_cast<uint8_t*>(const_cast<char*>(field.name.data())),
            reinterpret_cast<uint8_t*>(const_cast<char*>(field.value.data())), field.name.size(), field.value.size(),
            NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

void Http2::answer(uint64_t exchange_id, Response response) {
    --exchanges_under_way_;
    Stream* stream = find(static_cast<int32_t>(exchange_id));
    if (!stream || stream->answered) {
        discard_source(std::move(response.source), core_.executor);
        return;
    }
    submit(*stream, std::move(response));
}

// Answers a stream whose request is not handed over.
void Http2::refuse(Stream& stream, int status, std::string_view message) {
    core_.refused.fetch_add(1);
    Response response = core_.handler.refuse(&stream.request->head, status, message);
    forget(stream);
    submit(stream, std::move(response));
}

void Http2::submit(Stream& stream, Response response) {
    stream.answered = true;
    if (!stream.body_done) {
        if (stream.pipe) stream.pipe->fail({ErrorCode::cancelled, "The request was answered before its body's end."});
        stream.sink = Stream::Sink::discard;
    }
    bool bodiless = is_bodiless(response.status);
    std::optional<uint64_t> length;
    if (!bodiless) {
        length = response.source ? response.source_size : response.body.size();
        if (stream.is_head && response.head_content_length) length = response.head_content_length;
    }
    std::vector<Field> fields;
    fields.reserve(response.headers.size() + 3);
    fields.push_back({":status", std::to_string(std::clamp(response.status, 200, 999))});
    fields.push_back({"date", std::string(connection_.loop().date())});
    for (const auto& [name, value] : response.headers.fields()) {
        if (!is_server_field(name)) fields.push_back(field_of(name, value));
    }
    if (length) fields.push_back({"content-length", std::to_string(*length)});
    std::vector<nghttp2_nv> block;
    block.reserve(fields.size());
    for (const Field& field : fields) block.push_back(as_nv(field));

    bool has_body = !bodiless && !stream.is_head && (response.source || !response.body.empty());
    nghttp2_data_provider provider{};
    if (has_body) {
        stream.body = std::move(response.body);
        if (response.source) {
            stream.left = response.source_size;
            stream.pump = std::make_shared<SourcePump>(std::move(response.source), core_.executor);
        }
        provider.read_callback = [](nghttp2_session*, int32_t id, uint8_t* out, size_t size, uint32_t* flags,
                                    nghttp2_data_source*,
                                    void* user) { return static_cast<Http2*>(user)->provide(id, out, size, flags); };
    } else {
        discard_source(std::move(response.source), core_.executor);
    }
    nghttp2_submit_response(session_, stream.id, block.data(), block.size(), has_body ? &provider : nullptr);
    if (response.close && !draining_) drain();
}

// Copies the next bytes of a response into a DATA frame.
ssize_t Http2::provide(int32_t stream_id, uint8_t* out, size_t size, uint32_t* flags) {
    Stream* stream = find(stream_id);
    if (!stream) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (!stream->pump) {
        size_t part = std::min(size, stream->body.size() - stream->offset);
        std::memcpy(out, stream->body.data() + stream->offset, part);
        stream->offset += part;
        stream->sent += part;
        if (stream->offset == stream->body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
        return static_cast<ssize_t>(part);
    }
    SourcePump& pump = *stream->pump;
    // A reset, not an end: the body must not look whole.
    if (pump.failed()) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (pump.has_chunk()) {
        const std::string& chunk = pump.front();
        size_t part = std::min(size, chunk.size() - stream->offset);
        if (stream->left && part > *stream->left) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        std::memcpy(out, chunk.data() + stream->offset, part);
        stream->offset += part;
        stream->sent += part;
        if (stream->left) *stream->left -= part;
        if (stream->offset == chunk.size()) {
            pump.take_chunk();
            stream->offset = 0;
            pump.want(connection_.shared_from_this());
        }
        return static_cast<ssize_t>(part);
    }
    if (pump.ended()) {
        if (stream->left.value_or(0) > 0) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        return 0;
    }
    pump.want(connection_.shared_from_this());
    if (pump.failed()) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // no worker is free
    stream->deferred = true;
    deferred_.push_back(stream_id);
    return NGHTTP2_ERR_DEFERRED;
}

void Http2::produce() {
    if (connection_.is_closed() || connection_.is_closing()) return;
    for (size_t i = deferred_.size(); i-- > 0;) {
        Stream* stream = find(deferred_[i]);
        bool ready = stream && (stream->pump->has_chunk() || stream->pump->ended() || stream->pump->failed());
        if (stream && !ready) continue;
        if (stream) {
            stream->deferred = false;
            nghttp2_session_resume_data(session_, stream->id);
        }
        deferred_[i] = deferred_.back();
        deferred_.pop_back();
    }
    OutputQueue& output = connection_.output();
    while (output.size() < output_bytes_low) {
        const uint8_t* bytes = nullptr;
        ssize_t size = nghttp2_session_mem_send(session_, &bytes);
        if (size < 0) return connection_.close();
        if (size == 0) break;
        output.append(std::string_view(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size)));
    }
    if (!nghttp2_session_want_read(session_) && !nghttp2_session_want_write(session_)) {
        connection_.close_after_output();
    }
}

int Http2::frame_sent(const nghttp2_frame& frame) {
    bool ends = (frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA) &&
                (frame.hd.flags & NGHTTP2_FLAG_END_STREAM);
    if (!ends) return 0;
    Stream* stream = find(frame.hd.stream_id);
    // RFC 9113, section 8.1: a complete answer to an incomplete request; the rest of the request is not wanted.
    if (stream && !stream->body_done) {
        nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
    }
    return 0;
}

}  // namespace millrace::http
