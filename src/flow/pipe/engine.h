// EventBridge Pipes: a stream's records filtered, enriched, put into shape and delivered. A pipe is a mapping
// (src/flow/mapping) whose call is a Runner's: sources, filters, lanes, batches, retries, checkpoints and what becomes
// of records that are given up are the mapping's.
//
// Start: open(), after what it delivers to, then run(). Stop: stop(), before the Deliverer and the log.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/flow/mapping/mapping.h"
#include "src/flow/pipe/definition.h"
#include "src/flow/pipe/runner.h"

namespace millrace::flow::pipe {

struct Options {
    mapping::Options mapping;
    size_t pipes_max = 1'000;  // of an account and region, as AWS
};

struct Parts {  // all outlive the engine
    mapping::SourceParts sources;
    table::KeyValueStore& store;
    catalog::Registry& registry;
    object::Store& objects;
    const io::Clock& clock;
    io::Executor& executor;
    Runner::Deliver deliver;
};

struct Description {
    Pipe pipe;
    std::string state;   // CurrentState: "CREATING", "RUNNING", "STOPPED", ...
    std::string reason;  // what went wrong with the newest batch; ""
};

struct ListFilter {
    std::string name_prefix, source_prefix, target_prefix;
    std::string state;            // "" any
    std::optional<bool> desired;  // running
};
struct Page {
    std::vector<Description> pipes;
    std::string next;  // "" at the end
};

// Any thread. Changes are durable on return and carried out soon after, which the state shows.
class Engine {
  public:
    static Result<std::unique_ptr<Engine>> open(Options options, Parts parts);
    virtual ~Engine() = default;
    virtual void run() = 0;
    virtual void stop() = 0;

    // Fills uid, created, modified and version. already_exists; not_found: the source; invalid_argument: filters,
    // templates, paths; unsupported, by name: sources, targets, destinations of failures; resource_exhausted.
    virtual Result<Description> create(Pipe pipe) = 0;
    virtual Result<Description> describe(const Scope& scope, std::string_view name) = 0;  // not_found
    virtual Page list(const Scope& scope, const ListFilter& filter, std::string_view after, size_t limit) = 0;
    // `change` may fail: its error is returned and nothing changes. not_found; failed_precondition while another change
    // is under way; as create().
    virtual Result<Description> update(const Scope& scope, std::string_view name,
                                       const std::function<Status(const Description&, Pipe*)>& change) = 0;
    virtual Result<Description> set_tags(const Scope& scope, std::string_view name,
                                         const std::function<Status(std::map<std::string, std::string>*)>& change) = 0;
    virtual Result<Description> remove(const Scope& scope, std::string_view name) = 0;
};

}  // namespace millrace::flow::pipe
