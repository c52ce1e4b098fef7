// Accepts connections in one loop and deals them to all loops, to the one with the fewest.
//
// One acceptor and not SO_REUSEPORT: the kernel would deal by a hash of the peer's port, and the handful of connections
// of a busy producer would often end on one thread; and a second server on the same port is an error, as it should be.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/http/io_loop.h"

namespace millrace::http {

struct ServerCore;

class Listener final : public EventTarget {
  public:
    // Binds and listens. Errors: invalid_argument for a host that is none, io where the address can not be bound.
    static Result<std::unique_ptr<Listener>> open(const std::string& host, uint16_t port);
    ~Listener() override;

    uint16_t port() const { return port_; }
    // Begins to accept, in loops.front()'s thread or before it runs.
    void begin(std::shared_ptr<ServerCore> core, std::vector<std::shared_ptr<IoLoop>> loops);
    void on_event(uint32_t epoll_events) override;
    void close();  // the loop's thread, or after it has ended

  private:
    explicit Listener(int descriptor, uint16_t port);
    bool accept_one();
    void shed_one();

    int descriptor_;
    int spare_;  // given up to accept and close a connection when descriptors run out
    const uint16_t port_;
    std::shared_ptr<ServerCore> core_;
    std::vector<std::shared_ptr<IoLoop>> loops_;
};

}  // namespace millrace::http
