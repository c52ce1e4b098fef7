// Functions: user code that runs as processes of this machine, as AWS Lambda runs it.
//
// What exists (functions, versions, aliases, layers, settings) is kept in the registry (registry/) and their packages
// on disk (package.h); what runs is runtime.h's. This file joins the two: it resolves names to versions, hands calls to
// the runtime, keeps asynchronous ones until they are done (async/), and tells the runtime what changed.
//
// Any thread. Changes are durable on return. open(): failed_precondition (no sandbox, and required), corruption, io.
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

class LayerStore;
class PackageStore;
struct ProvisionedCounts;

// "orders", "orders:live", "orders:3", or an ARN of either.
struct FunctionName {
    Scope scope;
    std::string name;
    std::string qualifier = "";  // "" or "$LATEST": the unpublished one; a number: a version; else an alias
};
// invalid_argument. `scope` is the caller's, for names that are not ARNs.
Result<FunctionName> parse_function_name(const Scope& scope, std::string_view text);

class AnswerSink;
struct Invocation {
    FunctionName function;
    std::string payload;                         // JSON; at most 6 MB (1 MB asynchronous)
    std::string client_context;                  // JSON, decoded from base64; "" where none
    bool want_log_tail = false;                  // the last 4 KB of what it wrote
    std::string trace_header;                    // X-Amzn-Trace-Id; made where empty
    std::string request_id;                      // a UUID; made where empty
    std::shared_ptr<AnswerSink> sink = nullptr;  // null: the answer is in the result
};

struct InvocationResult {
    // JSON: what the handler returned, or AWS's error object. What a function streamed, whatever it is; "" where it
    // went to an AnswerSink.
    std::string payload;
    // "": it returned. "Unhandled" (it raised, exited, timed out, ran out of memory) or "Handled".
    std::string function_error;
    std::string log_tail;
    std::string executed_version;  // "$LATEST" or a number
    std::string request_id;
    int64_t duration_us = 0;  // the function's own time, from handing over the event to the answer
    bool cold = false;
};

// Takes an answer as it comes, in place of InvocationResult::payload. Called on the runtime's thread: must be quick,
// not block, not throw. The invocation's `done` is its end, and says whether that is the answer's: where function_error
// is set, what has come is not all of it.
class AnswerSink {
  public:
    struct Head {
        std::string_view content_type;  // what the function says: "application/octet-stream"; JSON where it returned
        std::string_view executed_version;  // "$LATEST" or a number
        // To be called, from any thread, when more is wanted after take() said no. Harmless once the answer has ended.
        std::function<void()> resume;
    };
    virtual ~AnswerSink() = default;
    virtual void begin(Head head) = 0;  // before the first take(); not where the function failed before it
    // False: no more, please, until `resume`. The function then waits when it writes; its timeout runs on. What it
    // returned at once comes at once, whatever this says.
    virtual bool take(std::string_view bytes) = 0;
};

// Where lines go; called from the runtime's thread, must be quick and never fails the function. The cli joins
// it to the journal (src/journal).
class LogSink {
  public:
    virtual ~LogSink() = default;
    // `group`: "/aws/lambda/orders"; `stream`: "2026/11/21/[$LATEST]0123456789abcdef...". One event a line.
    virtual void write(const Scope& scope, const std::string& group, const std::string& stream, TimestampMs time,
                       std::string message) = 0;
};

// What an asynchronous call came to.
struct DestinationRecord {
    std::string_view key;       // its name where the destination keeps names: "aws/lambda/async/orders/2026/11/21/..."
    std::string_view function;  // the ARN of what ran, with its qualifier
    bool succeeded = false;
    std::string_view json;
};

// Where asynchronous results go that are not functions: S3 buckets, event buses. Set by the cli; null refuses. Any
// thread.
class DestinationSink {
  public:
    virtual ~DestinationSink() = default;
    virtual bool accepts(std::string_view arn) const = 0;
    // Delivered and durable on return. An error is tried again later, but for invalid_argument: the destination will
    // never take this record, which is dropped. May block.
    virtual Status deliver(const Scope& scope, std::string_view arn, const DestinationRecord& record) = 0;
};

struct Credentials {
    std::string access_key_id, secret_access_key, session_token;
};

// What user code is told about this server, so that an SDK in it finds its way back without a change.
struct Surroundings {
    std::string endpoint_url;  // "http://127.0.0.1:4566"; set once the server listens, before the first invocation
    std::string ca_file;       // of a self-signed certificate; "" where none
    // Of the account that owns the function; asked when an environment starts. Any thread.
    std::function<Credentials(const std::string& account)> credentials;
};

struct FunctionsOptions {
    std::string directory;                  // packages, layers, environments' private folders
    uint32_t environments_max = 64;         // processes at once, of all functions
    uint32_t concurrency_max = 1000;        // AWS's account limit: what reserved concurrency is taken from
    uint64_t code_bytes_max = 80530636800;  // 75 GB: AWS's limit of all packages of an account and region
    uint64_t idle_ms_max = 300'000;         // an environment that waits longer ends
    bool sandbox_required = false;          // refuse to run without bubblewrap
    std::string python, node;               // "" finds them on the path
    std::vector<std::string> hidden;        // directories that no function may see: the server's data
    // Asynchronous calls: the wait before the first retry of a failed function (AWS: a minute, then two), and how much
    // may wait in all; over it invoke_later() says resource_exhausted.
    uint64_t retry_ms = 60'000;
    uint64_t events_max = 100'000;
    uint64_t event_bytes_max = uint64_t{1} << 30;
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
    virtual ~Functions() = default;  // stops
    // Ends every environment. Calls in flight and all that come later get `unavailable`; asynchronous ones run again at
    // the next start. Before what `done` callbacks refer to goes. Any thread but one of ours; idempotent.
    virtual void stop() = 0;
    // Asynchronous calls begin to run, and provisioned environments start, once the surroundings are known.
    virtual void set_surroundings(Surroundings surroundings) = 0;

    // --- running ---
    // Runs the function and calls `done` from some thread of ours, which it must not block. Errors (the function did
    // not run): not_found, resource_exhausted (throttled: reserved concurrency or environments_max, after a short
    // wait), failed_precondition (its state does not allow it), invalid_argument, unsupported (its runtime),
    // unavailable. Does not block: a name that is not known yet is looked up on a thread of ours.
    virtual void invoke(Invocation invocation, std::function<void(Result<InvocationResult>)> done) = 0;
    Result<InvocationResult> invoke_and_wait(Invocation invocation);
    // Durable on return; then run with retries, maximum age and destinations. Returns the request id. May block.
    // resource_exhausted: too many wait already.
    virtual Result<std::string> invoke_later(Invocation invocation) = 0;
    // What DryRun checks.
    virtual Status check(const FunctionName& function) = 0;
    // The version that a qualifier means now (an alias's main one). not_found.
    virtual Result<FunctionDefinition> find(const FunctionName& function) = 0;

    // --- what exists ---
    using Record = std::shared_ptr<const FunctionRecord>;
    // Every function is in memory: no disk. not_found.
    virtual Result<Record> record(const Scope& scope, std::string_view name) = 0;
    virtual std::vector<Record> list(const Scope& scope, std::string_view after, size_t limit) = 0;
    // `definition` names a package that package_store() holds. already_exists, resource_exhausted (code_bytes_max).
    virtual Result<Record> create(FunctionRecord record) = 0;
    // Changes are made one after the other for a function. The edit's error is returned and nothing changes. Whatever
    // it changes in `latest` gets a new revision_id, from which running environments are renewed. not_found.
    using Edit = std::function<Status(FunctionRecord&)>;
    virtual Result<Record> update(const Scope& scope, std::string_view name, const Edit& edit) = 0;
    virtual Status remove(const Scope& scope, std::string_view name) = 0;  // not_found

    // Makes a version of $LATEST, or returns the newest one where nothing changed since. `check` sees the record first.
    virtual Result<FunctionDefinition> publish(const Scope& scope, std::string_view name,
                                               std::optional<std::string> description,
                                               const std::function<Status(const FunctionRecord&)>& check) = 0;
    virtual Result<FunctionDefinition> version(const FunctionRecord& record, std::string_view number) = 0;  // not_found
    // By number, after `after`.
    virtual Result<std::vector<FunctionDefinition>> versions(const FunctionRecord& record, uint64_t after,
                                                             size_t limit) = 0;
    virtual Status remove_version(const Scope& scope, std::string_view name, std::string_view number) = 0;  // not_found

    // Whose function URL that is: the host's first label. not_found.
    virtual Result<FunctionName> find_url(std::string_view url_id) = 0;
    // What is reserved of concurrency_max in the scope, all functions' together, and what code takes.
    struct Usage {
        uint64_t functions = 0;
        uint64_t code_bytes = 0;
        uint64_t reserved_concurrency = 0;
    };
    virtual Usage usage(const Scope& scope) = 0;
    virtual bool accepts_destination(std::string_view arn) = 0;  // a function, or what the DestinationSink accepts

    virtual LayerStore& layers() = 0;
    virtual PackageStore& packages() = 0;
    virtual ProvisionedCounts provisioned(const Scope& scope, const std::string& name, const std::string& version) = 0;
    virtual const FunctionsOptions& options() const = 0;
};

}  // namespace millrace::function
