// Functions: user code that runs as processes of this machine, as AWS Lambda runs it.
//
// What exists (functions, versions, aliases, layers, settings) is kept in the registry and their packages on disk;
// what runs is a pool of environments a function version (pool.h), each a process group in a sandbox (sandbox.h) that
// speaks Lambda's Runtime API (runtime_api.h) to this process.
//
// Any thread. Changes are durable on return.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/scope.h"
#include "src/function/definition.h"

namespace millrace::io {
class Clock;
class FileSystem;
}  // namespace millrace::io
namespace millrace::catalog {
class Registry;
}
namespace millrace::table {
class KeyValueStore;
}

namespace millrace::function {

// "orders", "orders:live", "orders:3", or an ARN of either.
struct FunctionName {
    Scope scope;
    std::string name;
    std::string qualifier = "";  // "" or "$LATEST": the unpublished one; a number: a version; else an alias
};
// invalid_argument. `scope` is the caller's, for names that are not ARNs.
Result<FunctionName> parse_function_name(const Scope& scope, std::string_view text);

struct Invocation {
    FunctionName function;
    std::string payload;         // JSON; at most 6 MB (1 MB asynchronous)
    std::string client_context;  // JSON, decoded from base64; "" where none
    bool want_log_tail = false;  // the last 4 KB of what it wrote
    std::string trace_header;    // X-Amzn-Trace-Id; made where empty
};

struct InvocationResult {
    std::string payload;  // JSON: what the handler returned, or AWS's error object
    // "": it returned. "Unhandled" (it raised, exited, timed out, ran out of memory) or "Handled".
    std::string function_error;
    std::string log_tail;
    std::string executed_version;  // "$LATEST" or a number
    std::string request_id;
    int64_t duration_us = 0;  // the function's own time, from handing over the event to the answer
    bool cold = false;
};

// Where lines go; called from the environment's own threads, must be quick and never fails the function. The cli joins
// it to the journal (src/journal).
class LogSink {
  public:
    virtual ~LogSink() = default;
    // `group`: "/aws/lambda/orders"; `stream`: "2026/11/21/[$LATEST]0123456789abcdef...". One event a line.
    virtual void write(const Scope& scope, const std::string& group, const std::string& stream, TimestampMs time,
                       std::string message) = 0;
};

// Where asynchronous results go that are not functions: an S3 bucket, an event bus. Set by the cli; null refuses.
class DestinationSink {
  public:
    virtual ~DestinationSink() = default;
    virtual bool accepts(std::string_view arn) const = 0;
    virtual Status deliver(const Scope& scope, std::string_view arn, std::string_view record_json) = 0;
};

// What user code is told about this server, so that an SDK in it finds its way back without a change.
struct Surroundings {
    std::string endpoint_url;  // "http://127.0.0.1:4566"; set once the server listens, before the first invocation
    std::string ca_file;       // of a self-signed certificate; "" where none
    std::string access_key_id, secret_access_key, session_token;
};

struct FunctionsOptions {
    std::string directory;            // packages, layers, environments' private folders
    uint32_t environments_max = 64;   // processes at once, of all functions
    uint32_t concurrency_max = 1000;  // AWS's account limit: what reserved concurrency is taken from
    uint64_t idle_ms_max = 300'000;   // an environment that waits longer ends
    bool sandbox_required = false;    // refuse to run without bubblewrap
    std::string python, node;         // "" finds them on the path
};

struct FunctionsParts {
    catalog::Registry& registry;
    table::KeyValueStore& store;  // asynchronous events that wait
    const io::Clock& clock;
    LogSink& logs;
    DestinationSink* destinations = nullptr;
};

class Functions {
  public:
    static Result<std::unique_ptr<Functions>> open(FunctionsOptions options, FunctionsParts parts);
    virtual ~Functions() = default;  // ends every environment
    virtual void set_surroundings(Surroundings surroundings) = 0;

    // --- running ---
    // Runs the function and calls `done` from some thread of ours. Errors (the function did not run): not_found,
    // resource_exhausted (throttled: reserved concurrency or environments_max, after a short wait), failed_precondition
    // (its state does not allow it), invalid_argument, unavailable.
    virtual void invoke(Invocation invocation, std::function<void(Result<InvocationResult>)> done) = 0;
    Result<InvocationResult> invoke_and_wait(Invocation invocation);
    // Durable on return; then run with retries, maximum age and destinations. Returns the request id.
    virtual Result<std::string> invoke_later(Invocation invocation) = 0;
    // What DryRun checks.
    virtual Status check(const FunctionName& function) = 0;

    // --- what exists: definition.h has the structs; the rest of the contract is there and in the owner's hands ---
    virtual Result<FunctionDefinition> find(const FunctionName& function) = 0;  // not_found
};

}  // namespace millrace::function
