// The way to the endpoint for the engines below it: they are made before it, and call services only once it is there.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>
#include <utility>

#include "src/base/service_call.h"

namespace millrace::cli {

// Any thread. Without an endpoint, before set() and after close(), every call is answered by a 503.
class LateCaller final : public ServiceCaller {
  public:
    void set(ServiceCaller* caller) { caller_ = caller; }
    // Returns once nobody is inside the endpoint's call() any more: it may go then. Not from within a call.
    void close() {
        caller_ = nullptr;
        while (calling_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    void call(ServiceCall call, std::function<void(ServiceAnswer)> done) override {
        const Calling calling(calling_);  // before the look at the pointer, as close() looks after it has cleared it
        if (ServiceCaller* const caller = caller_.load()) return caller->call(std::move(call), std::move(done));
        done({.status = 503, .headers = {}, .body = R"({"message":"The server is starting or stopping."})"});
    }

  private:
    struct Calling {
        explicit Calling(std::atomic<uint32_t>& of) : count(of) { ++count; }
        ~Calling() { --count; }
        Calling(const Calling&) = delete;
        Calling& operator=(const Calling&) = delete;
        std::atomic<uint32_t>& count;
    };
    std::atomic<ServiceCaller*> caller_{nullptr};
    std::atomic<uint32_t> calling_{0};
};

}  // namespace millrace::cli
