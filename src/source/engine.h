// All sources of the server, supervised: each is polled when it is due, by a thread of its own for as long as that
// takes, so one that is slow or broken holds up no other. Definitions are durable.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/source/poller.h"

namespace millrace::catalog {
class Registry;
}

namespace millrace::source {

struct EngineOptions {
    uint32_t sources_max = 256;           // of all accounts: each may take a thread, and a body's room
    uint64_t held_bytes_max = 128 << 20;  // of all, of what their destinations do not take
};

struct Shown {
    Definition definition;
    Standing standing;
    bool under_way = false;  // a poll is: what is paused ends it first
};

// Any thread.
class Engine {
  public:
    // Reads the definitions; polls nothing before run(). All parts and `registry` outlive it. io, corruption.
    static Result<std::unique_ptr<Engine>> open(EngineOptions options, Parts parts, catalog::Registry& registry);
    virtual ~Engine() = default;  // as stop()

    // `definition` is checked; id and created are the engine's to set. already_exists; resource_exhausted over
    // sources_max; permission_denied where the URL may not be called; as check().
    virtual Status add(Definition definition) = 0;
    // A poll under way is finished. not_found.
    virtual Status pause(const Scope& scope, std::string_view name) = 0;
    virtual Status resume(const Scope& scope, std::string_view name) = 0;  // polls at once, whatever it waited for
    virtual Status remove(const Scope& scope, std::string_view name) = 0;  // forgets its keys too
    virtual std::vector<Shown> list(std::string_view account) const = 0;   // by region and name

    virtual void run() = 0;
    // No poll begins; returns when those under way have ended. The outbound client is stopped before, so that they do.
    virtual void stop() = 0;
};

}  // namespace millrace::source
