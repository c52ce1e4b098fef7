// Event buses, their rules, archives and replays: what the service (src/service/events) calls.
//
// An event is accepted once it is durable in its bus's shard of the log (see event.h for what is written there). From
// there a dispatcher (dispatcher.h) reads it and hands it to the targets of the rules it matches, and archives
// (archive.h) read it for themselves.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/bus/archive.h"
#include "src/bus/definition.h"
#include "src/bus/dispatcher.h"
#include "src/bus/parts.h"
#include "src/bus/rules.h"

namespace millrace::bus {

// Any thread. Changes are durable on return. `scope` and names are as users write them.
class Buses {
  public:
    // Reads what there is. Nothing is delivered before run().
    static Result<std::unique_ptr<Buses>> open(Options options, Parts parts);
    virtual ~Buses() = default;

    virtual Status run(target::Deliverer& deliverer) = 0;  // once; the deliverer outlives stop()
    virtual void stop() = 0;                               // after the steps under way

    // ---- buses. Every scope has "default", which is made when it is first named.
    using BusPtr = std::shared_ptr<const BusDefinition>;
    virtual Result<BusPtr> find(const Scope& scope, const std::string& name) = 0;  // not_found
    virtual Result<BusPtr> create(BusDefinition wanted) = 0;                       // already_exists
    virtual Result<BusPtr> change(const Scope& scope, const std::string& name,
                                  const std::function<Status(BusDefinition&)>& change) = 0;
    // failed_precondition where it has rules; invalid_argument for "default".
    virtual Status remove(const Scope& scope, const std::string& name) = 0;
    virtual Result<std::vector<BusPtr>> list(const Scope& scope) = 0;

    // ---- rules
    virtual Result<std::vector<RulePtr>> rules(const Scope& scope, const std::string& bus) = 0;
    virtual Result<RulePtr> rule(const Scope& scope, const std::string& bus, const std::string& name) = 0;
    // `change` gets the rule as it is, or a new one where there is none and `may_create` (not_found otherwise); what it
    // leaves is compiled and kept. invalid_argument, unsupported: as Rule::compile.
    virtual Result<RulePtr> change_rule(const Scope& scope, const std::string& bus, const std::string& name,
                                        bool may_create, const std::function<Status(RuleDefinition&)>& change) = 0;
    virtual Status remove_rule(const Scope& scope, const std::string& bus, const std::string& name) = 0;
    virtual Result<uint64_t> next_uid() = 0;  // for a new target

    // ---- archives and replays
    struct ArchiveInfo {
        ArchiveDefinition definition;
        ArchiveState state;
        std::string problem;  // why it can not be written at the moment; "" where it can
    };
    virtual Result<ArchiveInfo> create_archive(ArchiveDefinition wanted) = 0;
    virtual Result<ArchiveInfo> archive(const Scope& scope, const std::string& name) = 0;
    virtual Result<ArchiveInfo> change_archive(const Scope& scope, const std::string& name,
                                               const std::function<Status(ArchiveDefinition&)>& change) = 0;
    // failed_precondition while it is replayed.
    virtual Status remove_archive(const Scope& scope, const std::string& name) = 0;
    virtual std::vector<ArchiveInfo> archives(const Scope& scope) = 0;

    virtual Result<ReplayDefinition> start_replay(ReplayDefinition wanted) = 0;
    virtual Result<ReplayDefinition> replay(const Scope& scope, const std::string& name) = 0;
    virtual Result<ReplayDefinition> cancel_replay(const Scope& scope, const std::string& name) = 0;
    virtual std::vector<ReplayDefinition> replays(const Scope& scope) = 0;

    // What the dispatchers did, for whoever watches.
    struct Watch {
        BusPtr bus;
        uint64_t events = 0, matched = 0, delivered = 0, retried = 0, dead = 0, dropped = 0, overflowed = 0,
                 waiting = 0, waiting_bytes = 0;
    };
    virtual std::vector<Watch> watch() = 0;
};

}  // namespace millrace::bus
