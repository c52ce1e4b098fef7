// Asynchronous calls, from the moment they are accepted until the function is through with them:
//
//   add       durable, then 202
//   run       when due: in order of that time, each function up to its share of what runs at once
//   failed    the function's own failure is tried again after retry_ms, then after twice that (AWS: one and two
//             minutes); throttles and faults of ours after 1 s, 2 s ... 5 min, and they use up no retry
//   done      success, retries used up, the event too old, or the function without any concurrency and with a
//             destination for that: its destination is told, and the event is gone
//
// An event that runs when the server dies runs again after the restart, as AWS promises it too (at least once).
// A function as destination is handed its record in the same write that ends the event.
//
// One thread of its own looks at what is due and at what came back; it alone writes and forgets events. Payloads wait
// on disk: in memory there are only times and ids, at most events_max of them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "src/base/result.h"
#include "src/function/async/event.h"
#include "src/function/functions.h"

namespace millrace::io {
class Executor;
}

namespace millrace::function {

struct EventQueueOptions {
    uint64_t retry_ms = 60'000;
    uint64_t events_max = 100'000;
    uint64_t event_bytes_max = uint64_t{1} << 30;
    uint32_t look_ms = 1000;    // how often the wall clock, which may step, is looked at
    uint32_t running_max = 64;  // events at once
    uint32_t running_a_function_max = 32;
};

struct EventQueueParts {
    table::KeyValueStore& store;
    const io::Clock& clock;
    io::Executor& executor;  // delivers to the sink, which may block
    DestinationSink* destinations = nullptr;
    // Runs it once, as Functions::invoke; its request_id is the same in every try.
    std::function<void(Invocation, std::function<void(Result<InvocationResult>)>)> run;
    // How many of the function's may run at once: its reserved concurrency, so that they do not throttle each other.
    std::function<uint32_t(const Scope&, std::string_view name)> concurrency;
    // How it is to be tried, as of now; not_found where the function is gone: the event is dropped.
    std::function<Result<EventInvokeConfig>(const FunctionName&)> config;
};

// Any thread.
class EventQueue {
  public:
    // Reads what waits. Nothing runs before start().
    static Result<std::unique_ptr<EventQueue>> open(EventQueueOptions options, EventQueueParts parts);
    virtual ~EventQueue() = default;  // stops; its deliveries on the executor must have ended before
    virtual void start() = 0;
    // Begins nothing more, and what comes back is not looked at: it runs again at the next start. Idempotent.
    virtual void stop() = 0;
    // Durable on return; the request id. resource_exhausted: events_max or event_bytes_max.
    virtual Result<std::string> add(Invocation invocation) = 0;
    virtual uint64_t waiting() const = 0;  // and running
};

}  // namespace millrace::function
