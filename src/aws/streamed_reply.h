// The duty to answer a direct call whose answer has a streamed body: as Reply (call.h), for what begins later than its
// handler returns.
#pragma once

#include <memory>
#include <utility>

#include "src/aws/call.h"

namespace millrace::aws {

// Copyable; answer through one copy, once, from any thread.
template <class Output>
class StreamedReply {
  public:
    explicit StreamedReply(std::shared_ptr<detail::CallState> call) : call_(std::move(call)) {}
    void operator()(Streamed<Output> answer) const {
        detail::answer(*call_, detail::Answer{&shape_of(static_cast<const Output*>(nullptr)), &answer.output,
                                              std::move(answer.source), answer.source_size, answer.status});
    }
    void operator()(const Failure& failure) const { detail::answer(*call_, failure); }

  private:
    std::shared_ptr<detail::CallState> call_;
};

}  // namespace millrace::aws
