// A function's streamed answer between the runtime, which puts bytes in as they are made, and the response, which takes
// them out as its client does. Bounded: where a client is slow its function waits; where a client is gone its function
// goes on and what it writes is dropped, as on AWS.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/function/functions.h"
#include "src/http/message.h"

namespace millrace::service::lambda {

// Any thread.
class AnswerBuffer {
  public:
    static constexpr size_t full_bytes = 512 * 1024;
    static constexpr size_t low_bytes = 128 * 1024;  // below it, more is asked for

    // --- the runtime's side
    void set_resume(std::function<void()> resume);  // of AnswerSink::Head
    bool put(std::string_view bytes);               // false: full, wait for `resume`
    void end(Result<function::InvocationResult> result);

    // --- the response's side
    // As http::WaitingSource's.
    bool ready(std::function<void()> wake);
    // Up to `bytes_max` of what is there.
    std::string take(size_t bytes_max);
    // How it ended, once all has been taken; null before.
    const Result<function::InvocationResult>* ended() const;
    void abandon();  // nobody takes any more

  private:
    void wake(std::unique_lock<std::mutex>& lock);

    mutable std::mutex mutex_;
    std::string waiting_;
    size_t taken_ = 0;  // of waiting_
    bool held_up_ = false;
    bool abandoned_ = false;
    std::optional<Result<function::InvocationResult>> result_;
    std::function<void()> resume_, wake_;
};

// The answer's bytes as a body; one that failed ends abruptly.
std::unique_ptr<http::BodySource> answer_body(std::shared_ptr<AnswerBuffer> buffer);

// The answer as InvokeWithResponseStream tells it: PayloadChunk events, then InvokeComplete with what became of it.
std::unique_ptr<http::BodySource> answer_events(std::shared_ptr<AnswerBuffer> buffer);

}  // namespace millrace::service::lambda
