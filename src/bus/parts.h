// What a bus's parts are made of, and what bounds them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "src/bus/bus_policy.h"
#include "src/bus/definition.h"
#include "src/log/log.h"

namespace millrace::catalog {
class Registry;
}
namespace millrace::io {
class Clock;
}
namespace millrace::table {
class KeyValueStore;
}
namespace millrace::target {
class Deliverer;
}

namespace millrace::bus {

struct Options {
    uint32_t threads = 2;      // that step dispatchers, archives and replays
    int64_t retry_ms = 1'000;  // before the first retry; twice as long each time, up to ten minutes
    // A bus: what waits for another try. One target has at most a quarter of it, and its share of what is left once
    // half is taken; what comes for it then is given up (dispatcher_limits.cc).
    uint64_t parked_bytes_max = 1ull << 30;
    // How long the log is kept for an archive that can not be written.
    int64_t archive_patience_ms = 86'400'000;
};

struct Parts {  // all outlive what is made of them
    log::Log& log;
    catalog::Registry& registry;
    table::KeyValueStore& store;  // of its own: store_keys.h
    const io::Clock& clock;
};

// What a dispatcher asks the other buses, and what knows replays.
class Surroundings {
  public:
    virtual ~Surroundings() = default;
    struct OtherBus {
        log::ShardKey shard;
        std::optional<BusPolicy> policy;  // another account's: asked for each event
    };
    // The bus that the ARN names, for what `account` forwards to it; none where there is no such bus.
    virtual std::optional<OtherBus> other_bus(std::string_view bus_arn, const std::string& account) = 0;
    // Which rules a replay's events are for; null: all.
    virtual std::shared_ptr<const std::set<std::string>> rules_of_replay(const Scope& scope,
                                                                         const std::string& replay) = 0;
    // Up to where every archive of the bus has read; the log is kept from there.
    virtual log::Position archived_until(const BusDefinition& bus, log::Position otherwise) = 0;
};

}  // namespace millrace::bus
