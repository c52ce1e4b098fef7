// What a pipe's mapping calls in a function's place: the batch goes through the enrichment to the target, and what came
// of it is said as a function would, with the records that have to come again.
//
// Items go to the target in order. Where some of them fail, the batch is done up to the first of those; what stands
// behind it comes again, as a mapping has it. Behind an enrichment, whose events need not be the records one by one, a
// failure is the whole batch's (AWS retries from the enrichment on, too).
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/flow/mapping/mapping.h"
#include "src/flow/pipe/program.h"

namespace millrace::io {
class Clock;
class Executor;
}  // namespace millrace::io

namespace millrace::flow::pipe {

class Runner : public std::enable_shared_from_this<Runner> {
  public:
    // `deliver` is target::Deliverer's. All outlive what is under way.
    using Deliver = std::function<void(Delivery, std::function<void(std::vector<target::Outcome>)>)>;
    Runner(Deliver deliver, io::Executor& executor, const io::Clock& clock)
        : deliver_(std::move(deliver)), executor_(executor), clock_(clock) {}

    // For the batches to come. Any thread.
    void set(std::shared_ptr<const Program> program);
    // `payload` is a mapping's call. Any thread; `done` comes from any other, or this one.
    void run(std::string payload, mapping::CallDone done);
    // What went wrong with the newest batch, as a sentence; "" where it went well. Any thread.
    std::string problem() const;

  private:
    struct Batch;
    void enrich(std::shared_ptr<Batch> batch);
    void deliver(const std::shared_ptr<Batch>& batch, const Events& events);
    void delivered(Batch& batch, const std::vector<target::Outcome>& outcomes);
    void fail(Batch& batch, const target::Outcome& outcome, std::string_view where);
    void fail(Batch& batch, std::string message);
    void succeed(Batch& batch, std::string payload = "null");
    void remember(std::string problem);

    const Deliver deliver_;
    io::Executor& executor_;
    const io::Clock& clock_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Program> program_;
    std::string problem_;
};

}  // namespace millrace::flow::pipe
