// Event source mappings: streams to functions. Every mapping's definition, its checkpoint, and the threads that move
// them all along (lane.h and mapping.h are the picture). At least once: what a function has not answered well for is
// called again, also after a kill, until it is done, or is given up as the settings say.
//
// Start: open(), after the log, the tables, the functions, objects and the catalog. Stop: destruction, before them.
// Calls under way are not waited for: their batches come again.
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
#include "src/flow/mapping/definition.h"
#include "src/flow/mapping/mapping.h"
#include "src/flow/mapping/options.h"

namespace millrace::flow::mapping {

struct MappingPage {
    std::vector<Description> mappings;
    std::string next;  // "" at the end
};

struct Consumer {
    Description mapping;
    std::vector<ShardDescription> shards;
};

// Any thread. Changes are durable on return; they are carried out soon after, which the state shows.
class Engine {
  public:
    static Result<std::unique_ptr<Engine>> open(Options options, Parts parts);
    virtual ~Engine() = default;
    virtual void run() = 0;
    virtual void stop() = 0;  // no function is called once it has returned

    // Fills uuid, modified and version. already_exists: the same function is mapped to the same source (the message
    // names the mapping); not_found: no such source; invalid_argument: a filter; unsupported: the source or
    // destination.
    virtual Result<Description> create(Definition definition) = 0;
    virtual Result<Description> describe(const Scope& scope, std::string_view uuid) = 0;  // not_found
    // In the order of their uuids, strictly after `after`. `source_arn`, `function`: "" and nullopt take any; a
    // function without a qualifier takes only mappings without one, as AWS does.
    virtual MappingPage list(const Scope& scope, std::string_view source_arn,
                             const std::optional<function::FunctionName>& function, std::string_view after,
                             size_t limit) = 0;
    // `change` may fail: its error is returned and nothing changes. not_found; failed_precondition while another change
    // is under way; as create().
    virtual Result<Description> update(const Scope& scope, std::string_view uuid,
                                       const std::function<Status(Settings*)>& change) = 0;
    virtual Result<Description> set_tags(const Scope& scope, std::string_view uuid,
                                         std::map<std::string, std::string> tags) = 0;
    virtual Result<Description> remove(const Scope& scope, std::string_view uuid) = 0;  // not_found

    // Where everybody of an account is. Reads the sources.
    virtual std::vector<Consumer> consumers(std::string_view account) = 0;
    // Everything from the first record at or after `time` on comes (again). not_found; invalid_argument: in the future.
    virtual Status rewind(std::string_view account, std::string_view uuid, TimestampMs time) = 0;
};

}  // namespace millrace::flow::mapping
