// HTTP/1: from answers to bytes.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <sys/sendfile.h>

#include "src/http/http1_protocol.h"
#include "src/http/response_head.h"
#include "src/io/executor.h"

namespace millrace::http {
namespace {

constexpr size_t output_bytes_high = 1 << 20;          // no more responses are queued above this
constexpr size_t output_bytes_low = 256 * 1024;        // the next chunk of a streamed response is queued below this
constexpr uint64_t sendfile_bytes_per_turn = 8 << 20;  // then the worker goes back to the pool
constexpr uint64_t sendfile_bytes_per_call = 1 << 20;

Connection::Lent send_range(int socket, BodySource::FileRange file) {
    Connection::Lent lent;
    auto offset = static_cast<off_t>(file.offset);
    uint64_t turn = std::min(file.size, sendfile_bytes_per_turn);
    while (lent.sent < turn) {
        uint64_t size = std::min(turn - lent.sent, sendfile_bytes_per_call);
        ssize_t sent = ::sendfile(socket, file.descriptor, &offset, static_cast<size_t>(size));
        if (sent > 0) {
            lent.sent += static_cast<uint64_t>(sent);
        } else if (sent < 0 && errno == EINTR) {
            continue;
        } else {
            lent.would_block = sent < 0 && errno == EAGAIN;
            if (!lent.would_block) lent.error = sent == 0 ? EIO : errno;  // 0: the file is shorter than announced
            break;
        }
    }
    return lent;
}

}  // namespace

void Http1::produce() {
    while (!connection_.is_closing() && !connection_.is_closed()) {
        if (streaming_) {
            stream_front();
            if (streaming_) return;
            continue;
        }
        if (slots_.empty() || connection_.output().size() >= output_bytes_high) break;
        if (!slots_.front().ready) {
            send_continue_if_due();
            break;
        }
        write_front();
    }
    bool between = slots_.empty() && reading_ == Reading::head && !parser_.started();
    if (draining_ && between) connection_.close_after_output();
}

void Http1::send_continue_if_due() {
    if (!continue_unsent_ || !continue_due_ || budget_wanted_ > 0 || slots_.size() != 1) return;
    continue_unsent_ = false;
    connection_.output().append(std::string_view("HTTP/1.1 100 Continue\r\n\r\n"));
}

void Http1::write_front() {
    Slot& slot = slots_.front();
    Response& response = slot.response;
    bool is_last = draining_ && slots_.size() == 1 && reading_ == Reading::head && !parser_.started();
    bool keep_alive = slot.keep_alive && !response.close && !is_last;
    bool bodiless = is_bodiless(response.status);

    HeadOptions options;
    if (!bodiless) {
        if (slot.is_head && response.head_content_length) {
            options.content_length = response.head_content_length;
        } else {
            options.content_length = response.source ? response.source_size : response.body.size();
        }
        if (!options.content_length) {
            options.chunked = slot.version == 11;
            if (!options.chunked && !slot.is_head) keep_alive = false;  // HTTP/1.0: the end of the body is the end
        }
    }
    options.close = !keep_alive;
    options.say_keep_alive = slot.version == 10;
    options.date = connection_.loop().date();

    OutputQueue& output = connection_.output();
    std::string& head = output.tail();
    size_t before = head.size();
    write_response_head(response, options, &head);
    output.grown(head.size() - before);

    if (bodiless || slot.is_head) {
        discard_source(std::move(response.source), core_.executor);
        return end_front(keep_alive);
    }
    if (response.source) return begin_streaming(slot, options.chunked, keep_alive);
    output.append(std::move(response.body));
    end_front(keep_alive);
}

void Http1::begin_streaming(Slot& slot, bool chunked, bool keep_alive) {
    Response& response = slot.response;
    Streaming& streaming = streaming_.emplace();
    streaming.chunked = chunked;
    streaming.left = response.source_size;
    streaming.keep_alive = keep_alive;
    auto file = response.source->file_range();
    if (file && !chunked && !connection_.is_secure() && streaming.left == file->size) {
        streaming.file = *file;
        streaming.source = std::move(response.source);
    } else {
        streaming.pump = std::make_shared<SourcePump>(std::move(response.source), core_.executor);
    }
}

// Queues what the worker has read, and asks for more while little is queued.
void Http1::stream_front() {
    if (!streaming_->pump) return send_file();
    Streaming& streaming = *streaming_;
    OutputQueue& output = connection_.output();
    while (output.size() < output_bytes_low) {
        if (streaming.pump->failed()) return connection_.close();  // abruptly: the body must not look whole
        if (streaming.pump->has_chunk()) {
            std::string chunk = streaming.pump->take_chunk();
            if (streaming.left) {
                if (chunk.size() > *streaming.left) return connection_.close();  // more than it announced
                *streaming.left -= chunk.size();
            }
            char size[24];
            if (streaming.chunked)
                output.append(std::string_view(
                    size, static_cast<size_t>(std::snprintf(size, sizeof size, "%zx\r\n", chunk.size()))));
            output.append(std::move(chunk));
            if (streaming.chunked) output.append(std::string_view("\r\n"));
            continue;
        }
        if (streaming.pump->ended()) {
            if (streaming.left.value_or(0) > 0) return connection_.close();
            if (streaming.chunked) output.append(std::string_view("0\r\n\r\n"));
            return end_front(streaming.keep_alive);
        }
        break;
    }
    streaming.pump->want(connection_.shared_from_this());
}

// The kernel sends the file itself; a worker asks it to, since the disk may take its time.
void Http1::send_file() {
    if (streaming_->file.size == 0) return end_front(streaming_->keep_alive);
    if (!connection_.output().empty() || !connection_.can_write()) return;
    bool lent = connection_.lend_socket([file = streaming_->file](int socket) { return send_range(socket, file); },
                                        [this](Connection::Lent back) {
                                            if (back.error != 0) return connection_.close();
                                            streaming_->file.offset += back.sent;
                                            streaming_->file.size -= back.sent;
                                        });
    if (!lent) connection_.close();
}

void Http1::end_front(bool keep_alive) {
    if (streaming_) discard_source(std::move(streaming_->source), core_.executor);
    streaming_.reset();
    slots_.pop_front();
    ++first_id_;
    if (keep_alive) return;
    reading_ = Reading::nothing;
    if (pipe_) pipe_->fail({ErrorCode::cancelled, "The connection was closed."});
    pipe_.reset();
    connection_.close_after_output();
}

}  // namespace millrace::http
