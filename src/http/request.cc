#include "src/http/request.h"

#include <algorithm>
#include <cstring>

#include "src/base/result.h"
#include "src/http/server.h"

namespace millrace::http {

void BodyBuffer::reserve(size_t bytes) {
    if (bytes <= capacity_ && data_) return;
    char* moved = static_cast<char*>(std::realloc(data_, bytes + body_padding));
    MILLRACE_CHECK(moved != nullptr);
    data_ = moved;
    capacity_ = bytes;
}

void BodyBuffer::append(std::string_view bytes) {
    if (bytes.empty()) return;
    if (bytes.size() > room() || !data_) reserve(std::max({size_ + bytes.size(), capacity_ * 2, size_t{1024}}));
    std::memcpy(tail(), bytes.data(), bytes.size());
    size_ += bytes.size();
}

void BodyBuffer::pad() {
    reserve(size_);
    std::memset(data_ + size_, 0, body_padding);
}

void BodyBuffer::release() {
    std::free(data_);
    data_ = nullptr;
    size_ = capacity_ = 0;
}

void Request::clear() {
    head.method.clear();
    head.path.clear();
    head.query.clear();
    head.headers.clear();
    head.content_length.reset();
    head.version = 11;
    head.secure = false;
    body.clear();
    reserved_bytes = 0;
}

RequestPool::~RequestPool() {
    for (Request* request : free_) delete request;
}

Request* RequestPool::take() {
    {
        std::lock_guard lock(mutex_);
        if (!free_.empty()) {
            Request* request = free_.back();
            free_.pop_back();
            return request;
        }
    }
    return new Request();
}

void RequestPool::give_back(Request* request) {
    if (request->body.capacity() > kept_body_bytes_max) request->body.release();
    request->clear();
    {
        std::lock_guard lock(mutex_);
        if (free_.size() < kept_max) {
            free_.push_back(request);
            return;
        }
    }
    delete request;
}

}  // namespace millrace::http
