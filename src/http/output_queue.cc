#include "src/http/output_queue.h"

#include <utility>

namespace millrace::http {

std::string& OutputQueue::tail() {
    if (pieces_.empty() || pieces_.back().size() >= small_bytes_max) pieces_.emplace_back();
    return pieces_.back();
}

void OutputQueue::append(std::string_view bytes) {
    tail().append(bytes);
    size_ += bytes.size();
}

void OutputQueue::append(std::string&& bytes) {
    if (bytes.size() < small_bytes_max / 4) return append(std::string_view(bytes));
    size_ += bytes.size();
    pieces_.push_back(std::move(bytes));
}

int OutputQueue::gather(iovec* entries, int count) const {
    int used = 0;
    size_t offset = offset_;
    for (const std::string& piece : pieces_) {
        if (used == count) break;
        if (piece.size() > offset) {
            entries[used].iov_base = const_cast<char*>(piece.data()) + offset;
            entries[used].iov_len = piece.size() - offset;
            ++used;
        }
        offset = 0;
    }
    return used;
}

void OutputQueue::sent(size_t bytes) {
    size_ -= bytes;
    offset_ += bytes;
    while (!pieces_.empty() && offset_ >= pieces_.front().size()) {
        offset_ -= pieces_.front().size();
        if (pieces_.size() == 1 && pieces_.front().capacity() <= small_bytes_max) {
            pieces_.front().clear();  // its room serves the next response
            offset_ = 0;
            return;
        }
        pieces_.pop_front();
    }
}

void OutputQueue::clear() {
    pieces_.clear();
    offset_ = size_ = 0;
}

}  // namespace millrace::http
