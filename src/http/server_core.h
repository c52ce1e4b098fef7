// What all connections of one server share.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "src/http/memory_budget.h"
#include "src/http/server.h"

namespace millrace::http {

class IoLoop;
class TlsContext;

struct ServerCore {
    ServerCore(ServerOptions server_options, Handler& server_handler, io::Executor& server_executor,
               io::Executor* server_uploads = nullptr);
    ~ServerCore();

    const ServerOptions options;
    const Limits& limits = options.limits;
    Handler& handler;
    io::Executor& executor;
    io::Executor& uploads;            // of streamed exchanges
    std::unique_ptr<TlsContext> tls;  // null where off
    MemoryBudget budget;
    std::atomic<bool> budget_wake_posted{false};
    std::atomic<bool> draining{false};  // stop() was called
    std::atomic<bool> stopped{false};   // the handler may be gone
    std::atomic<uint32_t> connections{0};
    std::atomic<uint64_t> connections_accepted{0};
    std::atomic<uint64_t> connections_refused{0};
    std::atomic<uint64_t> requests{0};
    std::atomic<uint64_t> refused{0};
    std::atomic<uint64_t> dropped_by_us{0};
};

}  // namespace millrace::http
