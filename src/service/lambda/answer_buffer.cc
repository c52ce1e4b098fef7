#include "src/service/lambda/answer_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "src/aws/event_stream.h"
#include "src/base/base64.h"
#include "src/base/json_text.h"
#include "src/http/waiting_source.h"

namespace millrace::service::lambda {

void AnswerBuffer::set_resume(std::function<void()> resume) {
    const std::lock_guard lock(mutex_);
    resume_ = std::move(resume);
}

bool AnswerBuffer::put(std::string_view bytes) {
    std::unique_lock lock(mutex_);
    if (abandoned_) return true;
    if (taken_ == waiting_.size()) {
        waiting_.clear();
        taken_ = 0;
    }
    waiting_ += bytes;
    held_up_ = waiting_.size() - taken_ >= full_bytes;
    const bool room = !held_up_;
    wake(lock);
    return room;
}

void AnswerBuffer::end(Result<function::InvocationResult> result) {
    std::unique_lock lock(mutex_);
    result_ = std::move(result);
    resume_ = nullptr;
    wake(lock);
}

void AnswerBuffer::wake(std::unique_lock<std::mutex>& lock) {
    const std::function<void()> told = std::exchange(wake_, nullptr);
    lock.unlock();
    if (told) told();
}

bool AnswerBuffer::ready(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    if (taken_ < waiting_.size() || result_) return true;
    wake_ = std::move(wake);
    return false;
}

std::string AnswerBuffer::take(size_t bytes_max) {
    std::function<void()> resume;
    std::string bytes;
    {
        const std::lock_guard lock(mutex_);
        bytes = waiting_.substr(taken_, bytes_max);
        taken_ += bytes.size();
        if (taken_ > full_bytes && taken_ < waiting_.size()) {
            waiting_.erase(0, taken_);
            taken_ = 0;
        }
        if (held_up_ && waiting_.size() - taken_ < low_bytes) {
            held_up_ = false;
            resume = resume_;
        }
    }
    if (resume) resume();
    return bytes;
}

const Result<function::InvocationResult>* AnswerBuffer::ended() const {
    const std::lock_guard lock(mutex_);
    return result_ && taken_ == waiting_.size() ? &*result_ : nullptr;
}

void AnswerBuffer::abandon() {
    std::function<void()> resume;
    {
        const std::lock_guard lock(mutex_);
        abandoned_ = true;
        waiting_ = std::string();
        taken_ = 0;
        wake_ = nullptr;
        resume = std::exchange(resume_, nullptr);
    }
    if (resume) resume();
}

namespace {

class Body final : public http::WaitingSource {
  public:
    explicit Body(std::shared_ptr<AnswerBuffer> buffer) : buffer_(std::move(buffer)) {}
    ~Body() override { buffer_->abandon(); }
    bool ready(std::function<void()> wake) override { return buffer_->ready(std::move(wake)); }
    Result<size_t> read(std::span<char> out) override {
        const std::string bytes = buffer_->take(out.size());
        std::memcpy(out.data(), bytes.data(), bytes.size());
        if (!bytes.empty()) return bytes.size();
        const Result<function::InvocationResult>* const result = buffer_->ended();
        if (result != nullptr && result->ok() && (*result)->function_error.empty()) return size_t{0};
        return Error{ErrorCode::cancelled, "the function's answer broke off"};
    }

  private:
    const std::shared_ptr<AnswerBuffer> buffer_;
};

std::string invoke_complete(const Result<function::InvocationResult>& result) {
    std::string members;
    const auto add = [&members](std::string_view name, std::string_view value) {
        members += members.empty() ? "\"" : ",\"";
        members += name;
        members += "\":";
        append_json_string(value, members);
    };
    if (!result.ok()) {
        add("ErrorCode", "ServiceException");
        add("ErrorDetails", result.error().message);
    } else {
        if (!result->function_error.empty()) {
            add("ErrorCode", result->function_error);
            add("ErrorDetails", result->payload);
        }
        if (!result->log_tail.empty()) add("LogResult", base64_encode(std::string_view(result->log_tail)));
    }
    return "{" + members + "}";
}

class Events final : public http::WaitingSource {
  public:
    explicit Events(std::shared_ptr<AnswerBuffer> buffer) : buffer_(std::move(buffer)) {}
    ~Events() override { buffer_->abandon(); }
    bool ready(std::function<void()> wake) override {
        return sent_ < frame_.size() || over_ || buffer_->ready(std::move(wake));
    }
    Result<size_t> read(std::span<char> out) override {
        if (sent_ == frame_.size()) next_frame();
        const size_t count = std::min(out.size(), frame_.size() - sent_);
        std::memcpy(out.data(), frame_.data() + sent_, count);
        sent_ += count;
        return count;
    }

  private:
    static constexpr size_t chunk_bytes_max = 64 * 1024;  // of a PayloadChunk

    void next_frame() {
        frame_.clear();
        sent_ = 0;
        if (over_) return;
        const std::string bytes = buffer_->take(chunk_bytes_max);
        if (!bytes.empty()) return aws::append_binary_event("PayloadChunk", bytes, frame_);
        if (const auto* result = buffer_->ended()) {
            aws::append_event("InvokeComplete", invoke_complete(*result), frame_);
            over_ = true;
        }
    }

    const std::shared_ptr<AnswerBuffer> buffer_;
    std::string frame_;
    size_t sent_ = 0;
    bool over_ = false;
};

}  // namespace

std::unique_ptr<http::BodySource> answer_body(std::shared_ptr<AnswerBuffer> buffer) {
    return std::make_unique<Body>(std::move(buffer));
}

std::unique_ptr<http::BodySource> answer_events(std::shared_ptr<AnswerBuffer> buffer) {
    return std::make_unique<Events>(std::move(buffer));
}

}  // namespace millrace::service::lambda
