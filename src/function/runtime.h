// The running half of functions: pools of environments, each a sandboxed process group that speaks Lambda's Runtime
// API.
//
// It knows no registry: whoever invokes hands over an EnvironmentSpec, all that an environment needs, resolved and
// unpacked. One thread of its own runs everything (loop.h): environments, their pipes, their timers and the calls they
// serve, so nothing in here is locked.
//
// Any thread may call. `done` callbacks and the LogSink are called on that thread: they must be quick, must not block,
// and must not throw; calling back into Runtime from them is fine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/scope.h"
#include "src/function/definition.h"
#include "src/function/functions.h"

namespace millrace::function {

// Everything an environment is made from. Immutable and shared: keep one a (function version, revision) and hand over
// the same pointer with each call; making one a call works too, pools are told apart by pool_key_of().
struct EnvironmentSpec {
    // A snapshot. `revision_id` must differ whenever code, layers or any setting differs: environments of another
    // revision are not reused. package_sha256, layers, tags and description are not read.
    FunctionDefinition definition;
    std::string code_directory;  // unpacked (PackageStore::directory), read-only from here on
    std::string opt_directory;   // layers merged in their order (PackageStore::merge); "" where none
};

// What an invocation hands to a running environment.
struct RuntimeCall {
    std::string payload;         // JSON
    std::string client_context;  // JSON; "" where none
    std::string trace_header;    // X-Amzn-Trace-Id; made where empty
    std::string request_id;      // made where empty
    std::string invoked_arn;     // as the caller named it, with the qualifier; made from the spec where empty
    bool want_log_tail = false;
    uint64_t wait_ms_max = 5000;  // how long it may wait for an environment where environments_max are busy
    std::shared_ptr<AnswerSink> sink = nullptr;  // where the answer goes as it comes; null: into the result
};
using RuntimeDone = std::function<void(Result<InvocationResult>)>;

struct RuntimeOptions {
    std::string directory;           // bootstraps and environments' private folders; emptied when opened
    uint32_t environments_max = 64;  // processes at once, of all functions
    uint64_t idle_ms_max = 300'000;  // an environment that waits longer ends
    // From an environment's start to its first `next`, or its function's timeout where that is longer: AWS's limits
    // (Lambda developer guide, "Understanding the Lambda execution environment lifecycle").
    uint64_t init_ms_max = 10'000, provisioned_init_ms_max = 130'000;
    bool sandbox_required = false;            // refuse to run without bubblewrap
    bool bubblewrap = true;                   // false: as if it were not installed
    std::string python, node;                 // "" finds them on the path
    std::vector<std::string> hidden;          // directories no function may see: the server's data
    uint64_t response_bytes_max = 6'291'556;  // AWS's limit of a synchronous answer, with its 100 bytes of room
    uint64_t streamed_bytes_max = 200 << 20;  // of an answer that goes to a sink as it comes: AWS's limit
};

struct ProvisionedCounts {
    uint32_t requested = 0;
    uint32_t ready = 0;   // started and idle or serving
    std::string failure;  // of the last start that failed; "" where none
};

class Runtime {
  public:
    // Sandboxes are probed here (which of bubblewrap, cgroups and uids this machine allows); sandbox() says what came
    // of it. failed_precondition where sandbox_required and there is none.
    static Result<std::unique_ptr<Runtime>> open(RuntimeOptions options, const io::Clock& clock, LogSink& logs);
    virtual ~Runtime() = default;  // ends every environment; calls in flight get `unavailable`
    virtual void set_surroundings(Surroundings surroundings) = 0;

    // Runs once, in an environment of the spec's pool; `done` is always called, exactly once. A function that fails,
    // crashes, times out or answers too much is a result with function_error. Errors (it did not run):
    // resource_exhausted (reserved concurrency is used up: at once; environments_max: after wait_ms_max), unsupported
    // (a runtime we have no interpreter for; named), unavailable (stopping), io (a process could not be started).
    virtual void invoke(std::shared_ptr<const EnvironmentSpec> spec, RuntimeCall call, RuntimeDone done) = 0;

    // The function version was updated or deleted: its environments of any other revision than `keep_revision` end, the
    // busy ones after their call. "" ends all of them. Calls that come later with an older spec still run.
    virtual void retire(const Scope& scope, const std::string& name, const std::string& version,
                        const std::string& keep_revision) = 0;

    // Of all versions of the function together. nullopt: no bound but environments_max. 0: every call is throttled.
    virtual void set_reserved(const Scope& scope, const std::string& name, std::optional<uint32_t> concurrency) = 0;

    // Keeps `count` environments of the spec ready, idle or not; 0 lets go. A new revision needs a new call.
    virtual void set_provisioned(std::shared_ptr<const EnvironmentSpec> spec, uint32_t count) = 0;
    virtual ProvisionedCounts provisioned(const Scope& scope, const std::string& name, const std::string& version) = 0;

    // "bubblewrap, cgroup v1, uid per environment": for the start-up line and for people who ask.
    virtual std::string sandbox() const = 0;
};

// Whether we know how to run it; the reason where not ("nodejs20.x needs node, which is not on the path"). Any thread.
Status check_runtime(const RuntimeOptions& options, std::string_view runtime);

// What tells pools apart: account, region, name, version, revision.
std::string pool_key_of(const FunctionDefinition& definition);

}  // namespace millrace::function
