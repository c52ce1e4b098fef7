#include "src/function/runtime_api.h"

#include <algorithm>
#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/function/loop.h"
#include "src/function/peer_uid.h"
#include "src/function/runtime_api_connection.h"

namespace millrace::function {
namespace {

constexpr std::string_view version_prefix = "/2018-06-01/runtime/";
constexpr std::string_view invocation_prefix = "invocation/";
constexpr size_t connections_max = 16;             // of one environment; curl-based runtimes make one a request
constexpr uint64_t dropped_bytes_max = 256 << 20;  // of a streamed answer that nobody waits for any more
constexpr int backlog = 16;

// A field's value may not end its line. What comes from callers is JSON or opaque, so spaces for controls are harmless.
void add_field(std::string_view name, std::string_view value, std::string& out) {
    out += name;
    out += ": ";
    for (char c : value) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    out += "\r\n";
}

void refuse(RuntimeApiConnection& connection, int status, std::string_view type, std::string_view message) {
    std::string body = R"({"errorMessage":")";
    body += message;
    body += R"(","errorType":")";
    body += type;
    body += "\"}\n";
    connection.answer(status, "application/json", "", body);
}

void accept_answer(RuntimeApiConnection& connection) {
    connection.answer(202, "application/json", "", "{\"status\":\"OK\"}\n");
}

}  // namespace

Result<std::unique_ptr<RuntimeApi>> RuntimeApi::open(Loop& loop, RuntimeApiOwner& owner, uint64_t response_bytes_max,
                                                     int64_t uid) {
    auto api = std::unique_ptr<RuntimeApi>(new RuntimeApi(loop, owner, response_bytes_max, uid));
    api->listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (api->listener_ < 0) return io_error("the Runtime API's socket", errno);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(api->listener_, generic, size) != 0 || ::listen(api->listener_, backlog) != 0 ||
        ::getsockname(api->listener_, generic, &size) != 0) {
        return io_error("the Runtime API's port", errno);
    }
    api->address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    loop.watch(api->listener_, EPOLLIN, [raw = api.get()](uint32_t) { raw->accept(); });
    return api;
}

RuntimeApi::~RuntimeApi() {
    connections_.clear();
    if (listener_ < 0) return;
    loop_.unwatch(listener_);
    ::close(listener_);
}

void RuntimeApi::accept() {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    const bool stranger = uid_ >= 0 && peer_uids_are_told() && peer_uid(descriptor) != uid_;
    if (connections_.size() >= connections_max || stranger) {
        ::close(descriptor);
        return;
    }
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto holder = std::make_shared<RuntimeApiConnection*>(nullptr);  // the callbacks' way to what they belong to
    auto connection = std::make_shared<RuntimeApiConnection>(
        loop_, descriptor, response_bytes_max_,
        RuntimeApiConnection::Callbacks{.on_request = [this, holder] { serve(**holder); },
                                        .on_closed = [this, holder] { close(*holder); },
                                        .on_stream = [this, holder] { return begin_stream(**holder); },
                                        .on_data = [this](std::string_view bytes) { return take_stream(bytes); }});
    *holder = connection.get();
    connections_.push_back(std::move(connection));
}

void RuntimeApi::close(RuntimeApiConnection* connection) {
    if (waiting_ == connection) waiting_ = nullptr;
    if (streaming_ == connection) {
        streaming_ = nullptr;
        if (!std::exchange(dropping_, false)) owner_.on_stream_broken();
    }
    auto found = std::find_if(connections_.begin(), connections_.end(),
                              [&](const auto& held) { return held.get() == connection; });
    if (found == connections_.end()) return;
    loop_.soon([kept = std::move(*found)] {});  // it is on the stack
    connections_.erase(found);
}

void RuntimeApi::serve(RuntimeApiConnection& connection) {
    if (connection.streamed()) return end_stream(connection);
    const http::RequestHead& head = connection.request();
    std::string_view path = head.path;
    if (!path.starts_with(version_prefix)) {
        if (path.starts_with("/2020-01-01/extension") || path.starts_with("/2022-07-01/telemetry") ||
            path.starts_with("/2020-08-15/logs")) {
            return refuse(connection, 403, "Extension.NotSupported", "extensions are not served");
        }
        return refuse(connection, 404, "InvalidRequest", "no such path in the Runtime API");
    }
    path.remove_prefix(version_prefix.size());
    if (path == "invocation/next" && head.method == "GET") return serve_next(connection);
    if (path.starts_with("restore/")) {
        return refuse(connection, 403, "SnapStart.NotSupported", "SnapStart is not served");
    }
    if (head.method != "POST") return refuse(connection, 405, "InvalidRequest", "no such method on this path");
    if (path == "init/error") {
        const std::string type(head.headers.get("lambda-runtime-function-error-type"));
        std::string body = connection.take_body();
        accept_answer(connection);
        return owner_.on_init_error(std::move(body), type);
    }
    if (!path.starts_with(invocation_prefix)) {
        return refuse(connection, 404, "InvalidRequest", "no such path in the Runtime API");
    }
    path.remove_prefix(invocation_prefix.size());
    const size_t slash = path.find('/');
    if (slash == std::string_view::npos) {
        return refuse(connection, 404, "InvalidRequest", "no such path in the Runtime API");
    }
    serve_answer(connection, path.substr(0, slash), path.substr(slash + 1));
}

void RuntimeApi::serve_next(RuntimeApiConnection& connection) {
    if (waiting_ != nullptr) {
        return refuse(connection, 403, "InvalidStateTransition", "another connection already waits for an event");
    }
    if (!owed_.empty()) {
        return refuse(connection, 403, "InvalidStateTransition", "the last event has not been answered");
    }
    waiting_ = &connection;
    owner_.on_next();
}

void RuntimeApi::serve_answer(RuntimeApiConnection& connection, std::string_view id, std::string_view verb) {
    if (verb != "response" && verb != "error") {
        return refuse(connection, 404, "InvalidRequest", "no such path in the Runtime API");
    }
    if (owed_.empty() || id != owed_) return refuse(connection, 400, "InvalidRequestID", "Invalid request ID");
    if (streaming_ != nullptr) {
        return refuse(connection, 403, "InvalidStateTransition", "the event's answer is being streamed already");
    }
    const std::string type(connection.request().headers.get("lambda-runtime-function-error-type"));
    owed_.clear();
    if (connection.body_too_large()) {
        refuse(connection, 413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size");
        return owner_.on_response_too_large();
    }
    std::string body = connection.take_body();
    accept_answer(connection);
    if (verb == "response") return owner_.on_response(std::move(body));
    owner_.on_error(std::move(body), type);
}

// --- answers that come as they are made

bool RuntimeApi::begin_stream(RuntimeApiConnection& connection) {
    const http::RequestHead& head = connection.request();
    std::string_view path = head.path;
    if (streaming_ != nullptr || owed_.empty() || head.method != "POST" || !path.starts_with(version_prefix))
        return false;
    path.remove_prefix(version_prefix.size());
    if (!path.starts_with(invocation_prefix) || !path.ends_with("/response")) return false;
    path.remove_prefix(invocation_prefix.size());
    if (path.substr(0, path.size() - std::string_view("/response").size()) != owed_) return false;
    streaming_ = &connection;
    dropping_ = false;
    dropped_ = 0;
    owner_.on_stream_begin(head.headers.get("content-type"));
    return true;
}

bool RuntimeApi::take_stream(std::string_view bytes) {
    if (dropping_) return (dropped_ += bytes.size()) <= dropped_bytes_max;
    owner_.on_stream_data(bytes);
    return true;
}

void RuntimeApi::end_stream(RuntimeApiConnection& connection) {
    streaming_ = nullptr;
    if (std::exchange(dropping_, false)) {
        return refuse(connection, 413, "RequestEntityTooLarge", "the answer was too large, or too late");
    }
    owed_.clear();
    const std::string type(connection.trailers().get("lambda-runtime-function-error-type"));
    const std::string body(connection.trailers().get("lambda-runtime-function-error-body"));
    accept_answer(connection);
    owner_.on_stream_end(type, body);
}

void RuntimeApi::pause_stream() {
    if (streaming_ != nullptr && !dropping_) streaming_->pause();
}

void RuntimeApi::resume_stream() {
    if (streaming_ != nullptr) streaming_->resume();
}

void RuntimeApi::send(const ApiEvent& event) {
    MILLRACE_CHECK(waiting_ != nullptr);
    owed_ = event.request_id;
    std::string fields;
    add_field("Lambda-Runtime-Aws-Request-Id", event.request_id, fields);
    add_field("Lambda-Runtime-Deadline-Ms", std::to_string(event.deadline_ms), fields);
    add_field("Lambda-Runtime-Invoked-Function-Arn", event.invoked_arn, fields);
    add_field("Lambda-Runtime-Trace-Id", event.trace_header, fields);
    if (!event.client_context.empty()) add_field("Lambda-Runtime-Client-Context", event.client_context, fields);
    RuntimeApiConnection* connection = waiting_;
    waiting_ = nullptr;
    connection->answer(200, "application/json", fields, event.payload);
}

}  // namespace millrace::function
