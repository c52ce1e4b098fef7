#include "src/http/body_pipe.h"

#include <algorithm>
#include <cstring>

namespace millrace::http {

Result<size_t> BodyPipe::read(std::span<char> out) {
    if (out.empty()) return size_t{0};
    std::unique_lock lock(mutex_);
    if (size_ == 0 && !finished_ && !failure_) {
        bool say_wanted = !std::exchange(wanted_said_, true) && hooks_.wanted;
        size_t taken = std::exchange(taken_unsaid_, 0);
        lock.unlock();
        if (say_wanted) hooks_.wanted();
        if (taken > 0 && hooks_.taken) hooks_.taken(taken);
        lock.lock();
        waiting_ = true;
        arrived_.wait(lock, [this] { return size_ > 0 || finished_ || failure_; });
        waiting_ = false;
    }
    if (failure_) return *failure_;
    size_t got = 0;
    while (got < out.size() && size_ > 0) {
        const std::string& piece = pieces_.front();
        size_t bytes = std::min(out.size() - got, piece.size() - offset_);
        std::memcpy(out.data() + got, piece.data() + offset_, bytes);
        got += bytes;
        offset_ += bytes;
        size_ -= bytes;
        if (offset_ == piece.size()) {
            pieces_.pop_front();
            offset_ = 0;
        }
    }
    taken_unsaid_ += got;
    size_t taken = 0;
    if (taken_unsaid_ >= taken_step && !finished_) taken = std::exchange(taken_unsaid_, 0);
    lock.unlock();
    if (taken > 0 && hooks_.taken) hooks_.taken(taken);
    return got;
}

size_t BodyPipe::room() {
    std::lock_guard lock(mutex_);
    return size_ < capacity && !failure_ ? capacity - size_ : 0;
}

void BodyPipe::push(std::string_view bytes) {
    if (bytes.empty()) return;
    std::lock_guard lock(mutex_);
    if (failure_) return;
    // Small pieces share a string, so that a body sent in single bytes is not a million strings.
    if (!pieces_.empty() && pieces_.back().size() + bytes.size() <= pieces_.back().capacity()) {
        pieces_.back().append(bytes);
    } else {
        std::string piece;
        piece.reserve(std::max<size_t>(bytes.size(), 4096));
        piece.append(bytes);
        pieces_.push_back(std::move(piece));
    }
    size_ += bytes.size();
    if (waiting_) arrived_.notify_one();
}

void BodyPipe::finish() {
    std::lock_guard lock(mutex_);
    finished_ = true;
    arrived_.notify_all();
}

void BodyPipe::fail(Error error) {
    std::lock_guard lock(mutex_);
    if (finished_ || failure_) return;
    failure_ = std::move(error);
    pieces_.clear();
    size_ = offset_ = 0;
    arrived_.notify_all();
}

bool BodyPipe::starved() {
    std::lock_guard lock(mutex_);
    return size_ == 0 && waiting_;
}

}  // namespace millrace::http
